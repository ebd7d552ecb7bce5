import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// A socket that is shutting down and is then reset leaves Node's clean-up waiting for ever, at full load.
test('a process whose harness drained a kept-alive connection ends', async () => {
  const script = join(import.meta.dirname, 'drained-exit.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000, killSignal: 'SIGKILL' });
  expect(stdout).toBe('stopped\n');
});
