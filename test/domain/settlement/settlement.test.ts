import { describe, expect, it } from 'vitest';
import { put } from '../../../src/domain/change.ts';
import { decideRevoke } from '../../../src/domain/settlement/instruction.ts';
import { decidePurge, purgeable } from '../../../src/domain/settlement/purge.ts';
import { dueDeliveries, settlementRun } from '../../../src/domain/settlement/settlement.ts';
import { ASSUMED_RULES } from '../../../src/domain/settlement/settlement-rules.ts';
import {
  AT,
  apply,
  DATE,
  FREE,
  holdingOf,
  input,
  MAKER,
  match,
  matched,
  mirror,
  moneyOf,
  openBooks,
  PARTICIPANTS,
  runSettlement,
  sharesOf,
  si,
  statusOf,
} from '../../support/si-market.ts';

const run = (books: ReturnType<typeof openBooks>, options: Parameters<typeof runSettlement>[2] = {}) =>
  runSettlement(books, dueDeliveries(books.all('instruction'), options.date ?? DATE), options);

describe('a pair that settles', () => {
  it('moves the shares from account to account and the money the other way, and notes all four', () => {
    const books = openBooks();
    const [deliver, receive] = matched(books, {}, { account: '03' });
    expect(run(books)).toEqual({ settled: [deliver], waiting: {}, steps: 1 });
    expect([deliver, receive].map((number) => books.get('instruction', number))).toMatchObject([
      { status: 'settled', statusAt: AT, matchedWith: receive },
      { status: 'settled', statusAt: AT, matchedWith: deliver },
    ]);
    expect([sharesOf(books, 'B09901'), sharesOf(books, 'B09902'), sharesOf(books, 'B09902', '03')]).toEqual([
      600, 1000, 400,
    ]);
    expect(PARTICIPANTS.map((id) => moneyOf(books, id))).toEqual([1_100_00, 900_00, 1_000_00]);
    const common = { at: AT, date: DATE };
    const stock = { ...common, stock: '00005', kind: 'SI' };
    const money = { ...common, currency: 'HKD', subAccount: 'settlement' };
    const [own, other] = [
      { participant: 'B09901', instruction: deliver, counterparty: 'B09902' },
      { participant: 'B09902', instruction: receive, counterparty: 'B09901' },
    ];
    expect(books.stockMovementsOf('B09901')).toEqual([
      { number: 'M000000001', ...stock, ...own, account: '01', quantity: -400, balance: 600 },
    ]);
    expect(books.stockMovementsOf('B09902')).toEqual([
      { number: 'M000000002', ...stock, ...other, account: '03', quantity: 400, balance: 400 },
    ]);
    expect(books.moneyMovementsOf('B09902')).toEqual([
      { number: 'L000000001', ...money, ...other, amountCents: -100_00, balanceCents: 900_00 },
    ]);
    expect(books.moneyMovementsOf('B09901')).toEqual([
      { number: 'L000000002', ...money, ...own, amountCents: 100_00, balanceCents: 1_100_00 },
    ]);
    expect(run(books)).toEqual({ settled: [], waiting: {}, steps: 0 });
  });

  it('free of payment moves no money; all shares of a stock leave no empty row', () => {
    const books = openBooks();
    matched(books, { ...FREE, quantity: 1000 });
    run(books);
    expect(books.size('moneyMovement')).toBe(0);
    expect(holdingOf(books, 'B09901')).toBeUndefined();
    expect(sharesOf(books, 'B09902')).toBe(2000);
  });

  it('pays in the SI’s currency, from a ledger that had none', () => {
    const books = openBooks();
    matched(books, { currency: 'CNY' });
    run(books);
    expect([moneyOf(books, 'B09902', 'CNY'), moneyOf(books, 'B09901', 'CNY'), moneyOf(books, 'B09901')]).toEqual([
      -100_00, 100_00, 1_000_00,
    ]);
  });
});

describe('due is', () => {
  it('a matched SI that delivers, with a settlement date up to the market date', () => {
    const books = openBooks();
    const [late] = matched(books, { settlementDate: '2021-07-20' });
    const [today] = matched(books);
    matched(books, { settlementDate: '2021-07-27' });
    matched(books, { hold: true });
    const unmatched = si();
    input(books, [unmatched]);
    expect(dueDeliveries(books.all('instruction'), DATE)).toEqual([late, today]);
  });

  it('the earlier settlement date first, then the lower number', () => {
    const books = openBooks({ shares: 400 });
    const [second] = matched(books);
    const [third] = matched(books);
    const [first] = matched(books, { settlementDate: '2021-07-23' });
    expect(run(books)).toEqual({
      settled: [first],
      waiting: { [second]: 'NOT_ENOUGH_STOCK', [third]: 'NOT_ENOUGH_STOCK' },
      steps: 1,
    });
  });
});

