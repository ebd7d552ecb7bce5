import { expect, test } from 'vitest';
import { createLog } from '../../src/harness/log.ts';

test('text from a client cannot control the terminal that shows the log', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const user = 'B09901\n{"level":30,"msg":"all is well"}\u009b2J\u202e';
  log.error({ user }, 'SFTP');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/\n$/);
  expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ user, msg: 'SFTP' });
});
