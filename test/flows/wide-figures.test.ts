import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as reports from '../../src/api/ccass/reports.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { Words } from '../../src/domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { readRecords } from '../../src/wire/report-file.ts';
import { batchFile } from '../support/batch-files.ts';
import { type Client, clientOf, type Rows } from '../support/client.ts';
import { customMarket } from '../support/custom-market.ts';
import { ofKind } from '../support/of-kind.ts';
import { readPrinted } from '../support/printed.ts';
import { noted } from '../support/rehearsal.ts';
import { layoutJson, shipped } from '../support/shipped-layouts.ts';

const DAY = '2021-07-26';
/** The most that one SI can move, in shares and in money. */
const MOST_SHARES = 999_999_999_999;
const LARGEST = '9999999999999.99';
const STOCK = '00939';

interface Listed {
  readonly rows: readonly reports.Report[];
  readonly notMade?: readonly reports.ReportNotMade[];
}

function good<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(answer.detail.en);
  return answer;
}

/** The package's market, but B09902 holds as many shares as the layout can say, and its makers have no limit. */
const largeMarket = () =>
  customMarket({
    'holdings.json': (file) => ({
      ...file,
      holdings: [
        ...(file.holdings as { participant: string; stock: string; account: string }[]).filter(
          (row) => row.participant !== 'B09902' || row.stock !== STOCK || row.account !== '01',
        ),
        { participant: 'B09902', account: '01', stock: STOCK, quantity: MOST_SHARES },
      ],
    }),
    'users.json': (file) => ({
      ...file,
      users: (file.users as object[]).map((row) => ({ ...row, inputLimitHkdCents: null })),
    }),
  });

/** A folder with the package's ZSICR01, but references have eight characters. */
async function narrowControlReport() {
  const path = await mkdtemp(join(tmpdir(), 'ccass-layouts-'));
  const wide = '{"name":"reference","from":9,"to":24,"picture":"X(16)"}';
  const narrow =
    '{"name":"reference","from":9,"to":16,"picture":"X(8)"},{"name":"filler","from":17,"to":24,"picture":"X(8)"}';
  const json = JSON.stringify(layoutJson('ZSICR01'));
  expect(json).toContain(wide);
  await writeFile(join(path, 'ZSICR01.json'), json.replace(wide, narrow));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** B09901 delivers twelve times 100 shares to B09902, each time for the largest amount; both input their side. */
async function largeDay(harness: Harness): Promise<void> {
  for (const [participant, counterparty, side] of [
    ['B09901', 'B09902', 'deliver'],
    ['B09902', 'B09901', 'receive'],
  ] as const) {
    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    await client.logon({ participant });
    const rows = Array.from({ length: 12 }, (_, n) => ({
      ...{ reference: `LARGE-${n}`, side, stock: STOCK, quantity: 100, counterparty, account: '01' },
      ...{ payment: 'DVP', currency: 'HKD', amount: LARGEST, settlementDate: DAY },
    }));
    const answer = await client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows } });
    expect(answer.json<{ done: number }>().done).toBe(12);
  }
  good(await harness.control.clock({ set: '2021-07-27T09:00' }));
}

