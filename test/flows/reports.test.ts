import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { readRecords } from '../../src/wire/report-file.ts';
import { type Client, clientOf, type Report, type Rows } from '../support/client.ts';
import { readPrinted } from '../support/printed.ts';
import { shipped } from '../support/shipped-layouts.ts';

type Row = Readonly<Record<string, string & number>>;
const DAY = '2021-07-26';
const NEXT = '2021-07-27';
const decimal = (cents: number) => `${cents < 0 ? '-' : ''}${(Math.abs(cents) / 100).toFixed(2)}`;

/** A business day with settlements, enquired at the moment of each report's snapshot; the reports are read the day after. */
describe('each report says what the enquiries said at its snapshot', () => {
  let harness: Harness;
  let broker: Client;
  let other: Client;
  let custodian: Client;
  const said: Record<string, readonly Row[]> = {};

  const rows = async (client: Client, path: string) => (await client.ask(`/ccass/v1${path}`)).json<Rows<Row>>().rows;
  const until = async (time: string) => {
    const moved = await harness.control.clock({ set: time });
    if (isRefusal(moved)) throw new Error(moved.detail.en);
    await broker.logon({ participant: 'B09901', takeOver: true });
    await other.logon({ participant: 'B09902', takeOver: true });
    await custodian.logon({ participant: 'C09901', takeOver: true });
  };
  const si = (reference: string, side: 'deliver' | 'receive', more: object = {}) => ({
    reference,
    side,
    stock: '5',
    quantity: 400,
    counterparty: side === 'deliver' ? 'B09902' : 'B09901',
    account: '01',
    payment: 'DVP',
    currency: 'HKD',
    amount: '17400.00',
    settlementDate: DAY,
    ...more,
  });
  const input = (client: Client, ...all: object[]) =>
    client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows: all } });
  const listed = async (client: Client, id: string, businessDate: string) =>
    (await client.ask(`/ccass/v1/reports?id=${id}&businessDate=${businessDate}`)).json<Rows<Report>>().rows;
  const content = async (client: Client, id: string, format: Report['format'], businessDate = DAY) => {
    const found = (await listed(client, id, businessDate)).filter((row) => row.format === format);
    expect(found, `${id} ${format}`).toHaveLength(1);
    return (await client.ask(`/ccass/v1/reports/${found[0]?.reference}`)).body;
  };
  const printed = async (client: Client, id: string) =>
    readPrinted((await content(client, id, 'text')).toString('latin1'));
  const details = async (client: Client, id: 'ZSMOV01' | 'ZSILS01') => {
    const read = readRecords(shipped(id), await content(client, id, 'data'));
    if (read.fault) throw new Error(JSON.stringify(read.fault));
    return read.details;
  };

  beforeAll(async () => {
    harness = await startHarness({ at: instant(`${DAY}T09:00`), clock: 'frozen' });
    const line = { url: harness.addresses.line, ca: harness.ca };
    [broker, other, custodian] = [clientOf(line), clientOf(line), clientOf(line)];
    await until(`${DAY}T09:00`);
    await input(
      broker,
      si('A', 'deliver'),
      si('GONE', 'deliver', { quantity: 800 }),
      si('OPEN', 'deliver', { stock: '1' }),
    );
    await input(other, si('A', 'receive'));
    const gone = (await rows(broker, '/settlement-instructions')).find(({ reference }) => reference === 'GONE');
    await broker.ask('/ccass/v1/settlement-instructions/delete', { method: 'POST', body: { numbers: [gone?.number] } });
    await until(`${DAY}T11:00`);
    said.intraDay = await rows(broker, '/due-positions');
    // Settles in the run at 17:00, after the Evening MSI and before the Day-end MSI.
    await until(`${DAY}T15:00`);
    await input(broker, si('B', 'receive', { quantity: 1200, amount: '52200.05', counterparty: 'B09902' }));
    await input(other, si('B', 'deliver', { quantity: 1200, amount: '52200.05', counterparty: 'B09901' }));
    await until(`${DAY}T16:30`);
    said.evening = await rows(broker, '/money-ledger');
    await until(`${DAY}T20:15`);
    said.due = await rows(broker, '/due-positions');
    await until(`${DAY}T20:30`);
    said.dayEnd = await rows(broker, '/money-ledger');
    said.movements = await rows(broker, '/stock-movements');
    said.instructions = [
      ...(await rows(broker, '/settlement-instructions')),
      ...(await rows(broker, '/settlement-instructions?status=deleted')),
    ];
    said.stocks = await rows(broker, '/stocks?limit=1000');
    await until(`${NEXT}T08:00`);
  });
  afterAll(async () => {
    for (const client of [broker, other, custodian]) client.close();
    await harness.stop();
  });

  test('ZSMOV01: the stock movements of the day', async () => {
    const told = (said.movements ?? []).map(({ number, account, stock, quantity, balance, instruction }) => ({
      number,
      account,
      stock,
      quantity: Math.abs(quantity ?? 0),
      direction: (quantity ?? 0) < 0 ? 'D' : 'C',
      balance,
      instruction,
    }));
    expect(told.map(({ quantity, direction }) => [direction, quantity])).toEqual([
      ['D', 400],
      ['C', 1200],
    ]);
    expect(await details(broker, 'ZSMOV01')).toMatchObject(told);
    const { rows: lines } = await printed(broker, 'ZSMOV01');
    expect(lines.map((line) => [line.MOVEMENT, line.DEBIT, line.CREDIT, Number(line.BALANCE)])).toEqual(
      told.map((row) => [
        row.number,
        row.direction === 'D' ? String(row.quantity) : '',
        row.direction === 'C' ? String(row.quantity) : '',
        row.balance,
      ]),
    );
    expect(await details(custodian, 'ZSMOV01')).toEqual([]);
  });

  test('ZSILS01: every SI under way, and those that came to their end that day', async () => {
    const told = new Map((said.instructions ?? []).map((row) => [row.number, row]));
    expect([...told.values()].map(({ reference, status }) => [reference, status]).sort()).toEqual([
      ['A', 'settled'],
      ['B', 'settled'],
      ['GONE', 'deleted'],
      ['OPEN', 'unmatched'],
    ]);
    const records = await details(broker, 'ZSILS01');
    expect(records.map(({ number }) => number)).toEqual([...told.keys()].sort());
    for (const record of records) {
      const row = told.get(record.number as string & number);
      const { reference, stock, quantity, counterparty, account, payment, status, settlementDate } = row ?? {};
      expect(record).toMatchObject({
        reference,
        stock,
        quantity,
        counterparty,
        account,
        payment,
        status,
        settlementDate,
      });
      expect([record.side, decimal(Number(record.amountCents))]).toEqual([
        row?.side === 'deliver' ? 'D' : 'R',
        row?.amount,
      ]);
    }
    const { rows: lines } = await printed(broker, 'ZSILS01');
    expect(lines.map((line) => [line['SI NUMBER'], line.STATUS?.toLowerCase(), line.AMOUNT])).toEqual(
      [...told.values()]
        .sort((a, b) => ((a.number ?? '') < (b.number ?? '') ? -1 : 1))
        .map((row) => [row.number, row.status, row.amount]),
    );
    expect((await details(custodian, 'ZSILS01')).length).toBe(0);
  });

  test('what was over before the day is not in its SI list', async () => {
    await until(`${NEXT}T20:30`);
    const records = readRecords(shipped('ZSILS01'), Buffer.from(await kept('B09901', 'ZSILS01', NEXT)));
    if (records.fault) throw new Error(JSON.stringify(records.fault));
    expect(records.details.map(({ reference }) => reference)).toEqual(['OPEN']);
  });

  /** A data file of the day's run as it is after it became available. */
  async function kept(participant: string, id: string, businessDate: string): Promise<Buffer> {
    await until('2021-07-28T08:00');
    await broker.logon({ participant, takeOver: true });
    return content(broker, id, 'data', businessDate);
  }

  test.each([
    ['CSEMA08', 'evening', 1],
    ['CSEMS08', 'dayEnd', 2],
  ] as const)('%s: the money ledger as it was, from what was brought forward', async (id, moment, postings) => {
    const { rows: lines, text } = await printed(broker, id);
    const cents = (figure: string | undefined) => Math.round(Number(figure || '0') * 100);
    const running = new Map<string, number>();
    let posted = 0;
    for (const line of lines) {
      const ledger = `${line.CCY} ${line['SUB-A/C LEDGER']?.toLowerCase()}`;
      const before = running.get(ledger);
      if (line['LEDGER TRN NO'] === '') expect(before, ledger).toBeUndefined();
      else {
        posted++;
        expect((before ?? 0) + cents(line['CR AMOUNT']) - cents(line['DR AMOUNT'])).toBe(cents(line.BALANCE));
      }
      running.set(ledger, cents(line.BALANCE));
    }
    expect(posted).toBe(postings);
    expect(Object.fromEntries([...running].map(([ledger, balance]) => [ledger, decimal(balance)]))).toEqual(
      Object.fromEntries(
        (said[moment] ?? []).map(({ currency, subAccount, balance }) => [`${currency} ${subAccount}`, balance]),
      ),
    );
    expect(text).toContain(`MARKET DATE: ${DAY}   MARKET CODE: HKMK`);
  });

  test('CFIPM01 and CRMMG01: due positions at market price, for clearing participants only', async () => {
    const prices = new Map((said.stocks ?? []).map((row) => [row.stock, row]));
    const worth = (row: Row) => decimal(Math.round((row.quantity ?? 0) * Number(prices.get(row.stock)?.price) * 100));
    const marks = await printed(broker, 'CFIPM01');
    expect(marks.rows.map((line) => [line.CCY, line['STM DATE'], line.STOCK])).toEqual(
      marks.rows
        .map((line) => [line.CCY, line['STM DATE'], line.STOCK])
        .toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
    );
    const byPosition = (a: readonly unknown[], b: readonly unknown[]) => (a.join() < b.join() ? -1 : 1);
    expect(
      marks.rows
        .map((line) => [
          line['STM DATE'],
          line.STOCK,
          line.ISIN,
          line.QUANTITY,
          line['MARKET VALUE'],
          line['POSITION AMOUNT'],
        ])
        .sort(byPosition),
    ).toEqual(
      (said.due ?? [])
        .map((row) => [
          row.settlementDate,
          row.stock,
          prices.get(row.stock)?.isin,
          String(row.quantity),
          worth(row),
          row.amount,
        ])
        .sort(byPosition),
    );
    expect(marks.rows.some((line) => line.QUANTITY?.startsWith('-'))).toBe(true);
    const margin = await printed(broker, 'CRMMG01');
    expect(margin.text).toContain(`SNAPSHOT TIME: ${DAY} 11:00 HKT`);
    expect(
      margin.rows.map((line) => [line['STM DATE'], line.STOCK, line.QTY, line['MKT VALUE']]).sort(byPosition),
    ).toEqual(
      (said.intraDay ?? [])
        .map((row) => [row.settlementDate, row.stock, String(row.quantity), worth(row)])
        .sort(byPosition),
    );
    for (const id of ['CFIPM01', 'CRMMG01']) expect(await listed(custodian, id, DAY)).toEqual([]);
    for (const { text } of [marks, margin]) expect(text).not.toMatch(/[#^]/);
  });

  test('every one of them says SIMULATED', async () => {
    for (const id of ['ZSMOV01', 'ZSILS01', 'CSEMA08', 'CSEMS08', 'CFIPM01', 'CRMMG01']) {
      for (const { format } of await listed(broker, id, DAY))
        expect((await content(broker, id, format)).toString('latin1'), id).toContain('SIMULATED');
    }
  });
});

