import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import type { Remembered } from '../../src/harness/persistence.ts';
import { openSqliteLog } from '../../src/store/log/sqlite-log.ts';
import { openNotebook } from '../../src/store/notebook.ts';
import { batchFile } from '../support/batch-files.ts';
import { answered, batchesDone, FULL, noted, onTheLine } from '../support/rehearsal.ts';

const SATURDAY = { rehearsal: '2021-07-24', seed: 11 } as const;
const file = (sequence: string, rows = 3) =>
  batchFile(rows, { participant: 'B09901', businessDate: '2021-07-24', sequence });

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ccass-attempts-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** All that a reset brings back, but what counts on: the journal's numbers, the sessions' ordinals. */
async function standing(harness: Harness) {
  const { centres, line: _ofThisProcess, ...state } = answered(await harness.control.state({}));
  const books = answered(await harness.control.books({}));
  const { registered } = answered(await harness.control.registration({}));
  const { reports } = answered(await harness.control.reports({}));
  return { ...state, at: centres.primary.position, books, registered, reports };
}

/** Session 1 as a client plays it: what it got, in order. */
async function session1(harness: Harness): Promise<unknown[]> {
  answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
  using client = onTheLine(harness);
  await client.logon();
  const upload = (await client.upload(file('0001'))).json<object>();
  await batchesDone(harness.control);
  const list = (await client.ask('/ccass/v1/reports')).json<{ rows: { reference: string }[] }>();
  return [upload, await client.instructions(), list.rows, await client.batch('U00000000001')];
}

describe('reset', () => {
  test.each(['in memory', 'with --data'])(
    '%s: everything is as it was at the start of the run, on the same ports',
    async (where) => {
      const data = where === 'in memory' ? {} : { data: join(root, 'reset') };
      await using harness = await startHarness({ ...SATURDAY, ...data, lagMs: 2_000 });
      const before = await standing(harness);
      const first = await session1(harness);
      answered(await harness.control.lag({ lagMs: 60_000 }));
      answered(await harness.control.register({ participant: 'L09901', registered: true }));
      answered(await harness.control.failover({ to: 'primary', mode: 'cut' }));
      answered(await harness.control.clock({ rate: 60 }));
      const state = answered(await harness.control.reset({}));
      expect(state.market).toMatchObject({ hongKong: '2021-07-24 16:25:00 HKT', mode: 'frozen', rate: 1 });
      expect(await standing(harness)).toEqual(before);
      // The same seed and the same requests give the same answers.
      expect(await session1(harness)).toEqual(first);
      answered(await harness.control.reset({}));
      expect(await standing(harness)).toEqual(before);
    },
  );

  test('ends sessions (SESSION_ENDED) and connections, hides the journal, and begins a new attempt', async () => {
    await using harness = await startHarness(SATURDAY);
    answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
    using client = onTheLine(harness);
    await client.logon();
    const { last } = answered(await harness.control.journal({}));
    answered(await harness.control.reset({}));
    const journal = answered(await harness.control.journal({ limit: 1000 }));
    expect(journal.entries[0]).toMatchObject({ kind: 'reset' });
    expect(journal.entries[0]?.seq).toBeGreaterThan(last);
    const hidden = answered(
      await harness.control.journal({ hidden: true, kinds: 'session-ended,closed', limit: 1000 }),
    );
    expect(
      hidden.entries.map(({ kind, detail }) => [kind, 'why' in detail ? detail.why : (detail as { how?: string }).how]),
    ).toEqual(
      expect.arrayContaining([
        ['session-ended', 'reset'],
        ['closed', 'cut'],
      ]),
    );
    answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
    const answer = await client.ask('/ccass/v1/profile');
    expect([answer.status, answer.json<{ code: string; reason: string }>()]).toMatchObject([
      401,
      { code: 'SESSION_ENDED', reason: 'reset' },
    ]);
  });

  test('drops a batch under way, and an upload that is not whole leaves nothing', async () => {
    await using harness = await startHarness({ ...SATURDAY, at: instant('2021-07-24T16:30') });
    using client = onTheLine(harness);
    await client.logon();
    const upload = client.upload(file('0001', 20_000)).catch(() => null);
    await client.ask('/ccass/v1/profile');
    const resetting = harness.control.reset({});
    await upload;
    answered(await resetting);
    using again = onTheLine(harness);
    await again.logon();
    expect(await again.instructions()).toEqual([]);
    expect((await again.ask('/ccass/v1/batches')).json<{ rows: unknown[] }>().rows).toEqual([]);
    expect(answered(await harness.control.books({})).equal).toBe(true);
  });

  test('survives a restart with --data: reset goes back to the first start', async () => {
    const data = join(root, 'restarted');
    let before: unknown;
    {
      await using harness = await startHarness({ ...SATURDAY, data });
      before = await standing(harness);
      await session1(harness);
    }
    await using harness = await startHarness({ data });
    answered(await harness.control.reset({}));
    expect(await standing(harness)).toEqual(before);
  });
});

