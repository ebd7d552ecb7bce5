import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchStatus, RefusedRow } from '../../src/api/ccass/batches.ts';
import { ROW_REASON_CODES, ROW_REASONS } from '../../src/domain/settlement/batch.ts';
import { TRANSFER_REASON_CODES, TRANSFER_REASONS } from '../../src/domain/settlement/transfer.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile, outcomeOf } from '../support/batch-files.ts';
import type { Batch, Client } from '../support/client.ts';
import { customMarket } from '../support/custom-market.ts';
import { answered, batchesDone, inSession1, noted, onTheLine } from '../support/rehearsal.ts';
import { HEADER, type ROW, shipped, written } from '../support/shipped-layouts.ts';

/** A refused row says what came, why it is refused and what to do next: in the status, the journal and the control report. */
const FOP = { payment: 'FOP', currency: '', amountCents: 0 };
/** MAKER01 may input 500 million HKD. */
const DEAR = 50_000_000_001;

/** One way to earn each reason by ZSIUP01, in file order, and what the answer says of it. */
const INSTRUCTIONS: readonly [
  reason: keyof typeof ROW_REASONS,
  row: Partial<typeof ROW>,
  told: Pick<RefusedRow, 'field' | 'columns' | 'came' | 'expected'>,
][] = [
  ['BAD_SIDE', { side: 'S' }, { field: 'side', columns: [18, 18], came: 'S', expected: 'D or R' }],
  [
    'UNKNOWN_STOCK',
    { stock: '99999' },
    { field: 'stock', columns: [19, 23], came: '99999', expected: 'a code of the CCASS stock list' },
  ],
  [
    'ISIN_MISMATCH',
    { isin: 'KYG875721634' },
    { field: 'isin', columns: [24, 35], came: 'KYG875721634', expected: 'GB0005405286, or blank' },
  ],
  [
    'BAD_QUANTITY',
    { quantity: 0 },
    { field: 'quantity', columns: [36, 47], came: '000000000000', expected: 'a number of shares above zero' },
  ],
  [
    'UNKNOWN_COUNTERPARTY',
    { counterparty: 'Z99999' },
    { field: 'counterparty', columns: [48, 53], came: 'Z99999', expected: 'the ID of a participant' },
  ],
  [
    'SELF_COUNTERPARTY',
    { counterparty: 'B09901' },
    { field: 'counterparty', columns: [48, 53], came: 'B09901', expected: 'a participant other than B09901' },
  ],
  [
    'UNKNOWN_ACCOUNT',
    { account: '99' },
    { field: 'account', columns: [54, 61], came: '99', expected: 'a stock account of B09901' },
  ],
  ['BAD_PAYMENT', { payment: '' }, { field: 'payment', columns: [62, 64], came: '', expected: 'FOP, DVP or RDP' }],
  [
    'BAD_CURRENCY',
    { ...FOP, currency: 'HKD' },
    { field: 'currency', columns: [65, 67], came: 'HKD', expected: 'blank with FOP' },
  ],
  [
    'BAD_AMOUNT',
    { amountCents: 0 },
    { field: 'amountCents', columns: [68, 82], came: '000000000000000', expected: 'above zero with DVP' },
  ],
  [
    'BAD_SETTLEMENT_DATE',
    { settlementDate: '2021-07-25' },
    {
      ...{ field: 'settlementDate', columns: [83, 90], came: '20210725' },
      expected: 'a business day, 20210724 to 20210807',
    },
  ],
  ['BAD_HOLD', { hold: '' }, { field: 'hold', columns: [91, 91], came: '', expected: 'Y or N' }],
  [
    'DUPLICATE_REFERENCE',
    { reference: 'GOOD' },
    { field: 'reference', columns: [2, 17], came: 'GOOD', expected: 'a reference not used on 20210724' },
  ],
  [
    'OVER_LIMIT',
    { amountCents: DEAR },
    { field: 'amountCents', columns: [68, 82], came: '000050000000001', expected: 'up to HKD 500000000.00' },
  ],
  [
    'OVER_LIMIT',
    { ...FOP, quantity: 999_999_999_999 },
    { field: 'quantity', columns: [36, 47], came: '999999999999', expected: 'market value up to HKD 500000000.00' },
  ],
];

