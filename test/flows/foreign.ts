import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Whether a program is here; a test of it is skipped only where it is not. */
export function has(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { timeout: 20_000 }).status === 0;
}

/** Before a Java source: it runs for seconds, which is too short for a second compiler and for collectors in parallel. */
export const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'] as const;

/** Runs a program that nobody here wrote; never for longer than 60 s. */
export async function run(program: string, args: readonly string[], input = '') {
  const child = spawn(program, args, { timeout: 60_000, killSignal: 'SIGKILL' });
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
