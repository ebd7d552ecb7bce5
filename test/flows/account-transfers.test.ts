import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { describe, expect, test } from 'vitest';
import type * as marketSchema from '../../src/api/ccass/market.ts';
import type * as schema from '../../src/api/ccass/transfers.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { FieldValues } from '../../src/wire/field-value.ts';
import { type BatchFixture, batchFile, outcomeOf } from '../support/batch-files.ts';
import type { Batch, Client, Rows } from '../support/client.ts';
import { ofKind } from '../support/of-kind.ts';
import { answered, batchesDone, inSession1, noted, onTheLine } from '../support/rehearsal.ts';
import { batchFixture, HEADER, shipped, written } from '../support/shipped-layouts.ts';

type Transfer = Static<typeof schema.Transfers>['rows'][number];
type Results = Static<typeof schema.TransferResults>;
type Movement = Static<typeof marketSchema.Movements>['rows'][number];
type Fixture = BatchFixture & { readonly inputLimitHkdCents?: number };

const index: { readonly good: readonly Fixture[]; readonly bad: readonly Fixture[] } = JSON.parse(
  batchFixture('transfers/index.json').toString(),
);
const ROW = {
  ...{ reference: 'T1', stock: '00005', isin: 'GB0005405286', quantity: 400 },
  ...{ fromAccount: '03', toAccount: '01', narrative: '' },
};
const transferFile = (rows: readonly Partial<typeof ROW>[], header: Partial<typeof HEADER> = {}) =>
  written(
    shipped('ZATUP01'),
    { ...HEADER, ...header },
    rows.map((row, n): FieldValues => ({ ...ROW, reference: `T${n + 1}`, ...row })),
  );

/** A market folder in which one file of the package's is changed. */
async function marketWith(name: string, change: (content: Record<string, unknown>) => object) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'ccass-market-'));
  const shippedFile = new URL(`../../fixtures/market/${name}`, import.meta.url);
  await writeFile(join(folder.path, name), JSON.stringify(change(JSON.parse(await readFile(shippedFile, 'utf8')))));
  return folder;
}
const inTheRunAt = (daily: string) =>
  marketWith('settlement-day.json', ({ rules, ...rest }) => ({
    ...rest,
    rules: { ...(rules as object), transfers: { daily } },
  }));

const typed = async (client: Client, ...rows: Partial<typeof ROW>[]) =>
  (
    await client.ask('/ccass/v1/account-transfers', {
      method: 'POST',
      body: { rows: rows.map((row) => ({ ...ROW, ...row })) },
    })
  ).json<Results>();
const rowsOf = async <T>(client: Client, path: string) => (await client.ask(`/ccass/v1/${path}`)).json<Rows<T>>().rows;
const transfersOf = (client: Client, query = '') => rowsOf<Transfer>(client, `account-transfers${query}`);
const movementsOf = (client: Client) => rowsOf<Movement>(client, 'stock-movements');
async function sharesIn(client: Client, account: string, stock = '00005') {
  const rows = await rowsOf<{ quantity: number }>(client, `stock-balances?account=${account}&stock=${stock}`);
  return rows[0]?.quantity ?? 0;
}
const books = async (client: Client) => [
  await transfersOf(client),
  await movementsOf(client),
  await rowsOf(client, 'stock-balances?limit=1000'),
  await rowsOf(client, 'batches'),
  await rowsOf(client, 'reports'),
];

/** Uploads and waits until the batch is done. */
async function sent(harness: Awaited<ReturnType<typeof inSession1>>, client: Client, file: Buffer) {
  const answer = await client.upload(file);
  expect(answer.status, answer.body.toString()).toBe(202);
  await batchesDone(harness.control);
  return answer.json<Batch>().reference;
}