describe('a pair that cannot settle', () => {
  it('for want of shares changes nothing, and is due again in the next run', () => {
    const books = openBooks();
    const [deliver] = matched(books, { quantity: 1001 });
    const digest = books.digest();
    expect(run(books).waiting).toEqual({ [deliver]: 'NOT_ENOUGH_STOCK' });
    expect(books.digest()).toBe(digest);
    matched(books, { ...FREE, participant: 'C09901', counterparty: 'B09901', quantity: 1 });
    // In the run after, on a later day, the share that was missing comes first.
    expect(run(books, { date: '2021-07-29' }).settled).toContain(deliver);
  });

  it('for want of money: DVP settles and the ledger goes negative', () => {
    const books = openBooks({ cents: 0 });
    matched(books);
    run(books);
    expect(moneyOf(books, 'B09902')).toBe(-100_00);
  });

  it('for want of money: RDP puts the shares on hold until the money comes', () => {
    const books = openBooks({ cents: 99_99 });
    const [deliver, receive] = matched(books, { payment: 'RDP' });
    expect(run(books)).toEqual({ settled: [], waiting: { [deliver]: 'NOT_ENOUGH_MONEY' }, steps: 1 });
    expect([statusOf(books, deliver), statusOf(books, receive)]).toEqual(['shares-on-hold', 'shares-on-hold']);
    expect(holdingOf(books, 'B09901')).toMatchObject({ quantity: 1000, onHold: 400 });
    expect(books.size('stockMovement') + books.size('moneyMovement')).toBe(0);
    // What is on hold is not there for others.
    const [other] = matched(books, { ...FREE, quantity: 601 });
    expect(run(books).waiting).toEqual({ [deliver]: 'NOT_ENOUGH_MONEY', [other]: 'NOT_ENOUGH_STOCK' });
    // The receiver is paid for a delivery of his own, in the same run and after it was tried.
    matched(books, { participant: 'B09902', counterparty: 'C09901', stock: '00700', amountCents: 1 });
    expect(run(books).settled).toContain(deliver);
    expect(holdingOf(books, 'B09901')).toEqual({ participant: 'B09901', account: '01', stock: '00005', quantity: 600 });
    expect(moneyOf(books, 'B09902')).toBe(0);
  });

  it('requires cover for DVP too if the rules say so', () => {
    const books = openBooks({ cents: 0 });
    const [deliver] = matched(books);
    const rules = { ...ASSUMED_RULES, moneyCover: { DVP: true, RDP: true } };
    expect(run(books, { rules }).waiting).toEqual({ [deliver]: 'NOT_ENOUGH_MONEY' });
    expect(run(books).settled).toEqual([deliver]);
  });

  it('settles twelve DVPs of the largest amount, with balances beyond 2^53 cents exact to the cent', () => {
    const books = openBooks({ cents: 7 });
    const amountCents = 999_999_999_999_999;
    const delivered = Array.from({ length: 12 }, () => matched(books, { quantity: 10, amountCents })[0]);
    expect(run(books)).toMatchObject({ settled: delivered, waiting: {} });
    expect([moneyOf(books, 'B09901'), moneyOf(books, 'B09902')]).toEqual(['11999999999999995', '-11999999999999981']);
    const last = books.moneyMovementsOf('B09901').at(-1);
    expect([last?.amountCents, last?.balanceCents]).toEqual([amountCents, '11999999999999995']);
  });

  it('checks the cover of a payer whose balance is beyond 2^53 cents', () => {
    const books = openBooks({ cents: 0 });
    const amountCents = 999_999_999_999_999;
    for (let n = 0; n < 10; n++) matched(books, { quantity: 10, amountCents });
    run(books);
    expect(moneyOf(books, 'B09901')).toBe('9999999999999990');
    const rich = matched(books, {
      participant: 'B09902',
      counterparty: 'B09901',
      quantity: 10,
      amountCents,
      payment: 'RDP',
    });
    const poor = matched(books, { quantity: 10, amountCents, payment: 'RDP' });
    expect(run(books)).toMatchObject({ settled: [rich[0]], waiting: { [poor[0]]: 'NOT_ENOUGH_MONEY' } });
    expect(moneyOf(books, 'B09901')).toBe(8_999_999_999_999_991);
  });
});

