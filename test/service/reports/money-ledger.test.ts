import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { put } from '../../../src/domain/change.ts';
import type { MoneyMovement } from '../../../src/domain/nouns/instructions.ts';
import type { Currency, Participant } from '../../../src/domain/nouns/market.ts';
import { moneyLedger } from '../../../src/service/reports/money-ledger.ts';
import { Books } from '../../../src/store/books/books.ts';

const DAY = '2021-07-26';
const BROKER: Participant = { id: 'B09901', name: { en: 'Broker', zh: '經紀' }, type: 'direct-clearing' };

/** The ledger after these postings, each of a currency, a date and an amount; it began with 1,000.00 in each. */
function booksAfter(postings: readonly { currency: Currency; date: string; amountCents: number }[]): Books {
  const books = new Books();
  const balances: Partial<Record<Currency, number>> = { HKD: 100_000, USD: 100_000 };
  postings.forEach(({ currency, date, amountCents }, n) => {
    const balanceCents = (balances[currency] ?? 0) + amountCents;
    balances[currency] = balanceCents;
    const row: MoneyMovement = {
      number: `L${String(n + 1).padStart(9, '0')}`,
      participant: BROKER.id,
      currency,
      subAccount: 'settlement',
      amountCents,
      balanceCents,
      at: instant(`${date}T10:30`),
      date,
      instruction: 'D00000001',
      counterparty: 'B09902',
    };
    books.apply(put('moneyMovement', row));
  });
  for (const currency of ['HKD', 'USD'] as const) {
    const balanceCents = balances[currency] ?? 0;
    books.apply(put('moneyBalance', { participant: BROKER.id, currency, subAccount: 'settlement', balanceCents }));
  }
  return books;
}

const statement = (books: Books) => [
  ...moneyLedger(books, { participant: BROKER, businessDate: DAY, at: instant(`${DAY}T20:30`) }).rows(),
];

test('a statement made late is the same as one in time, without later postings', () => {
  const posting = (...dates: string[]) =>
    fc.record({
      currency: fc.constantFrom<Currency>('HKD', 'USD'),
      date: fc.constantFrom(...dates),
      amountCents: fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }),
    });
  fc.assert(
    fc.property(
      fc.array(posting('2021-07-23'), { maxLength: 4 }),
      fc.array(posting(DAY), { maxLength: 4 }),
      fc.array(posting('2021-07-27', '2021-07-28'), { maxLength: 4 }),
      (before, day, after) => {
        const inTime = statement(booksAfter([...before, ...day]));
        expect(statement(booksAfter([...before, ...day, ...after]))).toEqual(inTime);
        expect(inTime.filter(([, , , number]) => number !== '')).toHaveLength(day.length);
      },
    ),
  );
});
