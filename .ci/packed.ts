/**
 * The package as its users have it: packed, its types looked at, installed into an empty project, and there type-checked,
 * started in process and by its command.
 *
 * `node .ci/packed.ts [NODE ...]`: the programs that run it; left out, the Node of this very process. One that `engines`
 * does not admit must be told so by the command.
 */
import { deepEqual, equal, match } from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { CONFIGURATION } from '../src/commands/exit-codes.ts';
import { OLDEST_NODE } from '../src/commands/node-version.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const { version, devDependencies } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
const root = mkdtempSync(join(tmpdir(), 'ccass-packed-'));
const project = join(root, 'project');
const COMMAND = join(project, 'node_modules', '.bin', 'ccass-harness');

/** An environment without what `npm run` tells its scripts of another project, in which that Node comes first. */
function environmentOf(node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|PATH$)/i.test(name));
  return { ...Object.fromEntries(kept), PATH: [dirname(node), process.env.PATH].join(delimiter) };
}

/** What a program prints, which must end well. Its complaints are shown as they are. */
function run(program: string, args: readonly string[], cwd = project, node = process.execPath): string {
  const options = { cwd, env: environmentOf(node), encoding: 'utf8', timeout: 300_000 } as const;
  try {
    return execFileSync(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    process.stderr.write((error as { stdout?: string }).stdout ?? '');
    throw error;
  }
}

/** As README.md says, which builds it. */
function pack(): string {
  run('npm', ['pack', '--pack-destination', root, '--loglevel=error'], REPOSITORY);
  const tarballs = readdirSync(root);
  deepEqual(tarballs, [`ccass-harness-${version}.tgz`]);
  return join(root, String(tarballs[0]));
}

/** The package is ES modules only: whoever requires it, or resolves as Node 10 did, is no user of it. */
async function typesAreRight(tarball: string) {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!analysis.types) throw new Error('the package has no types');
  const users = ['node16-esm', 'bundler'] as const;
  const problems = analysis.problems.filter((problem) =>
    users.some((resolution) => problemAffectsResolutionKind(problem, resolution, analysis)),
  );
  deepEqual(problems, []);
  console.log('packed: attw finds its types right');
}

function install(tarball: string) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  copyFileSync(join(import.meta.dirname, 'consumer', 'consumer.ts'), join(project, 'consumer.ts'));
  const tools = ['typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // The native part of ssh2 is optional, and npm 12 builds none without being told to.
  run('npm', ['install', '--ignore-scripts', ...quietly, tarball, ...tools]);
}

/** With the declarations of the package and of all that they name. */
function typeCheck(moduleResolution: 'node16' | 'nodenext' | 'bundler') {
  const config = `tsconfig.${moduleResolution}.json`;
  const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', types: ['node'], module, moduleResolution };
  writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', config]);
  console.log(`packed: a consumer type-checks by ${moduleResolution}`);
}

async function consume(node: string) {
  const running = run(node, ['--version']).trim();
  const major = Number.parseInt(running.slice(1), 10);
  await (major < OLDEST_NODE ? refusedBy(node, running) : ranBy(node, running));
}

function refusedBy(node: string, running: string) {
  const asked = spawnSync(COMMAND, ['--version'], { cwd: project, env: environmentOf(node), encoding: 'utf8' });
  deepEqual([asked.status, asked.stdout], [CONFIGURATION, '']);
  match(asked.stderr, /^[^\n]+\n$/);
  for (const part of [`needs Node ${OLDEST_NODE}`, `this is Node ${running.slice(1)} `, 'Install'])
    equal(asked.stderr.includes(part), true, `"${part}" is not in ${asked.stderr}`);
  console.log(`packed: Node ${running} is told that it is too old`);
}

async function ranBy(node: string, running: string) {
  equal(run('npx', ['ccass-harness', '--version'], project, node), `${version}\n`);
  equal(run(node, ['consumer.ts'], project, node), `consumed ${version}\n`);

  const up = spawn(COMMAND, ['up', '--json', '--port-base', '0'], {
    cwd: project,
    env: environmentOf(node),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(up.stdout), 'line', { signal: AbortSignal.timeout(60_000) })) as [
      string,
    ];
    const { admin } = JSON.parse(line).addresses;
    run('npx', ['ccass-harness', 'ready', '--admin', admin], project, node);
    up.kill('SIGTERM');
    deepEqual(await once(up, 'exit', { signal: AbortSignal.timeout(30_000) }), [0, null]);
  } finally {
    up.kill('SIGKILL');
  }
  console.log(`packed: Node ${running} runs it, in process and by its command`);
}

try {
  const tarball = pack();
  await typesAreRight(tarball);
  install(tarball);
  typeCheck('node16');
  typeCheck('nodenext');
  typeCheck('bundler');
  for (const node of process.argv.length > 2 ? process.argv.slice(2) : [process.execPath]) await consume(node);
} finally {
  rmSync(root, { recursive: true, force: true });
}