describe('fixtures/batches/transfers, uploaded', () => {
  test.each(index.good)('$file: $shows', async ({ file, records = 0 }) => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    const { batch, report } = await outcomeOf(
      client,
      await sent(harness, client, batchFixture(`transfers/${file}`)),
      'ZATCR01',
    );
    expect(batch).toMatchObject({ status: 'processed', fileId: 'ZATUP01', records, accepted: records, refused: 0 });
    expect(report.header).toMatchObject({ fileId: 'ZATCR01', batchFileId: 'ZATUP01', outcome: 'P', code: '' });
    expect(report.trailer).toMatchObject({ accepted: records, refused: 0 });
    const transfers = await transfersOf(client);
    expect(transfers.map(({ number, reference, status, batch }) => [number, reference, status, batch])).toEqual(
      report.details.map(({ number, reference }) => [number, reference, 'done', batch.reference]),
    );
    expect(report.text).toMatch(/ATI Batch Input Control Report/);
    expect(report.text).toMatch(/LINE +REFERENCE +RESULT +ATI NUMBER +REASON/);
    expect(report.text).toContain('A00000001');
    expect(await movementsOf(client)).toHaveLength(2 * records);
  });

  test.each(index.bad)(
    '$code: $file, $shows',
    async ({ file, discards, code = '', line = 0, columns, inputLimitHkdCents }) => {
      await using market = await marketWith('users.json', ({ users, ...rest }) => ({
        ...rest,
        users: (users as object[]).map((user) => ({ ...user, ...(inputLimitHkdCents ? { inputLimitHkdCents } : {}) })),
      }));
      await using harness = await inSession1({ market: market.path });
      using client = onTheLine(harness);
      await client.logon();
      const reference = await sent(harness, client, batchFixture(`transfers/${file}`));
      // A file ID that no batch has is answered as one of settlement instructions.
      const { batch, report } = await outcomeOf(client, reference, code === 'WRONG_FILE_ID' ? 'ZSICR01' : 'ZATCR01');
      if (discards) {
        expect(batch).toMatchObject({ status: 'discarded', accepted: 0, refused: 0, fault: { code, line } });
        if (columns) expect(batch.fault?.columns).toEqual(columns);
        expect(report.header).toMatchObject({ outcome: 'D', code, faultLine: line });
        expect(report.text).toMatch(new RegExp(`WHOLE FILE DISCARDED *: ${code}`));
        expect([await transfersOf(client), await movementsOf(client)]).toEqual([[], []]);
        return;
      }
      expect(batch).toMatchObject({ status: 'processed', records: 2, accepted: 1, refused: 1, fault: null });
      expect(report.details.filter((row) => row.outcome === 'R')).toMatchObject([{ line, reason: code, number: '' }]);
      expect(await transfersOf(client)).toHaveLength(1);
    },
  );
});