/** The same by ZATUP01. Account 01 of B09901 has 160,000 shares of 00005. */
const MOVE = { stock: '00005', isin: '', quantity: 100, fromAccount: '01', toAccount: '03', narrative: '' };
const TRANSFERS: readonly [
  reason: keyof typeof TRANSFER_REASONS,
  row: Partial<typeof MOVE & { reference: string }>,
  told: Pick<RefusedRow, 'field' | 'columns' | 'came' | 'expected'>,
][] = [
  [
    'UNKNOWN_STOCK',
    { stock: '99999' },
    { field: 'stock', columns: [18, 22], came: '99999', expected: 'a code of the CCASS stock list' },
  ],
  [
    'ISIN_MISMATCH',
    { isin: 'KYG875721634' },
    { field: 'isin', columns: [23, 34], came: 'KYG875721634', expected: 'GB0005405286, or blank' },
  ],
  [
    'BAD_QUANTITY',
    { quantity: 0 },
    { field: 'quantity', columns: [35, 46], came: '000000000000', expected: 'a number of shares above zero' },
  ],
  [
    'UNKNOWN_ACCOUNT',
    { fromAccount: '98' },
    { field: 'fromAccount', columns: [47, 54], came: '98', expected: 'a stock account of B09901' },
  ],
  [
    'UNKNOWN_ACCOUNT',
    { toAccount: '99' },
    { field: 'toAccount', columns: [55, 62], came: '99', expected: 'a stock account of B09901' },
  ],
  [
    'SAME_ACCOUNT',
    { toAccount: '01' },
    { field: 'toAccount', columns: [55, 62], came: '01', expected: 'an account other than 01' },
  ],
  [
    'NOT_ENOUGH_STOCK',
    { quantity: 160_000 },
    { field: 'quantity', columns: [35, 46], came: '000000160000', expected: 'up to 159900 shares' },
  ],
  [
    'DUPLICATE_REFERENCE',
    { reference: 'GOOD' },
    { field: 'reference', columns: [2, 17], came: 'GOOD', expected: 'a reference not used on 20210724' },
  ],
  [
    'OVER_LIMIT',
    { stock: '00700', quantity: 1_000_000 },
    { field: 'quantity', columns: [35, 46], came: '000001000000', expected: 'market value up to HKD 500000000.00' },
  ],
];

const instructionFile = batchFile(
  [{ reference: 'GOOD' }, ...INSTRUCTIONS.map(([, row], n) => ({ reference: `SI-${n}`, ...row }))],
  { sequence: '0001' },
);
const transferFile = written(shipped('ZATUP01'), { ...HEADER, sequence: '0001' }, [
  { ...MOVE, reference: 'GOOD' },
  ...TRANSFERS.map(([, row], n) => ({ ...MOVE, reference: `ATI-${n}`, ...row })),
]);
/** Line 1 is the header and line 2 the good row. */
const told = INSTRUCTIONS.map(([reason, row, where], n) => ({
  ...{ line: n + 3, reference: row.reference ?? `SI-${n}`, reason, ...where, says: ROW_REASONS[reason] },
}));
const toldOfTransfers = TRANSFERS.map(([reason, row, where], n) => ({
  ...{ line: n + 3, reference: row.reference ?? `ATI-${n}`, reason, ...where, says: TRANSFER_REASONS[reason] },
}));

async function sent(client: Client, harness: Harness, file: Buffer): Promise<string> {
  const answer = await client.upload(file);
  expect(answer.status, answer.body.toString()).toBe(202);
  await batchesDone(harness.control);
  return answer.json<Batch>().reference;
}

const statusOf = async (client: Client, reference: string, query = '') =>
  (await client.ask(`/ccass/v1/batches/${reference}${query}`)).json<BatchStatus>();