describe('a chain of deliveries', () => {
  const PLACES = ['01', '03'].flatMap((account) => PARTICIPANTS.map((participant) => ({ participant, account })));

  /** 100 shares go from place to place, each delivery waiting for the one before; the last one has the lowest number. */
  function chain() {
    const books = openBooks({ shares: 0 });
    const stock = '00005';
    apply(books, [put('holding', { participant: 'B09901', account: '01', stock, quantity: 100 })]);
    const numbers: string[] = [];
    for (let n = PLACES.length - 2; n >= 0; n--) {
      const [from, to] = [PLACES[n], PLACES[n + 1]];
      if (!from || !to) throw new Error('no such place');
      const number = (side: string) => `D${side}000000${PLACES.length - n}`;
      const row = si({
        ...FREE,
        ...from,
        counterparty: to.participant,
        number: number('1'),
        reference: 'R',
        stock,
        quantity: 100,
      });
      const other = mirror(row, { account: to.account, number: number('2'), reference: 'R' });
      input(books, [row, other]);
      numbers.push(row.number);
    }
    match(books);
    return { books, numbers };
  }

  it('settles in one run, whatever the order of its numbers', () => {
    const { books, numbers } = chain();
    expect(run(books)).toMatchObject({ settled: numbers.toReversed(), waiting: {} });
    expect(sharesOf(books, 'C09901', '03')).toBe(100);
    expect(books.size('holding')).toBe(1);
  });

  it('settles the same in steps of any size', () => {
    const digests = [1, 2, 3, 512].map((pairsPerStep) => {
      const { books, numbers } = chain();
      expect(run(books, { pairsPerStep }).settled).toHaveLength(numbers.length);
      return books.digest();
    });
    expect(new Set(digests).size).toBe(1);
  });
});

it('an SI that is revoked between two steps of a run is skipped', () => {
  const books = openBooks();
  const [first] = matched(books);
  const [second, other] = matched(books);
  const steps = settlementRun(books, [first, second], { at: AT, date: DATE, rules: ASSUMED_RULES }, 1);
  apply(books, steps.next().value?.changes ?? 'nothing');
  apply(books, decideRevoke(books, second, MAKER));
  expect(steps.next().value).toEqual({ changes: [], settled: [], waiting: [] });
  expect([first, second, other].map((number) => statusOf(books, number))).toEqual(['settled', 'deleted', 'unmatched']);
  expect(steps.next().done).toBe(true);
});

describe('purged is', () => {
  it('an SI not settled 14 calendar days after its settlement date, both sides of a match', () => {
    const books = openBooks();
    const [own, other] = matched(books, { hold: true });
    const waits = si({ quantity: 1 });
    const later = si({ quantity: 1, settlementDate: '2021-07-27' });
    input(books, [waits, later]);
    const [done, too] = matched(books);
    run(books);
    expect(purgeable(books.all('instruction'), '2021-08-08', ASSUMED_RULES)).toEqual([]);
    const numbers = purgeable(books.all('instruction'), '2021-08-09', ASSUMED_RULES);
    expect(numbers).toEqual([own, other, waits.number]);
    apply(books, decidePurge(books, numbers, AT));
    const all = [own, other, waits.number, later.number, done, too];
    expect(all.map((number) => statusOf(books, number))).toEqual([
      ...['purged', 'purged', 'purged'],
      ...['unmatched', 'settled', 'settled'],
    ]);
    expect(decidePurge(books, numbers, AT)).toEqual([]);
  });

  it('with its shares released, once, whichever side is named first', () => {
    for (const turn of [false, true]) {
      const books = openBooks({ cents: 0 });
      const pair = matched(books, { payment: 'RDP' });
      run(books);
      const numbers = turn ? pair.toReversed() : pair;
      // One side alone takes the other with it, as when a run is cut in two commits.
      apply(books, decidePurge(books, numbers.slice(0, 1), AT));
      apply(books, decidePurge(books, numbers, AT));
      expect(pair.map((number) => statusOf(books, number))).toEqual(['purged', 'purged']);
      expect(holdingOf(books, 'B09901')).not.toHaveProperty('onHold');
    }
  });
});