test.each([null, 'uploaded'])(
  'a process that ends in the middle (of %s) goes on with it at the next start',
  async (name) => {
    const data = join(root, `broken-off-${name}`);
    let expected: unknown;
    {
      await using harness = await startHarness({ ...SATURDAY, data });
      await session1(harness);
      answered(await harness.control.snapshot({ name: 'uploaded' }));
      answered(await harness.control.clock({ set: '2021-07-24T18:40' }));
      const copy = join(root, `copy-${name}`);
      cpSync(data, copy, { recursive: true });
      if (name === null) answered(await harness.control.reset({}));
      else answered(await harness.control.restore({ name }));
      expected = await standing(harness);
      // As the crash leaves it: the record says what was begun, one centre's books are replaced, the other's are not.
      rmSync(join(copy, 'lock'));
      const paths = [join(copy, 'harness.json'), join(copy, 'backup', 'harness.json')] as const;
      const notebook = openNotebook<Remembered>(paths);
      const record = notebook.read();
      const after = openNotebook<Remembered>([join(data, 'harness.json'), join(data, 'backup', 'harness.json')]).read();
      if (!record?.start || !after) throw new Error('no record');
      const { at, mode, rate, lagMs, registered } = after;
      notebook.write({ ...record, at, mode, rate, lagMs, registered, highestEpoch: 2, replacing: name });
      const log = openSqliteLog({ file: join(copy, 'primary', 'changes.sqlite'), program: 'test' });
      await log.truncate(record.start.index);
      await log.close();
    }
    await using harness = await startHarness({ data: join(root, `copy-${name}`) });
    expect(await standing(harness)).toEqual(expected);
    expect(answered(await harness.control.books({})).equal).toBe(true);
  },
);

