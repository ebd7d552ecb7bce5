import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Commit } from '../../../src/domain/change.ts';
import { type ChangeLog, Fenced, ORIGIN } from '../../../src/store/log/log.ts';
import { commit, commits } from '../../support/commits.ts';

export async function readAll(log: ChangeLog, after = 0): Promise<Commit[]> {
  const all: Commit[] = [];
  for await (const chunk of log.read(after)) all.push(...chunk);
  return all;
}

/** What every change log must do, wherever it stores its commits. */
export function logContract(name: string, open: () => Promise<ChangeLog>): void {
  describe(`the change log ${name}`, () => {
    let log: ChangeLog;
    beforeEach(async () => {
      log = await open();
    });
    afterEach(() => log.close());

    test('starts empty', async () => {
      expect(log.head()).toEqual(ORIGIN);
      expect(await readAll(log)).toEqual([]);
      expect(await log.truncate(0)).toEqual([]);
    });

    test('returns the same commits, in order', async () => {
      const opening = commit(1, 1, { opens: 'primary', changes: [] });
      await log.append([opening], ORIGIN);
      await log.append([commit(2), commit(3)], { epoch: 1, index: 1 });
      expect(log.head()).toEqual({ epoch: 1, index: 3 });
      expect(await readAll(log)).toEqual([opening, commit(2), commit(3)]);
      expect(await readAll(log, 2)).toEqual([commit(3)]);
      expect(await readAll(log, 3)).toEqual([]);
      expect(await readAll(log, 99)).toEqual([]);
    });

    test('an empty append changes nothing, is fenced like any other, and can be repeated', async () => {
      await log.append([], ORIGIN);
      expect(log.head()).toEqual(ORIGIN);
      await log.append([commit(1)], ORIGIN);
      for (let times = 0; times < 3; times++) await log.append([], { epoch: 1, index: 1 });
      expect(log.head()).toEqual({ epoch: 1, index: 1 });
      expect(await readAll(log)).toEqual([commit(1)]);
      await expect(log.append([], ORIGIN)).rejects.toThrow(Fenced);
    });

    test('reads in chunks, and while others append', async () => {
      await log.append(commits(200), ORIGIN);
      const seen: number[] = [];
      let chunks = 0;
      for await (const chunk of log.read(0)) {
        seen.push(...chunk.map(({ index }) => index));
        if (chunks++ === 0) await log.append([commit(201)], log.head());
      }
      expect(chunks).toBeGreaterThan(2);
      expect(seen).toEqual(Array.from({ length: 201 }, (_, i) => i + 1));
    });

    test('rejects a writer that expects another head, and appends nothing', async () => {
      await log.append(commits(2), ORIGIN);
      for (const expected of [ORIGIN, { epoch: 1, index: 1 }, { epoch: 0, index: 2 }, { epoch: 1, index: 3 }]) {
        await expect(log.append([commit(3)], expected)).rejects.toThrow(Fenced);
      }
      expect(await readAll(log)).toEqual(commits(2));
      await log.append([commit(3, 2)], { epoch: 1, index: 2 });
      await expect(log.append([commit(4, 2)], { epoch: 1, index: 3 })).rejects.toThrow(Fenced);
      expect(log.head()).toEqual({ epoch: 2, index: 3 });
    });

    test('of two writers in one turn only one succeeds', async () => {
      const answers = await Promise.allSettled([log.append([commit(1)], ORIGIN), log.append([commit(1)], ORIGIN)]);
      expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await readAll(log)).toEqual([commit(1)]);
    });

    test('appends all or nothing, and accepts neither gaps nor older epochs', async () => {
      await log.append([commit(1, 3)], ORIGIN);
      const head = { epoch: 3, index: 1 };
      await expect(log.append([commit(2, 3), commit(4, 3)], head)).rejects.toThrow(/cannot follow/);
      await expect(log.append([commit(1, 3)], head)).rejects.toThrow(/cannot follow/);
      await expect(log.append([commit(2, 2)], head)).rejects.toThrow(/cannot follow/);
      expect(await readAll(log)).toEqual([commit(1, 3)]);
      expect(log.head()).toEqual(head);
    });

    test('drops the commits above an index, returns them, and continues from there', async () => {
      await log.append(commits(40), ORIGIN);
      expect(await log.truncate(38)).toEqual(commits(2, 39));
      expect(log.head()).toEqual({ epoch: 1, index: 38 });
      await log.append([commit(39, 2)], { epoch: 1, index: 38 });
      expect(await readAll(log, 37)).toEqual([commit(38), commit(39, 2)]);
      expect(await log.truncate(99)).toEqual([]);
      expect(await log.truncate(0)).toHaveLength(39);
      expect(log.head()).toEqual(ORIGIN);
    });
  });
}
