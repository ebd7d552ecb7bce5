import { describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { put } from '../../src/domain/change.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { buildCentre } from '../../src/harness/centre-core.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { riskSetup } from '../../src/harness/risk-setup.ts';
import { compiledLayouts } from '../../src/loading/layouts.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { seedChanges } from '../../src/loading/seed.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';
import { openStore } from '../../src/store/store.ts';
import { createClock } from '../../src/testbed/clock/clock.ts';
import { Journal } from '../../src/testbed/journal/journal.ts';
import { type Client, clientOf, type Problem, type Rows } from '../support/client.ts';
import { answered, noted } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

const DAY = '2021-07-26';
const CALLER = { service: 'ccass', address: '127.0.0.1', userAgent: '', connection: null } as const;
const FINAL = { kind: 'settlement', key: 'settlement 17:00', date: DAY, final: true } as const;
const si = (reference: string, side: 'deliver' | 'receive') => ({
  ...{ reference, side, stock: '5', quantity: 400, account: '01', payment: 'FOP', settlementDate: DAY },
  counterparty: side === 'deliver' ? 'B09902' : 'B09901',
});
const input = (client: Client, row: object) =>
  client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows: [row] } });
const finalRunsTold = async (client: Client) =>
  (await client.ask('/ccass/v1/broadcasts'))
    .json<Rows<{ kind: string }>>()
    .rows.filter(({ kind }) => kind === 'final-run');

/** A centre whose runs nobody starts, so that the final one is as late as the test wants. */
async function centreAt(time: string, since = `${DAY}T09:00`) {
  const fixtures = await loadFixtures();
  const clock = createClock({ at: instant(time), mode: 'frozen' });
  const journal = new Journal({ clock, version: 'test' });
  const centre = buildCentre('primary', await openStore({ log: createMemoryLog(), blobs: new MemoryBlobs(), clock }), {
    fixtures: { ...fixtures, rehearsal: { ...fixtures.rehearsal, alwaysOpen: null } },
    layouts: compiledLayouts(fixtures),
    uploadLimitBytes: 1000,
    clock,
    journal,
    line: () => '',
    registered: new Set(),
    risk: riskSetup(fixtures, 1, instant(since)),
    since: instant(since),
  });
  await centre.store.openEpoch(1, 'primary', []);
  await centre.store.transact(() => ({ changes: seedChanges(fixtures, instant(since)), answer: true }));
  centre.admitting = true;
  const admits = (operation: 'input' | 'upload' | 'enquire') => {
    const answer = centre.service.admit({ operation }, CALLER);
    return isRefusal(answer) ? answer.refusal : 'open';
  };
  return { centre, clock, journal, admits, [Symbol.asyncDispose]: () => centre.close() };
}

describe('a final settlement run that is late', () => {
  test('keeps input and upload closed, nothing else, until its books say that it is over (NOT_OPEN)', async () => {
    await using it = await centreAt(`${DAY}T17:20`);
    expect([it.admits('input'), it.admits('upload'), it.admits('enquire')]).toEqual(['NOT_OPEN', 'NOT_OPEN', 'open']);
    await it.centre.service.marketRun({ ...FINAL, key: 'settlement 14:00', final: false });
    expect(it.admits('input')).toBe('NOT_OPEN');
    expect(await it.centre.service.marketRun(FINAL)).toBe(true);
    expect([it.admits('input'), it.admits('upload')]).toEqual(['open', 'open']);
    await it.clock.moveTo(instant(`${DAY}T19:00`));
    expect(it.admits('input')).toBe('NOT_OPEN');
  });

  test('is told once, in the same commit as its end, however often it is begun', async () => {
    await using it = await centreAt(`${DAY}T17:20`);
    const { service, store } = it.centre;
    const done = await Promise.all([service.marketRun(FINAL), service.marketRun(FINAL)]);
    expect(done.toSorted()).toEqual([false, true]);
    expect(store.books.broadcasts().map(({ kind }) => kind)).toEqual(['final-run']);
    for await (const { changes } of store.since(store.head().index - 1))
      expect(changes.map(({ table }) => table).sort()).toEqual(['broadcast', 'counter', 'run']);
    expect((await it.journal.query({ kinds: ['broadcast'] })).length).toBe(1);
  });

  test('of another day does not count', async () => {
    await using it = await centreAt(`${DAY}T17:20`, '2021-07-23T09:00');
    await it.centre.store.transact((_, at) => ({
      changes: [put('run', { run: FINAL.key, date: '2021-07-23', doneAt: at })],
      answer: true,
    }));
    expect(it.admits('input')).toBe('NOT_OPEN');
  });

  test('that was due before the books began is not waited for', async () => {
    await using it = await centreAt(`${DAY}T17:20`, `${DAY}T17:00`);
    expect(it.admits('input')).toBe('open');
  });
});

