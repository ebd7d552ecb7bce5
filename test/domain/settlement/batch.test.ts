import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideRow,
  FILE_FAULTS,
  type InstructionRow,
  ROW_REASON_CODES,
  ROW_REASONS,
  type RowReason,
  settlementDates,
} from '../../../src/domain/settlement/batch.ts';
import { facts, INPUT, isWeekday } from '../../support/batch-facts.ts';

const ROW: InstructionRow = {
  reference: 'REF-1',
  side: 'D',
  stock: '00005',
  isin: 'GB0005405286',
  quantity: 4000,
  counterparty: 'B09902',
  account: '01',
  payment: 'DVP',
  currency: 'HKD',
  amountCents: 18_120_000,
  settlementDate: '2021-07-26',
  hold: 'N',
  narrative: 'LOAN',
};
const FOP = { payment: 'FOP', currency: '', amountCents: 0 };
const decide = (changes: Partial<InstructionRow> = {}, given = facts()) =>
  decideRow({ ...ROW, ...changes }, given, INPUT);

describe('an accepted row', () => {
  it('becomes an unmatched instruction', () => {
    expect(decide()).toEqual({
      number: 'D00000001',
      participant: 'B09901',
      user: 'MAKER1',
      reference: 'REF-1',
      side: 'deliver',
      stock: '00005',
      quantity: 4000,
      counterparty: 'B09902',
      account: '01',
      payment: 'DVP',
      currency: 'HKD',
      amountCents: 18_120_000,
      settlementDate: '2021-07-26',
      hold: false,
      narrative: 'LOAN',
      status: 'unmatched',
      inputAt: INPUT.at,
      inputDate: '2021-07-24',
      batch: 'U00000000001',
    });
    expect(decide({ ...FOP, side: 'R', isin: '', hold: 'Y' })).toMatchObject({
      side: 'receive',
      payment: 'FOP',
      currency: null,
      amountCents: 0,
      hold: true,
    });
  });
});

/** One way to earn each reason, in the order in which they win. */
const WAYS: { readonly [R in RowReason]: Partial<InstructionRow> } = {
  BAD_SIDE: { side: 'S' },
  UNKNOWN_STOCK: { stock: '99999' },
  ISIN_MISMATCH: { isin: 'KYG875721634' },
  BAD_QUANTITY: { quantity: 0 },
  UNKNOWN_COUNTERPARTY: { counterparty: 'Z99999' },
  SELF_COUNTERPARTY: { counterparty: 'B09901' },
  UNKNOWN_ACCOUNT: { account: '99' },
  BAD_PAYMENT: { payment: '' },
  BAD_CURRENCY: { currency: '' },
  BAD_AMOUNT: { amountCents: 0 },
  BAD_SETTLEMENT_DATE: { settlementDate: '2021-07-25' },
  BAD_HOLD: { hold: '' },
  DUPLICATE_REFERENCE: { reference: 'USED' },
  OVER_LIMIT: { quantity: 999_999_999_999 },
};
const withUsed = facts({ isReferenceUsed: (reference) => reference === 'USED' });

describe('a refused row', () => {
  it.each(ROW_REASON_CODES)('%s', (reason) => {
    expect(decide(WAYS[reason], withUsed)).toBe(reason);
  });

  it('gives the first reason in field order, DUPLICATE_REFERENCE and OVER_LIMIT last', () => {
    fc.assert(
      fc.property(fc.subarray(ROW_REASON_CODES, { minLength: 1 }), (chosen) => {
        // Two ways to spoil one field exclude each other; the later of them is made.
        const reasons = chosen.filter(
          (reason) =>
            !(reason === 'UNKNOWN_COUNTERPARTY' && chosen.includes('SELF_COUNTERPARTY')) &&
            !(reason === 'BAD_QUANTITY' && chosen.includes('OVER_LIMIT')),
        );
        const spoilt = Object.assign({}, ...reasons.map((reason) => WAYS[reason]));
        expect(decide(spoilt, withUsed)).toBe(reasons[0]);
      }),
    );
  });

  it.each<[RowReason, Partial<InstructionRow>]>([
    ['BAD_CURRENCY', { currency: 'EUR' }],
    ['BAD_CURRENCY', { ...FOP, currency: 'HKD' }],
    ['BAD_AMOUNT', { ...FOP, amountCents: 1 }],
    ['BAD_HOLD', { hold: 'y' }],
    ['BAD_SIDE', { side: 'constructor' }],
  ])('%s: %j', (reason, row) => {
    expect(decide(row)).toBe(reason);
  });
});

