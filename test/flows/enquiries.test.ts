import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import type { Client, Instruction, Rows } from '../support/client.ts';
import { answered, onTheLine } from '../support/rehearsal.ts';

type Row = Readonly<Record<string, string | number | boolean | null>>;
const DAY = '2021-07-26';
const [HSBC, TENCENT] = ['GB0005405286', 'KYG875721634'];

/** Every enquiry by every filter that is published or named, over real sockets, on a day with instructions in many states. */
describe('enquiries', () => {
  let harness: Harness;
  let client: Client;
  let other: Client;
  const rows = async <T = Row>(path: string) => (await client.ask(`/ccass/v1/${path}`)).json<Rows<T>>().rows;
  const until = async (time: string) => {
    answered(await harness.control.clock({ set: time }));
    await client.logon({ takeOver: true });
    await other.logon({ participant: 'B09902', takeOver: true });
  };
  const post = async (who: Client, path: string, body: object) =>
    (await who.ask(`/ccass/v1/${path}`, { method: 'POST', body })).json<{
      rows: readonly { number: string; reason: string | null }[];
    }>().rows;
  const si = (reference: string, more: object = {}) => ({
    ...{ reference, side: 'deliver', stock: '5', quantity: 400, counterparty: 'B09902', account: '01', payment: 'FOP' },
    settlementDate: DAY,
    ...more,
  });
  const mirrored = (reference: string, more: object = {}) =>
    si(reference, { side: 'receive', counterparty: 'B09901', ...more });

  beforeEach(async () => {
    harness = await startHarness({ at: instant(`${DAY}T09:00`), clock: 'frozen' });
    client = onTheLine(harness);
    other = onTheLine(harness);
    await until(`${DAY}T09:00`);
    await post(client, 'settlement-instructions', {
      rows: [
        si('SETTLES'),
        si('BY-ISIN', { stock: TENCENT, quantity: 100 }),
        si('LATER', { settlementDate: '2021-07-28', quantity: 300 }),
        si('TO-C', { counterparty: 'C09901', quantity: 200 }),
        si('GONE', { quantity: 999 }),
        si('HELD', { hold: true, quantity: 600 }),
      ],
    });
    await post(other, 'settlement-instructions', {
      rows: [mirrored('A'), mirrored('B', { stock: '700', quantity: 100 }), mirrored('C', { quantity: 600 })],
    });
    await post(client, 'account-transfers', {
      rows: [{ reference: 'ATI', stock: HSBC, quantity: 100, fromAccount: '01', toAccount: '03' }],
    });
    const [gone] = (await rows<Instruction>('settlement-instructions')).filter(({ reference }) => reference === 'GONE');
    await post(client, 'settlement-instructions/delete', { numbers: [gone?.number] });
    await until(`${DAY}T10:30`);
  });
  afterEach(async () => {
    client.close();
    other.close();
    await harness.stop();
  });

  test('settlement instructions by each filter and by two at once: those of the whole list that fit, in pages too', async () => {
    const all = await client.instructions();
    expect(all.map(({ reference, status }) => [reference, status])).toEqual([
      ['SETTLES', 'settled'],
      ['BY-ISIN', 'settled'],
      ['LATER', 'unmatched'],
      ['TO-C', 'unmatched'],
      ['HELD', 'matched-on-hold'],
    ]);
    const filters: readonly (readonly [string, (row: Instruction) => boolean])[] = [
      ['status=settled', ({ status }) => status === 'settled'],
      ['status=matched-on-hold', ({ status }) => status === 'matched-on-hold'],
      ['settlementDate=2021-07-28', ({ settlementDate }) => settlementDate === '2021-07-28'],
      ['inputDate=2021-07-26', () => true],
      ['inputDate=2021-07-25', () => false],
      ['stock=5', ({ stock }) => stock === '00005'],
      [`stock=${TENCENT}`, ({ stock }) => stock === '00700'],
      ['counterparty=C09901', ({ counterparty }) => counterparty === 'C09901'],
      ['status=unmatched&stock=5&counterparty=B09902', ({ reference }) => reference === 'LATER'],
    ];
    for (const [query, fits] of filters) {
      const expected = all.filter(fits);
      expect(await rows<Instruction>(`settlement-instructions?${query}`), query).toEqual(expected);
      const paged: Instruction[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const path = `/ccass/v1/settlement-instructions?${query}&limit=1${next && `&cursor=${next}`}`;
        const page: Rows<Instruction> = (await client.ask(path)).json();
        paged.push(...page.rows);
        next = page.next;
      }
      expect(paged, query).toEqual(expected);
    }
  });

  test('what is no filter of an enquiry is refused with those that are, on lists without filters too (BAD_REQUEST)', async () => {
    for (const [path, filters] of [
      ['settlement-instructions', 'expected status, stock, counterparty, settlementDate, inputDate, cursor, limit'],
      ['batches', 'expected cursor, limit'],
      ['broadcasts', 'expected cursor, limit'],
      ['profile', 'expected none'],
      ['batches/U00000000001', 'expected cursor, limit'],
    ]) {
      const { status, ...answer } = await client.ask(`/ccass/v1/${path}?since=yesterday`);
      const { code, detail } = answer.json();
      expect([status, code], path).toEqual([400, 'BAD_REQUEST']);
      expect(detail).toBe(`query: unknown field /since, ${filters}. The shapes are at /ccass/v1/docs`);
    }
  });

  test('a date that no calendar has is refused, so that nobody takes its empty list for an answer (BAD_REQUEST)', async () => {
    for (const filter of [
      'settlement-instructions?settlementDate',
      'settlement-instructions?inputDate',
      'account-transfers?inputDate',
      'money-ledger/postings?date',
      'stock-movements?date',
      'reports?businessDate',
    ])
      for (const day of ['2021-02-30', '2021-13-01', '20210726', '26/07/2021', '']) {
        const { status, ...answer } = await client.ask(`/ccass/v1/${filter}=${day}`);
        expect([status, answer.json().code], `${filter}=${day}`).toEqual([400, 'BAD_REQUEST']);
        expect(answer.json().detail).toMatch(/ate: got ".*", expected a date such as 2021-07-26/);
        expect(JSON.stringify(answer.json().words)).toContain('應為日期，例如 2021-07-26');
      }
  });

  test('a stock is its code or its ISIN in every enquiry, and in input', async () => {
    for (const list of [
      'stock-balances',
      'stock-movements',
      'due-positions',
      'account-transfers',
      'stocks',
      'settlement-instructions',
    ]) {
      const byCode = await rows(`${list}?stock=5`);
      expect(
        byCode.every(({ stock }) => stock === '00005'),
        list,
      ).toBe(true);
      expect(await rows(`${list}?stock=${HSBC}`), list).toEqual(byCode);
      if (list !== 'due-positions') expect(byCode.length, list).toBeGreaterThan(0);
    }
    const [wrong, right] = await post(client, 'settlement-instructions', {
      rows: [si('ISIN-1', { stock: 'HK0000000000' }), si('ISIN-2', { stock: HSBC, isin: HSBC, quantity: 1 })],
    });
    expect([wrong?.reason, right?.reason]).toEqual(['UNKNOWN_STOCK', null]);
  });

  test('postings to the money ledger and stock movements by date: those of the instructions that settled', async () => {
    await post(client, 'settlement-instructions', {
      rows: [si('PAID', { payment: 'DVP', currency: 'HKD', amount: '123.45', quantity: 7 })],
    });
    await post(other, 'settlement-instructions', {
      rows: [mirrored('P', { payment: 'DVP', currency: 'HKD', amount: '123.45', quantity: 7 })],
    });
    await until(`${DAY}T12:00`);
    const [posting, ...more] = await rows('money-ledger/postings');
    const ledger = (await rows('money-ledger?currency=HKD')).find(({ subAccount }) => subAccount === 'settlement');
    expect(more).toEqual([]);
    expect(posting).toMatchObject({
      ...{ currency: 'HKD', subAccount: 'settlement', amount: '123.45', counterparty: 'B09902' },
      balance: ledger?.balance,
    });
    const theirs = (await other.ask('/ccass/v1/money-ledger/postings')).json<Rows<Row>>().rows;
    expect(theirs).toMatchObject([{ amount: '-123.45' }]);
    for (const [query, count] of [
      ['currency=HKD', 1],
      ['currency=USD', 0],
      [`date=${DAY}`, 1],
      ['date=2021-07-27', 0],
      [`date=${DAY}&currency=HKD&limit=1`, 1],
    ] as const)
      expect(await rows(`money-ledger/postings?${query}`), query).toHaveLength(count);
    expect((await rows(`stock-movements?date=${DAY}`)).length).toBe((await rows('stock-movements')).length);
    expect(await rows('stock-movements?date=2021-07-25')).toEqual([]);
  });

  test('due and overdue positions by stock, market and position type', async () => {
    const all = await rows('due-positions');
    expect(all.length).toBeGreaterThan(1);
    for (const kind of ['CNS', 'isolated'])
      expect(await rows(`due-positions?kind=${kind}`)).toEqual(all.filter((row) => row.kind === kind));
    for (const market of ['HKMK', 'MAMK'])
      expect(await rows(`due-positions?market=${market}`)).toEqual(all.filter((row) => row.market === market));
    const stock = String(all[0]?.stock);
    expect(await rows(`due-positions?stock=${stock}`)).toEqual(all.filter((row) => row.stock === stock));
  });

  test('a deleted instruction is enquired on the day of its deletion, when asked for, and not afterwards (NOT_FOUND)', async () => {
    const [gone] = await rows<Instruction>('settlement-instructions?status=deleted');
    expect(gone?.reference).toBe('GONE');
    const one = () => client.ask(`/ccass/v1/settlement-instructions/${gone?.number}`);
    expect((await one()).json<Instruction>().status).toBe('deleted');
    expect((await client.instructions()).some(({ reference }) => reference === 'GONE')).toBe(false);
    await until('2021-07-27T08:00');
    expect(await rows('settlement-instructions?status=deleted')).toEqual([]);
    const later = await one();
    expect([later.status, later.json().code]).toEqual([404, 'NOT_FOUND']);
    // One that settled the day before is enquired as ever.
    expect((await rows('settlement-instructions?status=settled')).length).toBe(2);
  });
});

