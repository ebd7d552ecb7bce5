import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { CliContext } from '../../src/commands/cli-context.ts';
import { run } from '../../src/commands/program.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';

export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** The addresses that documents print, in place of a test's free ports. */
const DOCUMENTED = {
  line: 'https://127.0.0.1:7043',
  primary: 'https://127.0.0.1:7044',
  backup: 'https://127.0.0.1:7045',
  admin: 'http://127.0.0.1:7080',
  sftp: 'sftp://127.0.0.1:7022',
  sftpPrimary: 'sftp://127.0.0.1:7023',
  sftpBackup: 'sftp://127.0.0.1:7024',
} as const;
const NAMES = Object.keys(DOCUMENTED) as (keyof typeof DOCUMENTED)[];
/** What package.json's scripts call, so that their commands run in this process: `npm` itself takes longer than they do. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = { 'npm start': ['up'], 'npm run -s harness': [] };

export interface Ran {
  readonly code: number;
  /** What a terminal shows, with the documented addresses. */
  readonly output: string;
}

/** A temporary folder with a clone and a user's project, in which commands run exactly as they are printed. */
export interface Workspace extends AsyncDisposable {
  readonly clone: string;
  readonly project: string;
  run(command: string, where: 'clone' | 'project'): Promise<Ran>;
  /** A text with the running harness's real addresses, for programs that, unlike curl, cannot be redirected there. */
  real(text: string): string;
  /** What `git status` would list: files that commands left in the clone and .gitignore does not name. */
  untracked(): string[];
}