describe('typed', () => {
  test('the good rows execute, each failed one has its reason, and the movements show both ends', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    const before = [await sharesIn(client, '03'), await sharesIn(client, '01')] as const;
    const answer = await typed(
      client,
      { stock: '5', narrative: 'FOR SETTLEMENT' },
      { reference: 'T2', toAccount: '03' },
      { reference: 'T3', quantity: before[0] - 399 },
      { reference: 'T1' },
      { reference: 'T4', quantity: before[0] - 400 },
      { reference: 'T5', stock: '99999' },
    );
    expect([answer.done, answer.refused]).toEqual([2, 4]);
    expect(answer.rows.map(({ number, reference, status, reason }) => [number, reference, status, reason])).toEqual([
      ['A00000001', 'T1', 'done', null],
      [null, 'T2', null, 'SAME_ACCOUNT'],
      [null, 'T3', null, 'NOT_ENOUGH_STOCK'],
      [null, 'T1', null, 'DUPLICATE_REFERENCE'],
      ['A00000002', 'T4', 'done', null],
      [null, 'T5', null, 'UNKNOWN_STOCK'],
    ]);
    for (const { reason, says } of answer.rows) {
      if (reason === null) expect(says).toBeNull();
      else expect(says?.en).toMatch(/input/);
    }
    const at = '2021-07-24T16:30:00+08:00';
    expect(await transfersOf(client, '?limit=1')).toEqual([
      {
        ...{ number: 'A00000001', reference: 'T1', status: 'done', stock: '00005', quantity: 400 },
        ...{ fromAccount: '03', toAccount: '01', narrative: 'FOR SETTLEMENT' },
        ...{ inputBy: 'MAKER01', inputAt: at, batch: null, doneAt: at },
      },
    ]);
    expect([await sharesIn(client, '03'), await sharesIn(client, '01')]).toEqual([0, before[0] + before[1]]);
    const movements = await movementsOf(client);
    expect(movements.map(({ instruction, account, quantity, kind }) => [instruction, account, quantity, kind])).toEqual(
      [
        ['A00000001', '03', -400, 'ATI'],
        ['A00000001', '01', 400, 'ATI'],
        ['A00000002', '03', 400 - before[0], 'ATI'],
        ['A00000002', '01', before[0] - 400, 'ATI'],
      ],
    );
    const [entry] = await noted(harness.control, { kinds: ['transfer'] });
    expect(entry?.detail).toMatchObject({ act: 'input', channel: 'C3T', accepted: 2, refused: 4 });
    expect(entry?.detail.rows).toHaveLength(6);
  });

  test('they are enquired page by page, by status, stock and date, and only one’s own', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    await typed(client, ...[1, 2, 3, 4, 5].map((n) => ({ reference: `T${n}`, quantity: n })));
    const pages: string[][] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Rows<Transfer> = (
        await client.ask(`/ccass/v1/account-transfers?limit=2${next ? `&cursor=${next}` : ''}`)
      ).json();
      pages.push(page.rows.map(({ reference }) => reference));
      next = page.next;
    }
    expect(pages).toEqual([['T1', 'T2'], ['T3', 'T4'], ['T5']]);
    expect(await transfersOf(client, '?stock=5&status=done&inputDate=2021-07-24')).toHaveLength(5);
    for (const other of ['stock=700', 'status=waiting', 'inputDate=2021-07-23'])
      expect(await transfersOf(client, `?${other}`)).toEqual([]);
    const foreign = await client.ask('/ccass/v1/account-transfers?cursor=bm9uZTox');
    expect([foreign.status, foreign.json().code]).toEqual([400, 'BAD_CURSOR']);
    using other = onTheLine(harness);
    await other.logon({ participant: 'B09902' });
    expect([await transfersOf(other), await movementsOf(other)]).toEqual([[], []]);
  });

  test.each([
    ['no row', { rows: [] }],
    ['a member that is not known', { rows: [{ ...ROW, account: '01' }] }],
    ['a quantity in words', { rows: [{ ...ROW, quantity: 'four' }] }],
    ['a reference that begins with a space', { rows: [{ ...ROW, reference: ' T1' }] }],
  ])('%s is a bad request (BAD_REQUEST)', async (_, body) => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    const answer = await client.ask('/ccass/v1/account-transfers', { method: 'POST', body });
    expect([answer.status, answer.json().code]).toEqual([400, 'BAD_REQUEST']);
    expect(await transfersOf(client)).toEqual([]);
  });
});

describe('both ways in', () => {
  test('share references and shares; a file of each kind has its own sequence and its own control report', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    await typed(client, { reference: 'TYPED' });
    const left = await sharesIn(client, '03');
    const file = transferFile([{ reference: 'TYPED' }, { quantity: left + 1 }, { quantity: left }]);
    const reference = await sent(harness, client, file);
    const { batch, report } = await outcomeOf(client, reference, 'ZATCR01');
    expect(report.details.map(({ number, reason }) => [number, reason])).toEqual([
      ['', 'DUPLICATE_REFERENCE'],
      ['', 'NOT_ENOUGH_STOCK'],
      ['A00000002', ''],
    ]);
    expect(batch).toMatchObject({ sequence: '0001', accepted: 1, refused: 2 });
    // The same sequence under the other file ID is free, and the reference of an SI is not that of an ATI.
    const other = await outcomeOf(client, await sent(harness, client, batchFile([{ reference: 'TYPED' }])));
    expect(other.batch).toMatchObject({ sequence: '0001', fileId: 'ZSIUP01', accepted: 1 });
    const again = await client.upload(file);
    expect([again.status, again.json<Batch>().reference]).toEqual([200, reference]);
    const taken = await client.upload(transferFile([{ reference: 'OTHER' }]));
    expect([taken.status, taken.json().code]).toEqual([409, 'SEQUENCE_USED']);
    const foreign = await client.upload(transferFile([{}], { participant: 'B09902' }));
    expect([foreign.status, foreign.json().code]).toEqual([403, 'WRONG_PARTICIPANT']);
  });

  test('a batch of many commits: each row sees what the rows before it left', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    const rows = 9_000;
    const [held, there] = [await sharesIn(client, '03'), await sharesIn(client, '01')];
    // Eighty shares there, sixty back: the last rows find none left to move.
    const file = transferFile(
      Array.from({ length: rows }, (_, n) =>
        n % 2 === 0 ? { quantity: 80 } : { quantity: 60, fromAccount: '01', toAccount: '03' },
      ),
    );
    const { batch, report } = await outcomeOf(client, await sent(harness, client, file), 'ZATCR01');
    let [from, to] = [held, there];
    const expected = Array.from({ length: rows }, (_, n) => {
      const quantity = n % 2 === 0 ? 80 : -60;
      if (quantity > from) return 'NOT_ENOUGH_STOCK';
      from -= quantity;
      to += quantity;
      return '';
    });
    expect(report.details.map(({ reason }) => reason)).toEqual(expected);
    const accepted = expected.filter((reason) => reason === '').length;
    expect(batch).toMatchObject({ records: rows, accepted, refused: rows - accepted });
    expect(accepted).toBeLessThan(rows);
    expect([await sharesIn(client, '03'), await sharesIn(client, '01')]).toEqual([from, to]);
  });

  test('survive a fail-over: both centres have the same books, and numbers go on', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    await typed(client, { reference: 'BEFORE' });
    await sent(harness, client, transferFile([{}, { toAccount: '06' }, { stock: '99999' }]));
    const before = await books(client);
    answered(await harness.control.failover({ to: 'primary', mode: 'cut' }));
    await client.logon();
    expect(await books(client)).toEqual(before);
    await typed(client, { reference: 'AFTER' });
    await sent(harness, client, transferFile([{ reference: 'FILE' }], { sequence: '0002' }));
    expect((await transfersOf(client)).map(({ number, reference }) => `${number} ${reference}`)).toEqual([
      'A00000001 BEFORE',
      'A00000002 T1',
      'A00000003 T2',
      'A00000004 AFTER',
      'A00000005 FILE',
    ]);
    const after = await books(client);
    const { centres, behind } = answered(await harness.control.state({}));
    expect([centres.primary.position, behind]).toEqual([centres.backup.position, 0]);
    answered(await harness.control.failover({ to: 'backup', mode: 'drain' }));
    await client.logon();
    expect(await books(client)).toEqual(after);
  });
});