// Each test goes on from what the ones before it did.
describe("a figure wider than its column costs its own participant's data file, and nobody else anything", {
  shuffle: false,
}, () => {
  let harness: Harness;
  let market: Awaited<ReturnType<typeof largeMarket>>;
  const clients: Record<string, Client> = {};
  const listed = async (participant: string, query = '') =>
    (await clients[participant]?.ask(`/ccass/v1/reports?businessDate=${DAY}${query}`))?.json<Listed>() ?? { rows: [] };
  const read = async (participant: string, id: string, format: 'data' | 'text') => {
    const found = (await listed(participant, `&id=${id}`)).rows.filter((row) => row.format === format);
    expect(found, `${participant} ${id} ${format}`).toHaveLength(1);
    return (await clients[participant]?.ask(`/ccass/v1/reports/${found[0]?.reference}`))?.body ?? Buffer.alloc(0);
  };
  const printed = async (participant: string, id: string) =>
    readPrinted((await read(participant, id, 'text')).toString('latin1')).rows;
  const logonAll = async () => {
    for (const participant of ['B09901', 'B09902', 'C09901'])
      await clients[participant]?.logon({ participant, takeOver: true });
  };

  beforeAll(async () => {
    market = await largeMarket();
    harness = await startHarness({ at: instant(`${DAY}T09:00`), clock: 'frozen', market: market.folder });
    await largeDay(harness);
    for (const participant of ['B09901', 'B09902', 'C09901'])
      clients[participant] = clientOf({ url: harness.addresses.line, ca: harness.ca });
    await logonAll();
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.close();
    await harness.stop();
    await market[Symbol.asyncDispose]();
  });

  test('twelve DVPs of the largest amount settle, and every ledger is exact to the cent beyond 2^53', async () => {
    for (const [participant, sign] of [
      ['B09901', 1n],
      ['B09902', -1n],
    ] as const) {
      const instructions = (await clients[participant]?.instructions()) ?? [];
      expect(instructions.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'settled'));
      const path = '/ccass/v1/money-ledger/postings?currency=HKD';
      const { rows } = (await clients[participant]?.ask(path))?.json<Rows<{ balance: string }>>() ?? { rows: [] };
      const cents = rows.map(({ balance }) => BigInt(balance.replace('.', '')));
      const steps = cents.slice(1).map((balance, n) => balance - (cents[n] ?? 0n));
      expect(steps).toEqual(Array.from({ length: 11 }, () => sign * 999_999_999_999_999n));
      expect(cents.some((balance) => balance > 2n ** 53n || balance < -(2n ** 53n))).toBe(true);
    }
  });

  test('everybody else has every report, whole', async () => {
    for (const participant of ['B09901', 'C09901']) {
      const list = await listed(participant);
      expect(list).not.toHaveProperty('notMade');
      expect(list.rows.map(({ id, format }) => `${id} ${format}`)).toEqual(
        expect.arrayContaining(['ZSBAL01 data', 'ZSBAL01 text', 'ZSMOV01 data', 'ZSMOV01 text', 'CSEMA08 text']),
      );
      for (const id of ['ZSBAL01', 'ZSMOV01'])
        expect(readRecords(shipped(id), await read(participant, id, 'data')).fault).toBeNull();
    }
  });

  test('the one concerned sees * across the column, and in the list why there is no data file', async () => {
    const { rows, notMade = [] } = await listed('B09902');
    expect(rows.map(({ id, format }) => `${id} ${format}`)).not.toContain('ZSBAL01 data');
    expect(rows.map(({ id, format }) => `${id} ${format}`)).toContain('ZSILS01 data');
    expect(notMade.map(({ id, format, participant }) => `${id} ${format} ${participant}`).sort()).toEqual([
      'ZSBAL01 data B09902',
      'ZSMOV01 data B09902',
    ]);
    const reasons = new Map(notMade.map(({ id, reason }) => [id, reason]));
    expect(reasons.get('ZSBAL01')?.en).toMatch(/quantity 1000000001199 in detail record \d+ does not fit 9\(12\)/);
    expect(reasons.get('ZSBAL01')?.zh).toMatch(/第 \d+ 項明細記錄的 quantity 1000000001199 超出欄位 9\(12\)/);
    expect(reasons.get('ZSMOV01')?.en).toContain('balance 1000000000099 in detail record 1 does not fit 9(12)');

    const ledger = (await printed('B09902', 'CSEMA08')).filter((row) => row['TRN TYPE'] === 'SI');
    expect(ledger).toHaveLength(12);
    expect(ledger.at(-1)).toMatchObject({ 'DR AMOUNT': LARGEST, BALANCE: '*'.repeat(17) });
    // Printed columns are wider than those of the data files here.
    expect((await printed('B09902', 'ZSMOV01')).at(-1)).toMatchObject({ BALANCE: '1000000001199' });
  });

  test('its download is refused with the reason (REPORT_NOT_MADE), and it is counted in no filter that it does not fit', async () => {
    const [missing] = (await listed('B09902', '&id=ZSBAL01')).notMade ?? [];
    const answer = await clients.B09902?.ask(`/ccass/v1/reports/${missing?.reference}`);
    expect(answer?.status).toBe(404);
    expect(answer?.json<{ code: string; words: { detail: Words } }>()).toMatchObject({
      code: 'REPORT_NOT_MADE',
      words: { detail: missing?.reason },
    });
    // Another participant's is not there at all.
    const other = await clients.B09901?.ask(`/ccass/v1/reports/${missing?.reference}`);
    expect(other?.json<{ code: string }>().code).toBe('NOT_FOUND');
    expect(await listed('B09902', '&id=ZSILS01')).not.toHaveProperty('notMade');
  });

  test('the tester has a journal entry for each, and sees the reason in the list of reports', async () => {
    const { entries } = good(await harness.control.journal({ kinds: 'report' }));
    const misfits = ofKind(entries, 'report').filter(({ detail }) => detail.what !== 'published');
    expect(misfits.map(({ participant, detail: { what, id, format } }) => [participant, what, id, format])).toEqual([
      ['B09901', 'too-wide', 'CSEMA08', 'text'],
      ['B09902', 'too-wide', 'CSEMA08', 'text'],
      ['B09901', 'too-wide', 'CSEMS08', 'text'],
      ['B09902', 'too-wide', 'CSEMS08', 'text'],
      ['B09902', 'not-made', 'ZSBAL01', 'data'],
      ['B09902', 'not-made', 'ZSMOV01', 'data'],
    ]);
    const { reports } = good(await harness.control.reports({ participant: 'B09902' }));
    for (const { participant, detail } of misfits.filter((entry) => entry.detail.what === 'not-made'))
      expect(reports.find(({ reference }) => reference === detail.report)).toMatchObject({
        participant,
        notMade: detail.reason,
      });
  });

  test("a file of the tester's own takes its place, and withdrawing it brings the reason back", async () => {
    const place = { id: 'ZSBAL01', participant: 'B09902', businessDate: DAY, format: 'data' } as const;
    const before = (await listed('B09902')).notMade;
    good(await harness.control.publishReport({ ...place, content: Buffer.from('MINE').toString('base64') }));
    expect((await read('B09902', 'ZSBAL01', 'data')).toString()).toBe('MINE');
    expect((await listed('B09902')).notMade?.map(({ id }) => id)).toEqual(['ZSMOV01']);
    good(await harness.control.withdrawReport(place));
    expect((await listed('B09902')).notMade).toEqual(before);
  });

  test('after a fail-over the other centre says the same', async () => {
    const before = await listed('B09902');
    good(await harness.control.failover({ to: 'backup' }));
    await logonAll();
    expect(await listed('B09902')).toEqual(before);
    expect(good(await harness.control.books({})).equal).toBe(true);
  });
});