test('an account that the participant does not have is refused with those that it has (NOT_FOUND)', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:00'), clock: 'frozen', log: 'silent' });
  using client = onTheLine(harness);
  await client.logon();
  for (const path of [
    'stock-balances',
    'stock-movements',
    'due-positions',
    'settlement-instructions',
    'account-transfers',
  ]) {
    const answer = await client.ask(`/ccass/v1/${path}?stock=99999`);
    expect([answer.status, answer.json()], path).toMatchObject([
      404,
      {
        code: 'NOT_FOUND',
        detail: expect.stringMatching(/^The market has no stock 99999\. Nearest: .*GET \/ccass\/v1\/stocks/),
      },
    ]);
    for (const known of ['5', '00005', 'GB0005405286'])
      expect((await client.ask(`/ccass/v1/${path}?stock=${known}`)).status, `${path} ${known}`).toBe(200);
  }
  const party = await client.ask('/ccass/v1/settlement-instructions?counterparty=b09902');
  expect([party.status, party.json()]).toMatchObject([
    404,
    { code: 'NOT_FOUND', detail: 'The market has no participant b09902. Nearest: B09902, B09901, B09903' },
  ]);
  for (const path of ['stock-balances', 'stock-movements']) {
    const answer = await client.ask(`/ccass/v1/${path}?account=99`);
    expect([answer.status, answer.json()]).toMatchObject([
      404,
      { code: 'NOT_FOUND', detail: expect.stringMatching(/^B09901 has no account 99\. Its accounts: 01/) },
    ]);
    expect((await client.ask(`/ccass/v1/${path}?account=01`)).status).toBe(200);
  }
});