describe('with a daily run', () => {
  test('the shares are put aside until it comes, and it comes once', async () => {
    await using market = await inTheRunAt('18:10');
    await using harness = await startHarness({
      market: market.path,
      at: instant('2021-07-26T17:30'),
      clock: 'frozen',
    });
    const { control } = harness;
    using client = onTheLine(harness);
    await client.logon();
    const before = [await sharesIn(client, '03'), await sharesIn(client, '01')] as const;
    expect((await typed(client, {})).rows[0]).toMatchObject({ number: 'A00000001', status: 'waiting' });
    await sent(harness, client, transferFile([{ reference: 'FILE' }], { businessDate: '2021-07-26' }));
    expect((await transfersOf(client)).map(({ status, doneAt }) => [status, doneAt])).toEqual([
      ['waiting', null],
      ['waiting', null],
    ]);
    expect([await sharesIn(client, '03'), await sharesIn(client, '01'), await movementsOf(client)]).toEqual([
      ...before,
      [],
    ]);
    // What waits cannot be moved twice.
    const more = await typed(client, { reference: 'T3', quantity: before[0] - 799 });
    expect(more.rows[0]?.reason).toBe('NOT_ENOUGH_STOCK');

    answered(await control.failover({ to: 'backup', mode: 'cut' }));
    answered(await control.clock({ set: '2021-07-26T18:10' }));
    await client.logon();
    const doneAt = '2021-07-26T18:10:00+08:00';
    expect((await transfersOf(client)).map(({ status, doneAt: at }) => [status, at])).toEqual([
      ['done', doneAt],
      ['done', doneAt],
    ]);
    expect([await sharesIn(client, '03'), await sharesIn(client, '01')]).toEqual([before[0] - 800, before[1] + 800]);
    const after = await movementsOf(client);
    expect(after.map(({ at }) => at)).toEqual([doneAt, doneAt, doneAt, doneAt]);
    const all = ofKind(answered(await control.journal({ kinds: 'run' })).entries, 'run');
    const runs = all.map(({ detail }) => detail).filter(({ run }) => run.startsWith('transfers'));
    expect(runs).toEqual([{ run: 'transfers 18:10', date: '2021-07-26', done: { moved: 2 } }]);
    answered(await control.failover({ to: 'primary', mode: 'drain' }));
    await client.logon();
    expect(await movementsOf(client)).toEqual(after);
  });
});
