// Run in a separate process by sqlite-log.test.ts, which kills it: appends groups for ever and reports what is durable.
import { writeSync } from 'node:fs';
import { openSqliteLog } from '../../../src/store/log/sqlite-log.ts';
import { commits } from '../../support/commits.ts';

const log = openSqliteLog({ file: process.argv[2] ?? '', program: 'appender 1' });
for (let size = 1; ; size = (size % 7) + 1) {
  const head = log.head();
  await log.append(commits(size, head.index + 1), head);
  writeSync(1, `${log.head().index}\n`);
}
