import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { remoteControl } from '../../src/client/remote-control.ts';
import type { Control } from '../../src/control/control.ts';
import type { Harness } from '../../src/harness/options.ts';

/** The output of `up --json`. */
export type UpAnswer = Pick<
  Harness,
  'addresses' | 'ca' | 'caPath' | 'token' | 'seed' | 'version' | 'demo' | 'recovered'
>;

export interface Up {
  readonly info: UpAnswer;
  readonly pid: number;
  readonly control: Control;
  /** Sends a signal; resolves with the exit code and standard error once the process has ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
  /** Resolves when the output contains the text. */
  complained(what: RegExp): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

function started(args: readonly string[], before: readonly string[] = []) {
  const [file = '', ...rest] = [...before, process.execPath, CLI, 'up', '--json', '--port-base', '0', ...args];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal, stderr }));
  return { child, exit, said: () => stderr };
}

/** The harness in its own process, on free ports. Rejects with its standard error if it does not start. */
export function up(...args: string[]): Promise<Up> {
  return upAfter([], ...args);
}

/** As `up`, started by a command that runs what follows it in its own process, such as `env`. */
export async function upAfter(before: readonly string[], ...args: string[]): Promise<Up> {
  const { child, exit, said } = started(args, before);
  const line = await Promise.race([firstLine(child), exit]);
  if (typeof line !== 'string') throw new Error(`up ended with ${line.code}: ${line.stderr}`);
  const info: UpAnswer = JSON.parse(line);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exit;
  };
  return {
    info,
    pid: child.pid ?? 0,
    control: remoteControl({ url: info.addresses.admin }),
    end,
    complained: (what) =>
      new Promise((resolve) => {
        const look = () => {
          if (what.test(said())) resolve();
          else child.stderr.once('data', look);
        };
        look();
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}

/** A start that is expected to fail: its exit code and output. */
export async function failedUp(...args: string[]) {
  const { child, exit } = started(args);
  const line = await Promise.race([firstLine(child), exit]);
  if (typeof line !== 'string') return line;
  child.kill('SIGKILL');
  throw new Error(`it came up: ${line}`);
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the child has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  return new Promise(() => undefined);
}

/** A folder that is removed at the end of the test. */
export async function temporary(prefix: string) {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