describe('the settlement date', () => {
  it.each([
    ['2021-07-23', false, 'before the market date'],
    ['2021-07-24', false, 'the market date itself, a Saturday'],
    ['2021-07-26', true, 'the first business day'],
    ['2021-08-06', true, 'the last business day within fourteen days'],
    ['2021-08-09', false, 'a business day beyond them'],
    ['2021-07-32', false, 'no date'],
    ['2021-13-01', false, 'no date'],
    ['0000-00-00', false, 'zeros'],
    ['', false, 'nothing'],
  ])('%s: %s (%s)', (date, allowed) => {
    const ask = settlementDates('2021-07-24', isWeekday);
    expect([ask(date), ask(date)]).toEqual([allowed, allowed]);
  });

  it('may be the market date on a business day, and the fourteenth day after it', () => {
    const ask = settlementDates('2021-07-26', () => true);
    expect(['2021-07-26', '2021-08-09', '2021-08-10'].map(ask)).toEqual([true, true, false]);
    expect(settlementDates('2024-02-20', () => true)('2024-02-30')).toBe(false);
  });
});

describe('the input limit', () => {
  const limited = (inputLimitHkdCents: number | null) => facts({ inputLimitHkdCents });

  it('applies to the larger of settlement amount and market value', () => {
    // 4,000 shares at 45.300 are 181,200.00
    expect(decide({ amountCents: 1 }, limited(18_120_000))).toMatchObject({ status: 'unmatched' });
    expect(decide({ amountCents: 1 }, limited(18_119_999))).toBe('OVER_LIMIT');
    expect(decide({ amountCents: 18_120_001 }, limited(18_120_000))).toBe('OVER_LIMIT');
    expect(decide(FOP, limited(18_119_999))).toBe('OVER_LIMIT');
    expect(decide({ amountCents: 999_999_999_999_999 }, limited(null))).toMatchObject({ status: 'unmatched' });
  });

  it('is in Hong Kong dollars, whatever the currency of amount and stock', () => {
    expect(decide({ quantity: 1, currency: 'USD', amountCents: 1_000_000 }, limited(7_780_000))).toMatchObject({
      status: 'unmatched',
    });
    expect(decide({ quantity: 1, currency: 'USD', amountCents: 1_000_000 }, limited(7_779_999))).toBe('OVER_LIMIT');
    // 100 at CNY 440 are CNY 44,000 or HKD 52,800
    expect(decide({ ...FOP, stock: '80700', isin: '', quantity: 100 }, limited(5_280_000))).toMatchObject({
      status: 'unmatched',
    });
    expect(decide({ ...FOP, stock: '80700', isin: '', quantity: 100 }, limited(5_279_999))).toBe('OVER_LIMIT');
  });

  it('is exact beyond 2^53', () => {
    const cents = fc.integer({ min: 1, max: 999_999_999_999_999 });
    const shares = fc.integer({ min: 1, max: 999_999_999_999 });
    fc.assert(
      fc.property(
        cents,
        shares,
        fc.integer({ min: -2, max: 2 }),
        fc.boolean(),
        (amountCents, quantity, off, byAmount) => {
          // The limit within two cents of what decides, so that a rounded product would tip it.
          const amount = byAmount ? BigInt(amountCents) * 7_780_000n : 7_780_000n;
          const value = byAmount ? 1n : BigInt(quantity);
          const exact = byAmount ? amount / 1_000_000n : (value * 45_300n) / 10n;
          const limit = Number(exact) + off;
          if (!Number.isSafeInteger(limit) || limit < 1_000) return;
          const row = { currency: 'USD', amountCents: byAmount ? amountCents : 1, quantity: Number(value) };
          const over = amount > BigInt(limit) * 1_000_000n || value * 45_300n > BigInt(limit) * 10n;
          expect(decide(row, limited(limit)) === 'OVER_LIMIT').toBe(over);
        },
      ),
    );
  });
});

describe('the words of codes', () => {
  it('are in both languages and end with the next step', () => {
    for (const words of [...Object.values(FILE_FAULTS), ...Object.values(ROW_REASONS)]) {
      expect(words.en).toMatch(/\. [A-Z][^.]+\.$/);
      expect(words.zh).toMatch(/。請.+。$/);
    }
  });
});