describe('the second intra-day margin process', () => {
  test('is run before a long holiday, once, over a switch too, and its report says its snapshot', async () => {
    await using harness = await startHarness({ at: instant('2021-02-10T10:00'), clock: 'frozen' });
    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    const snapshots = async () => {
      await client.logon();
      const { rows } = (await client.ask('/ccass/v1/reports?id=CRMMG01')).json<Rows<Report>>();
      const texts = await Promise.all(
        rows
          .filter(({ businessDate }) => businessDate === '2021-02-10')
          .map(async ({ reference }) => (await client.ask(`/ccass/v1/reports/${reference}`)).body.toString('latin1')),
      );
      return texts.map((text) => /SNAPSHOT TIME: (.{16})/.exec(text)?.[1]);
    };
    await harness.control.clock({ set: '2021-02-10T14:44' });
    expect(await snapshots()).toEqual(['2021-02-10 11:00']);
    await harness.control.failover({ to: 'backup', mode: 'drain' });
    await harness.control.clock({ set: '2021-02-10T14:45' });
    expect(await snapshots()).toEqual(['2021-02-10 14:00', '2021-02-10 11:00']);
  });
});

describe('when a report is there', () => {
  test.each([
    ['CRMMG01', '2021-07-26T11:45', '2021-07-26'],
    ['CSEMA08', '2021-07-26T16:30', '2021-07-26'],
    ['CFIPM01', '2021-07-26T20:15', '2021-07-26'],
    ['CSEMS08', '2021-07-24T08:00', '2021-07-23'],
  ])('%s: from %s, not a millisecond before', async (id, from, businessDate) => {
    await using harness = await startHarness({ at: instant(from) - 1, clock: 'frozen' });
    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    await client.logon();
    const there = async () =>
      (await client.ask(`/ccass/v1/reports?id=${id}&businessDate=${businessDate}`)).json<Rows<Report>>().rows.length;
    expect(await there()).toBe(0);
    await harness.control.clock({ advanceMs: 1 });
    expect(await there()).toBe(1);
  });
});
