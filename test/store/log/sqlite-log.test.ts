import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fenced, LogDamaged, ORIGIN } from '../../../src/store/log/log.ts';
import { openSqliteLog } from '../../../src/store/log/sqlite-log.ts';
import { commit, commits } from '../../support/commits.ts';
import { logContract, readAll } from './log.contract.ts';

let folder: string;
let files = 0;
const newFile = () => join(folder, `${++files}.sqlite`);
const program = 'ccass-harness 0.1.0';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

logContract('in SQLite', async () => openSqliteLog({ file: newFile(), program }));

describe('a change log in SQLite', () => {
  test('is the same after reopening', async () => {
    const file = newFile();
    const before = openSqliteLog({ file, program });
    const opening = commit(1, 1, { opens: 'backup', changes: [] });
    await before.append([opening, ...commits(30, 2)], ORIGIN);
    await before.truncate(20);
    await before.close();
    await before.close();
    const after = openSqliteLog({ file, program });
    expect(after.head()).toEqual({ epoch: 1, index: 20 });
    expect(await readAll(after)).toEqual([opening, ...commits(19, 2)]);
    await after.append([commit(21, 2)], { epoch: 1, index: 20 });
    await after.close();
  });

  test('survives a kill during appends: every acknowledged commit is there, and none in part', async () => {
    const file = newFile();
    const child = spawn(process.execPath, [fileURLToPath(new URL('appender.ts', import.meta.url)), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let acknowledged = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged > 150) child.kill('SIGKILL');
    }
    expect(await exited).toEqual([null, 'SIGKILL']);
    const log = openSqliteLog({ file, program });
    const { index } = log.head();
    expect(acknowledged).toBeGreaterThan(150);
    expect(index).toBeGreaterThanOrEqual(acknowledged);
    expect(await readAll(log)).toEqual(commits(index));
    await log.close();
  });

  test('is fenced by another connection that wrote to the same file', async () => {
    const file = newFile();
    const one = openSqliteLog({ file, program });
    const two = openSqliteLog({ file, program });
    await two.append([commit(1, 2)], ORIGIN);
    await expect(one.append([commit(1)], ORIGIN)).rejects.toThrow(Fenced);
    expect(one.head()).toEqual({ epoch: 2, index: 1 });
    await one.close();
    await two.close();
  });

  test('a full disk rejects with ENOSPC, and the log stays as it was', async () => {
    const file = newFile();
    const full = openSqliteLog({ file, program, maxBytes: 32 * 1024 });
    await full.append([commit(1)], ORIGIN);
    const changes = Array.from({ length: 400 }, (_, i) => commit(i).changes).flat();
    await expect(full.append([commit(2, 1, { changes })], full.head())).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(full.head()).toEqual({ epoch: 1, index: 1 });
    await full.append([commit(2)], full.head());
    expect(await readAll(full)).toEqual(commits(2));
    await full.close();
  });

  test('refuses a log of another format, naming the file, both formats, the program and what to do', async () => {
    const file = newFile();
    await openSqliteLog({ file, program: 'ccass-harness 9.8.7' }).close();
    const db = new DatabaseSync(file);
    db.exec("UPDATE meta SET value = '42' WHERE name = 'format'");
    db.close();
    expect(() => openSqliteLog({ file, program })).toThrow(
      `${file} is a change log of format 42, written by ccass-harness 9.8.7; this is ccass-harness 0.1.0, which reads ` +
        'format 2. Start it with ccass-harness 9.8.7, or name another data folder.',
    );
  });

  test('refuses a file that is not a change log of the harness, and leaves it alone', () => {
    const text = newFile();
    writeFileSync(text, 'Dear diary, this is not a database.'.repeat(100));
    expect(() => openSqliteLog({ file: text, program })).toThrow(`${text} is damaged: file is not a database`);
    const stranger = newFile();
    const db = new DatabaseSync(stranger);
    db.exec('CREATE TABLE recipes (name TEXT)');
    db.close();
    expect(() => openSqliteLog({ file: stranger, program })).toThrow(
      `${stranger} is a database, but not a change log of the harness`,
    );
    expect(() => openSqliteLog({ file: join(folder, 'no', 'such', 'folder.sqlite'), program })).toThrow(
      'folder.sqlite',
    );
  });

  test('whatever byte of a row changes is noticed as it is read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('idx', 'epoch', 'at', 'opens', 'changes', 'link'),
        fc.nat(4),
        fc.nat(),
        async (column, row, place) => {
          const file = newFile();
          const log = openSqliteLog({ file, program });
          await log.append([commit(1, 1, { opens: 'primary', changes: [] }), ...commits(4, 2)], ORIGIN);
          await log.close();
          {
            using db = new DatabaseSync(file);
            const { value } = db.prepare(`SELECT ${column} AS value FROM entry WHERE idx = ?`).get(row + 1) ?? {};
            // One more than any index, so that a changed one is no other row's.
            const changed = typeof value === 'string' ? withoutOne(value, place) : Number(value ?? 0) + 5;
            db.prepare(`UPDATE entry SET ${column} = ? WHERE idx = ?`).run(changed, row + 1);
          }
          await expect(
            (async () => {
              const damaged = openSqliteLog({ file, program });
              try {
                await readAll(damaged);
              } finally {
                await damaged.close();
              }
            })(),
          ).rejects.toThrow(LogDamaged);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('equal last links show equal logs, however the commits were grouped', async () => {
    const [one, two] = [openSqliteLog({ file: newFile(), program }), openSqliteLog({ file: newFile(), program })];
    await one.append(commits(6), ORIGIN);
    for (const each of commits(6)) await two.append([each], two.head());
    expect([0, 1, 6].map((index) => one.link(index))).toEqual([0, 1, 6].map((index) => two.link(index)));
    expect(one.link(7)).toBeNull();
    await two.truncate(5);
    await two.append([commit(6, 2)], two.head());
    expect(two.link(5)).toBe(one.link(5));
    expect(two.link(6)).not.toBe(one.link(6));
    await one.close();
    await two.close();
  });

  test('refuses a log with a gap', async () => {
    const file = newFile();
    const log = openSqliteLog({ file, program });
    await log.append(commits(5), ORIGIN);
    await log.close();
    const db = new DatabaseSync(file);
    db.exec('DELETE FROM entry WHERE idx = 3');
    db.close();
    expect(() => openSqliteLog({ file, program })).toThrow(
      /is damaged: it holds 4 commits, the last of which has number 5/,
    );
  });
});

const withoutOne = (text: string, place: number) => {
  const at = place % text.length;
  return text.slice(0, at) + text.slice(at + 1);
};