describe('snapshot and restore', () => {
  test.each(['in memory', 'with --data'])(
    '%s: books, clock, lag, active centre and registration come back, in a new epoch',
    async (where) => {
      const data = where === 'in memory' ? {} : { data: join(root, 'snapshots') };
      await using harness = await startHarness({ ...SATURDAY, ...data });
      await session1(harness);
      const { at: position, epoch, books, ...kept } = await standing(harness);
      expect(answered(await harness.control.snapshot({ name: 'uploaded' }))).toMatchObject({
        name: 'uploaded',
        hongKong: '2021-07-24 16:30:00 HKT',
        active: 'backup',
        position,
      });
      answered(await harness.control.lag({ lagMs: 60_000 }));
      answered(await harness.control.failover({ to: 'primary' }));
      answered(await harness.control.clock({ set: '2021-07-24T22:40' }));
      answered(await harness.control.restore({ name: 'uploaded' }));
      const { at: after, epoch: newEpoch, books: again, ...restored } = await standing(harness);
      expect(restored).toEqual(kept);
      expect(newEpoch).toBeGreaterThan(epoch + 1);
      expect(after).toEqual({ epoch: newEpoch, index: position.index + 1 });
      expect(again.equal).toBe(true);
      expect(again.centres.backup.digest).toBe(books.centres.backup.digest);
      // It goes on: the next sequence is free, the first is taken.
      using client = onTheLine(harness);
      await client.logon();
      expect((await client.upload(file('0001'))).status).toBe(200);
      expect((await client.upload(file('0002'))).status).toBe(202);
      await batchesDone(harness.control);
      expect(await client.instructions()).toHaveLength(6);
      const [restore] = await noted(harness.control, { kinds: ['restore'] });
      expect(restore?.detail).toEqual({ name: 'uploaded', marketTime: instant('2021-07-24T16:30') });
    },
  );

  test('a snapshot is there after a restart with --data; one that was replaced or removed is not', async () => {
    const data = join(root, 'kept');
    {
      await using harness = await startHarness({ ...SATURDAY, data });
      answered(await harness.control.snapshot({ name: 'a' }));
      answered(await harness.control.snapshot({ name: 'b' }));
      answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
      answered(await harness.control.snapshot({ name: 'a' }));
      answered(await harness.control.removeSnapshot({ name: 'b' }));
    }
    await using harness = await startHarness({ data });
    const { snapshots } = answered(await harness.control.snapshots({}));
    expect(snapshots).toMatchObject([{ name: 'a', hongKong: '2021-07-24 16:30:00 HKT' }]);
    expect(await harness.control.restore({ name: 'b' })).toMatchObject({
      refusal: 'NOT_FOUND',
      detail: { en: 'There is no snapshot b. There are: a' },
    });
    answered(await harness.control.restore({ name: 'a' }));
  });

  test('at most twenty, told with what to do (TOO_MANY_SNAPSHOTS)', async () => {
    await using harness = await startHarness(SATURDAY);
    for (let n = 1; n <= 20; n++) answered(await harness.control.snapshot({ name: `s-${n}` }));
    expect(await harness.control.snapshot({ name: 'one-more' })).toMatchObject({
      refusal: 'TOO_MANY_SNAPSHOTS',
      detail: { en: expect.stringMatching(/^There are 20 snapshots already\. Remove one \(snapshots --remove NAME\)/) },
    });
    answered(await harness.control.snapshot({ name: 's-20' }));
  });

  test('whatever happened between, restore brings the same books back, and both centres are equal', async () => {
    await using harness = await startHarness({ ...SATURDAY, at: instant('2021-07-24T16:30') });
    let sequence = 0;
    const step = {
      upload: async () => {
        using client = onTheLine(harness);
        await client.logon({ takeOver: true });
        await client.upload(file(String(++sequence).padStart(4, '0'), 2));
        await batchesDone(harness.control);
      },
      drain: () => toOther('drain'),
      cut: () => toOther('cut'),
      lag: async () => answered(await harness.control.lag({ lagMs: 5_000 })),
      time: async () => answered(await harness.control.clock({ advanceMs: 61_000 })),
    };
    const toOther = async (mode: 'drain' | 'cut') => {
      const { active } = answered(await harness.control.state({}));
      answered(await harness.control.failover({ to: active === 'primary' ? 'backup' : 'primary', mode }));
    };
    const steps = fc.array(fc.constantFrom(...(Object.keys(step) as (keyof typeof step)[])), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, steps, async (one, two) => {
        for (const name of one) await step[name]();
        answered(await harness.control.snapshot({ name: 'here' }));
        // What a lag holds back is not at the standby yet.
        const { active } = answered(await harness.control.state({}));
        const { centres } = answered(await harness.control.books({}));
        for (const name of two) await step[name]();
        answered(await harness.control.restore({ name: 'here' }));
        const books = answered(await harness.control.books({}));
        expect([books.equal, books.centres[active].digest]).toEqual([true, centres[active].digest]);
      }),
      { numRuns: FULL ? 60 : 6 },
    );
  });
});