/** Every refused row, page by page. */
async function refusedRows(client: Client, reference: string, limit: number): Promise<RefusedRow[]> {
  const found: RefusedRow[] = [];
  for (let query = `?limit=${limit}`; ; ) {
    const { rows, next } = (await statusOf(client, reference, query)).refusedRows;
    expect(rows.length).toBeLessThanOrEqual(limit);
    found.push(...rows);
    if (next === null) return found;
    query = `?limit=${limit}&cursor=${next}`;
  }
}

describe('a refused row says what came, why and what next', () => {
  let market: Awaited<ReturnType<typeof customMarket>>;
  let harness: Harness;
  let client: Client;
  let instructions: string;
  let transfers: string;
  beforeAll(async () => {
    // A holding that is worth more than the user may input.
    market = await customMarket({
      'holdings.json': (content) => ({
        ...content,
        holdings: (content.holdings as readonly { stock: string }[]).map((row) =>
          row.stock === '00700' ? { ...row, quantity: 1_000_000 } : row,
        ),
      }),
    });
    harness = await inSession1({ market: market.folder });
    client = onTheLine(harness);
    await client.logon();
    instructions = await sent(client, harness, instructionFile);
    transfers = await sent(client, harness, transferFile);
  });
  afterAll(async () => {
    client.close();
    await harness.stop();
    await market[Symbol.asyncDispose]();
  });

  test('each reason of a batch file is made here', () => {
    expect(new Set(INSTRUCTIONS.map(([reason]) => reason))).toEqual(new Set(ROW_REASON_CODES));
    expect(new Set(TRANSFERS.map(([reason]) => reason))).toEqual(new Set(TRANSFER_REASON_CODES));
  });

  test.each(INSTRUCTIONS.map(([reason], n) => [reason, n] as const))('%s of ZSIUP01 (case %i)', async (_, n) => {
    expect((await refusedRows(client, instructions, 1000))[n]).toEqual(told[n]);
  });

  test.each(TRANSFERS.map(([reason], n) => [reason, n] as const))('%s of ZATUP01 (case %i)', async (_, n) => {
    expect((await refusedRows(client, transfers, 1000))[n]).toEqual(toldOfTransfers[n]);
  });

  test.each([1, 4, 15, 16])('the status pages through them, %i at a time', async (limit) => {
    expect(await refusedRows(client, instructions, limit)).toEqual(told);
  });

  test('BAD_CURSOR: another batch’s cursor, another list’s, and none', async () => {
    const { next } = (await statusOf(client, instructions, '?limit=1')).refusedRows;
    const forged = Buffer.from(`refused:${instructions}:99`).toString('base64url');
    for (const [reference, cursor] of [
      [transfers, next],
      [instructions, Buffer.from('batch:1').toString('base64url')],
      [instructions, Buffer.from(`refused:${instructions}:-1`).toString('base64url')],
      [instructions, forged],
    ]) {
      const answer = await client.ask(`/ccass/v1/batches/${reference}?cursor=${cursor}`);
      expect([answer.status, answer.json().code]).toEqual([400, 'BAD_CURSOR']);
    }
    expect((await client.ask(`/ccass/v1/batches/${instructions}?limit=1001`)).status).toBe(400);
  });

  test('a batch without refused rows has an empty page and no link', async () => {
    const reference = await sent(client, harness, batchFile(1, { sequence: '0009' }));
    const answer = await client.ask(`/ccass/v1/batches/${reference}`);
    expect(answer.json<BatchStatus>().refusedRows).toEqual({ rows: [], next: null });
    expect(answer.headers.link).toBeUndefined();
  });

  test('the answer links to the table of all reasons', async () => {
    const { link } = (await client.ask(`/ccass/v1/batches/${instructions}`)).headers;
    expect(link).toBe('</ccass/v1/row-reasons>; rel="help"');
    const { rows } = (await client.ask('/ccass/v1/row-reasons')).json<{ rows: { reason: string; says: unknown }[] }>();
    const says = new Map(rows.map((row) => [row.reason, row.says]));
    for (const row of [...told, ...toldOfTransfers]) expect(says.get(row.reason), row.reason).toEqual(row.says);
  });

  test.each([
    ['ZSICR01', () => instructions, told],
    ['ZATCR01', () => transfers, toldOfTransfers],
  ] as const)('the control report %s says the same, as data and in print', async (id, reference, rows) => {
    const { report } = await outcomeOf(client, reference(), id);
    expect(report.details.filter(({ outcome }) => outcome === 'R')).toEqual(
      rows.map(({ line, reference, reason, columns, came, expected }) => ({
        ...{ recordType: 1, line, reference, outcome: 'R', reason, number: '' },
        ...{ fromColumn: columns?.[0], toColumn: columns?.[1], came, expected },
      })),
    );
    expect(report.details[0]).toMatchObject({ outcome: 'A', fromColumn: 0, toColumn: 0, came: '', expected: '' });
    for (const { line, reason, columns, came, expected, says } of rows) {
      const printed = report.text.split('\r\n').find((text) => text.trim().startsWith(`${line} `)) ?? '';
      expect(printed).toContain(`REFUSED`);
      expect(printed).toMatch(new RegExp(`${reason} +${columns?.join('-')} `));
      expect(printed).toContain(came);
      expect(printed.endsWith(expected), printed).toBe(true);
      expect(report.text).toContain(`${reason}: ${says.en}`.slice(0, 132));
    }
  });

  test('the journal says the same of the first twenty', async () => {
    const [one, other] = await noted(harness.control, { kinds: ['batch'] }, 2);
    for (const [entry, rows] of [
      [one, told],
      [other, toldOfTransfers],
    ] as const) {
      expect(entry?.detail.firstRefused).toEqual(
        rows.map(({ came, says, ...row }) => ({ ...row, got: came })).slice(0, 20),
      );
    }
  });
});