describe('over real sockets', () => {
  // Normal hours hold on the weekdays of any rehearsal but always-open.
  const afternoon = (options: HarnessOptions = {}): Promise<Harness> =>
    startHarness({ at: instant(`${DAY}T15:30`), clock: 'frozen', rehearsal: '2021-08-14', ...options });

  test('a day as timetabled: closed from 15:45, told what it waits for, open with the message of 17:00 (NOT_OPEN)', async () => {
    await using harness = await afternoon();
    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    const until = async (time: string) => {
      answered(await harness.control.clock({ set: `${DAY}T${time}` }));
      await client.logon({ takeOver: true });
    };
    await until('15:45');
    const closed = await input(client, si('A', 'deliver'));
    expect([closed.status, closed.json<Problem>()]).toMatchObject([
      423,
      {
        code: 'NOT_OPEN',
        retryAt: `${DAY}T17:00:00+08:00`,
        detail: expect.stringMatching(/if the final batch settlement run/),
      },
    ]);
    await until('16:59');
    expect((await input(client, si('A', 'deliver'))).status).toBe(423);
    await until('17:00');
    expect(await finalRunsTold(client)).toHaveLength(1);
    expect((await input(client, si('A', 'deliver'))).status).toBe(200);
  });

  test('a fail-over that loses the final run: the new centre does it again, tells it once, and is open then', async () => {
    await using harness = await afternoon({ lagMs: 3_600_000 });
    const line = { url: harness.addresses.line, ca: harness.ca };
    using client = clientOf(line);
    using other = clientOf(line);
    const both = async () => {
      await client.logon({ takeOver: true });
      await other.logon({ participant: 'B09902', takeOver: true });
    };
    const statuses = async () =>
      (await client.ask('/ccass/v1/settlement-instructions'))
        .json<Rows<{ status: string }>>()
        .rows.map((row) => row.status);
    await both();
    await input(client, si('A', 'deliver'));
    await input(other, si('A', 'receive'));
    // What was input and matched is at the backup by then, the final run is not.
    answered(await harness.control.clock({ set: `${DAY}T17:00` }));
    await both();
    expect(await statuses()).toEqual(['settled']);
    const { lost } = answered(await harness.control.failover({ to: 'backup', mode: 'cut' }));
    expect(lost.some(({ table, key }) => table === 'run' && key === `settlement 17:00/${DAY}`)).toBe(true);
    const runs = await noted(harness.control, { kinds: ['run'], centre: 'backup' }, 2);
    expect(runs[1]?.detail).toMatchObject({ run: FINAL.key, done: { settled: 1 } });
    await both();
    expect(await statuses()).toEqual(['settled']);
    expect(await finalRunsTold(client)).toHaveLength(1);
    expect((await input(client, si('B', 'deliver'))).status).toBe(200);
  });

  test('a restart on its data goes on where it stood: the run is done when its time comes', async () => {
    await using data = await temporary('ccass-second-session-');
    const options = { data: data.path, log: 'silent' as const };
    await (await afternoon(options)).stop();
    await using again = await startHarness(options);
    using client = clientOf({ url: again.addresses.line, ca: again.ca });
    answered(await again.control.clock({ set: `${DAY}T17:00` }));
    await client.logon();
    expect((await input(client, si('A', 'deliver'))).status).toBe(200);
    expect(await finalRunsTold(client)).toHaveLength(1);
  });
});