test('the same seed and the same requests give the same reports and the same reasons', async () => {
  const day = async () => {
    await using market = await largeMarket();
    await using harness = await startHarness({ at: instant(`${DAY}T09:00`), clock: 'frozen', market: market.folder });
    await largeDay(harness);
    const { entries } = good(await harness.control.journal({ kinds: 'report' }));
    return { reports: good(await harness.control.reports({})).reports, details: entries.map(({ detail }) => detail) };
  };
  const first = await day();
  expect(first.details.length).toBeGreaterThan(0);
  expect(await day()).toEqual(first);
});

test("a control report that a user's layout has no room for: the batch ends, its print is there, its data file says why not", async () => {
  await using folder = await narrowControlReport();
  const options = { at: instant(`${DAY}T09:00`), clock: 'frozen', layouts: folder.path } as const;
  await using harness = await startHarness(options);
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await client.logon();
  const ends = async (sequence: string, reference: string) => {
    const kept = await client.upload(batchFile([{ reference }], { sequence, businessDate: DAY }));
    await noted(harness.control, { kinds: ['batch'] }, Number(sequence));
    return client.batch(kept.json<{ reference: string }>().reference);
  };
  const fits = await ends('0001', 'SHORT');
  const wide = await ends('0002', 'MUCH-TOO-LONG');
  expect([fits, wide].map(({ status, accepted, reports: of }) => [status, accepted, of.length])).toEqual([
    ['processed', 1, 2],
    ['processed', 1, 1],
  ]);
  const { rows, notMade = [] } = (await client.ask('/ccass/v1/reports?id=ZSICR01')).json<Listed>();
  expect(rows).toHaveLength(3);
  expect(notMade).toMatchObject([{ id: 'ZSICR01', format: 'data', batch: wide.reference }]);
  expect(notMade[0]?.reason.en).toContain('reference MUCH-TOO-LONG in detail record 1 does not fit X(8)');
  const [entry] = (await noted(harness.control, { kinds: ['report'] }, 4)).filter(
    ({ detail }) => detail.what === 'not-made',
  );
  expect(entry?.detail).toMatchObject({ batch: wide.reference, reason: notMade[0]?.reason });
});