test('while a batch is processed, the rows refused so far are told, by the same cursors', async () => {
  await using harness = await inSession1({ lagMs: 60_000 });
  using client = onTheLine(harness);
  await client.logon();
  const rows = 20_000;
  const file = batchFile(
    Array.from({ length: rows }, (_, n) => (n % 2 ? {} : { stock: '99999', narrative: String(n) })),
    { sequence: '0001' },
  );
  const reference = (await client.upload(file)).json<Batch>().reference;
  // As a client that polls: it goes on from where it was, and sees each refused row once.
  const lines: number[] = [];
  const statuses = new Set<string>();
  for (let query = '?limit=1000'; ; ) {
    const { status, refused, refusedRows: page } = await statusOf(client, reference, query);
    statuses.add(status);
    expect(lines.length + page.rows.length).toBeLessThanOrEqual(refused);
    const seen =
      page.next ?? Buffer.from(`refused:${reference}:${lines.length + page.rows.length}`).toString('base64url');
    lines.push(...page.rows.map(({ line }) => line));
    if (status === 'processed' && page.next === null) break;
    query = `?limit=1000&cursor=${seen}`;
  }
  expect(lines).toEqual(Array.from({ length: rows / 2 }, (_, n) => 2 * n + 2));
});

test('refused rows survive a fail-over by cut and a restart', { timeout: 60_000 }, async () => {
  const data = await mkdtemp(join(tmpdir(), 'refused-rows-'));
  try {
    let reference = '';
    {
      await using harness = await inSession1({ data });
      using client = onTheLine(harness);
      await client.logon();
      reference = await sent(client, harness, instructionFile);
      answered(await harness.control.failover({ to: 'primary', mode: 'cut' }));
      await client.logon();
      expect(await refusedRows(client, reference, 4)).toEqual(told);
    }
    await using harness = await inSession1({ data });
    using client = onTheLine(harness);
    await client.logon();
    expect(await refusedRows(client, reference, 4)).toEqual(told);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
