import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Whether a program is installed; its tests are skipped only where it is not. */
export function has(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { timeout: 20_000 }).status === 0;
}

/** Options for a Java source file: it runs for seconds, too short for a second compiler and parallel collectors. */
export const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'] as const;

/** Starts a program that answers each line with a line. Starting takes most of the time, so one process does everything. */
export function conversation(program: string, args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 200_000, env: env ?? process.env });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async say(command: string): Promise<string> {
      child.stdin.write(`${command}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} has ended`);
      return value;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** Runs a third-party program, for 60 s at most. */
export async function run(program: string, args: readonly string[], input = '', env = process.env) {
  const child = spawn(program, args, { timeout: 60_000, killSignal: 'SIGKILL', env });
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  const stdout = Buffer.concat(chunks.stdout);
  return {
    code: code as number | null,
    bytes: stdout,
    stdout: stdout.toString(),
    stderr: Buffer.concat(chunks.stderr).toString(),
  };
}