export function createWorkspace(): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'readme-')));
  const [clone, project, installed] = [join(root, 'clone'), join(root, 'project'), join(root, 'installed')];
  for (const folder of [join(clone, 'certs'), join(project, 'node_modules', '.bin'), installed])
    mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'src', 'fixtures', 'examples'])
    symlinkSync(join(REPOSITORY, name), join(clone, name));
  for (const name of ['.gitignore', 'certs/.gitignore']) copyFileSync(join(REPOSITORY, name), join(clone, name));
  execFileSync('git', ['init', '--quiet'], { cwd: clone });
  const others = () =>
    execFileSync('git', ['ls-files', '--others', '--exclude-standard'], { cwd: clone, encoding: 'utf8' })
      .split('\n')
      .filter((name) => name !== '');
  const cloned = others();
  // The package as it is installed, but for the build: its sources run as they are.
  symlinkSync(join(REPOSITORY, 'src'), join(installed, 'src'));
  writeJson(join(installed, 'package.json'), { name: 'ccass-harness', type: 'module', exports: './src/index.ts' });
  symlinkSync(installed, join(project, 'node_modules', 'ccass-harness'));
  const cli = join(REPOSITORY, 'src', 'cli.ts');
  writeFileSync(join(project, 'node_modules', '.bin', 'ccass-harness'), `#!/bin/sh\nexec node '${cli}' "$@"\n`, {
    mode: 0o755,
  });
  writeFileSync(join(root, '.curlrc'), CURL_OPTIONS.join('\n'));
  // As `npm init -y` writes it: its .ts and .js files are CommonJS.
  const scripts = { test: 'node --test' };
  writeJson(join(project, 'package.json'), { name: 'project', version: '1.0.0', type: 'commonjs', scripts });

  let harness: Harness | undefined;
  let stop = async () => {};

  /** One command of the CLI in this process; resolves when it ends, or for `up` when it has started. */
  async function inProcess(words: readonly string[]): Promise<Ran> {
    const shown: string[] = [];
    const up = words[0] === 'up';
    const interrupts: (() => void)[] = [];
    const started = Promise.withResolvers<void>();
    const context: CliContext = {
      environment: {
        CCASS_HARNESS_PORT_BASE: '0',
        ...(words.includes('--data') ? {} : { CCASS_HARNESS_CERTS: join(clone, 'certs') }),
        ...(up || !harness ? {} : { CCASS_HARNESS_ADMIN: harness.addresses.admin }),
      },
      invocation: 'npm run -s harness --',
      version: '0.0.0',
      platform: 'linux',
      terminal: false,
      print: (line) => void shown.push(line),
      printError: (line) => void (up || shown.push(line)),
      printed: async () => {},
      onSignal(handler) {
        interrupts.push(() => handler('SIGINT'));
        started.resolve();
        return () => undefined;
      },
      exit: () => undefined,
      startHarness: async (options) => {
        const begun = await startHarness(options);
        if (up) harness = begun;
        return begun;
      },
      rehearse: async (options) => (await import('../../src/rehearsal/rehearse.ts')).rehearse(options),
    };
    if (up) await stop();
    // A worker thread cannot change its directory, so relative paths are resolved here, as in a shell in the clone.
    const running = run(
      words.map((word) => (word.startsWith('./') ? join(clone, word) : word)),
      context,
    );
    if (!up) return { code: await running, output: documented(shown.join('\n')) };
    const ended = await Promise.race([running, started.promise]);
    if (ended !== undefined) return { code: ended, output: shown.join('\n') };
    stop = async () => {
      for (const interrupt of interrupts.splice(0)) interrupt();
      await running;
    };
    if (harness) writeFileSync(join(root, '.curlrc'), curlrc(harness));
    return { code: 0, output: documented(shown.join('\n')) };
  }

  function inShell(command: string, where: 'clone' | 'project'): Promise<Ran> {
    const environment = {
      PATH: [dirname(process.execPath), join(project, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      HOME: root,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NODE_TEST_CONTEXT: undefined,
      // A program finds the harness by it, as the command line does at the default address.
      CCASS_HARNESS_ADMIN: harness?.addresses.admin,
      // Nothing here asks a registry.
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    };
    // .curlrc redirects curl to the real ports; sftp has no such file.
    const shown = /\bsftp\b/.test(command) ? real(command) : command;
    return new Promise((resolve) => {
      const options = { cwd: where === 'clone' ? clone : project, env: environment, timeout: 60_000 };
      // npx takes longer to find the program than the program to run.
      const child = execFile('sh', ['-c', shown.replace(/^npx /, '')], options, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: documented([stderr, stdout].join('')) });
      });
    });
  }

  function documented(text: string): string {
    if (!harness) return text;
    const { addresses } = harness;
    return NAMES.reduce((said, name) => said.replaceAll(addresses[name], DOCUMENTED[name]), text);
  }

  function real(text: string): string {
    if (!harness) return text;
    const { addresses } = harness;
    return NAMES.reduce((said, name) => {
      const [told, port] = [DOCUMENTED[name], addresses[name]].map((url) => new URL(url).port);
      // As part of a URL, or as sftp's option.
      return said.replaceAll(`:${told}`, `:${port}`).replaceAll(` -P ${told} `, ` -P ${port} `);
    }, text);
  }

  return {
    clone,
    project,
    run(command, where) {
      for (const [script, first] of Object.entries(SCRIPTS)) {
        if (command === script) return inProcess(first);
        if (command.startsWith(`${script} -- `)) {
          return inProcess([
            ...first,
            ...command
              .slice(script.length + 4)
              .trim()
              .split(/ +/),
          ]);
        }
      }
      return inShell(command, where);
    },
    real,
    untracked: () => others().filter((name) => !cloned.includes(name)),
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Without them curl shows its progress where output is no terminal. */
const CURL_OPTIONS = ['silent', 'show-error', ''];

/** Redirects curl from the documented ports, where nothing listens, to those of this test; the command stays as printed. */
function curlrc({ addresses }: Harness): string {
  const host = (url: string) => new URL(url).host;
  const rows = NAMES.map((name) => `connect-to = "${host(DOCUMENTED[name])}:${host(addresses[name])}"`);
  return [...rows, ...CURL_OPTIONS].join('\n');
}

function writeJson(path: string, value: unknown) {
  writeFileSync(path, JSON.stringify(value));
}
