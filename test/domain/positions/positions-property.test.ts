import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, sum } from '../../../src/domain/exact.ts';
import { readLines } from '../../../src/domain/positions/line-reading.ts';
import { netAcrossDays } from '../../../src/domain/positions/netting.ts';
import type {
  CashPledge,
  CorporateAction,
  PositionInput,
  PositionLine,
  SharePledge,
} from '../../../src/domain/positions/position-lines.ts';
import { marginablePositions } from '../../../src/domain/positions/positions.ts';
import { Securities } from '../../../src/domain/positions/securities.ts';
import { coveredWithCash, coveredWithShares, input } from '../../support/position-lines.ts';

const RUNS = { numRuns: 150 };
const TODAY = '2019-11-05';
const dates = fc.constantFrom('2019-11-04', TODAY);
const laterDates = fc.constantFrom(TODAY, '2019-11-06', '2019-11-07');
/** Two securities, one of two counters. */
const counters = fc.constantFrom(
  { counter: '388', currency: 'HKD' as const, prices: [1, 9] as const },
  { counter: '80388', currency: 'CNY' as const, prices: [10, 19] as const },
  { counter: '5', currency: 'HKD' as const, prices: [1, 9] as const },
);
/** No two counters have the same average price in HKD: the order in which equal ones are covered is that of the lines. */
const lines: fc.Arbitrary<PositionLine[]> = fc.uniqueArray(
  fc
    .record({
      traded: counters,
      price: fc.nat(),
      tradeDate: dates,
      settlementDate: laterDates,
      quantity: fc.integer({ min: -3000, max: 3000 }),
    })
    .map(({ traded: { counter, currency, prices }, price, quantity, ...days }) => ({
      ...days,
      counter,
      currency,
      quantity,
      amount: quantity * (prices[0] + (price % (prices[1] - prices[0] + 1))),
    })),
  {
    maxLength: 12,
    selector: (line) => `${line.counter} ${line.tradeDate} ${line.settlementDate}`,
  },
);
const settlementCounter = fc.constantFrom('388', '5');
const sharePledges: fc.Arbitrary<SharePledge[]> = fc.array(
  fc.record({ settlementCounter, settlementDate: laterDates, quantity: fc.nat(4000) }),
  { maxLength: 4 },
);
const cashPledges: fc.Arbitrary<CashPledge[]> = fc.array(
  fc.record({
    settlementCounter,
    tradeDate: dates,
    currency: fc.constantFrom('HKD' as const, 'CNY' as const),
    amount: fc.nat(40000),
  }),
  { maxLength: 4 },
);
const ratio = fc.integer({ min: 1, max: 30 }).map((tenths) => String(tenths / 10));
const corporateActions: fc.Arbitrary<CorporateAction[]> = fc.uniqueArray(
  fc
    .record({
      instrument: settlementCounter,
      exDate: fc.constantFrom('2019-11-04', TODAY, '2019-11-06'),
      quantityRatio: fc.option(ratio),
      perShare: ratio,
    })
    .map(({ instrument, exDate, quantityRatio, perShare }) => ({
      businessDate: TODAY,
      exDate,
      market: 'HKMK',
      instrument,
      convertedInstrument: null,
      quantityRatio,
      cashDividend: { instrument: `DIV${instrument}`, perShare: `-${perShare}` },
      stockDividend: { instrument: `DSP${instrument}`, perShare },
      rights: null,
    })),
  { maxLength: 4, selector: ({ instrument, exDate }) => `${instrument} ${exDate}` },
);
const MARKET: Partial<PositionInput> = {
  securities: [
    {
      settlementCounter: '388',
      riskCurrency: 'HKD',
      counters: [
        { code: '388', currency: 'HKD' },
        { code: '80388', currency: 'CNY' },
      ],
    },
  ],
  prices: { '388': '7.5', '5': '3.25', DSP5: 3, DSP388: 7 },
};
const whole: fc.Arbitrary<PositionInput> = fc
  .record({
    lines,
    sharePledges,
    cashPledges,
    corporateActions,
    snapshot: fc.constantFrom('11:00', '14:00', 'EOD'),
    prepayments: fc.array(fc.record({ currency: fc.constant('HKD' as const), amount: fc.nat(50000) }), {
      maxLength: 2,
    }),
  })
  .map(({ lines: own, ...more }) => input(own, { ...MARKET, ...more }));

const counterOf: Readonly<Record<string, string>> = { '80388': '388' };
const settledAt = (line: PositionLine) => counterOf[line.counter] ?? line.counter;
const total = (values: readonly (number | string)[]) => sum(values.map(decimal)).toNumber();

describe('whatever the lines are,', () => {
  it('their order, and that of pledges and corporate actions, does not matter', () => {
    fc.assert(
      fc.property(whole, fc.infiniteStream(fc.nat()), (given, stream) => {
        const shuffled = <T>(all: readonly T[] = []) =>
          all
            .map((one) => [stream.next().value ?? 0, one] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, one]) => one);
        const { sharePledges: shares, cashPledges: cash, corporateActions: actions } = given;
        const other = {
          ...given,
          lines: shuffled(given.lines),
          sharePledges: shuffled(shares),
          cashPledges: shuffled(cash),
          corporateActions: shuffled(actions),
        };
        expect(marginablePositions(other)).toEqual(marginablePositions(given));
      }),
      RUNS,
    );
  });

  it('a line and its opposite change neither market value nor MTM, in any currency', () => {
    const pair = fc.tuple(counters, dates, laterDates, fc.nat(5000), fc.nat(90000));
    fc.assert(
      fc.property(
        lines,
        corporateActions,
        pair,
        (own, actions, [{ counter, currency }, tradeDate, settlementDate, quantity, amount]) => {
          const bought: PositionLine = { counter, currency, tradeDate, settlementDate, quantity, amount };
          const sold = { ...bought, quantity: -quantity, amount: -amount };
          const run = (all: readonly PositionLine[]) => {
            const { positions, mtm } = marginablePositions(input(all, { ...MARKET, corporateActions: actions }));
            const byCurrency = mtm.byCurrency.filter((one) => one.mtm !== 0);
            return { mtm: { ...mtm, byCurrency }, value: total(positions.map(({ marketValue }) => marketValue)) };
          };
          expect(run([...own, bought, sold])).toEqual(run(own));
        },
      ),
      RUNS,
    );
  });

  it('the run of 14:00 is the end of day without the lines due today', () => {
    fc.assert(
      fc.property(whole, (given) => {
        const later = given.lines.filter(({ settlementDate }) => settlementDate !== TODAY);
        expect(marginablePositions({ ...given, snapshot: '14:00' })).toEqual(
          marginablePositions({ ...given, snapshot: 'EOD', lines: later }),
        );
      }),
      RUNS,
    );
  });

  it('at 11:00, money for all of today leaves nothing to receive today, and no money leaves everything', () => {
    fc.assert(
      fc.property(whole, (given) => {
        const at11 = (amount: number) =>
          marginablePositions({ ...given, snapshot: '11:00', prepayments: [{ currency: 'HKD', amount }] });
        const none = given.lines.map((line) =>
          line.settlementDate === TODAY && Number(line.quantity) > 0 ? { ...line, quantity: 0, amount: 0 } : line,
        );
        const endOfDay = (all: readonly PositionLine[]) =>
          marginablePositions({ ...given, snapshot: 'EOD', lines: all });
        const { offsetRatio, ...paid } = at11(1e12);
        expect(paid).toEqual(
          offsetRatio === 0 ? { ...at11(0), offsetRatio: undefined } : { ...endOfDay(none), offsetRatio: undefined },
        );
        expect(at11(0)).toEqual(endOfDay(given.lines));
      }),
      RUNS,
    );
  });

  it('corporate actions do not change lines traded on or after their ex-date', () => {
    fc.assert(
      fc.property(lines, corporateActions, (own, actions) => {
        const onExDate = own.map((line) => ({ ...line, tradeDate: TODAY }));
        const until = (ex: string) => actions.filter(({ exDate }) => exDate <= ex);
        const run = (given: CorporateAction[]) =>
          marginablePositions(input(onExDate, { ...MARKET, corporateActions: given }));
        expect(run(until(TODAY))).toEqual(run([]));
      }),
      RUNS,
    );
  });

  it('netting keeps the sums', () => {
    fc.assert(
      fc.property(lines, (own) => {
        const inHkd = own.map((line) => ({ ...line, currency: 'HKD' as const }));
        const given = input(inHkd, MARKET);
        const net = netAcrossDays(readLines(given, new Securities(given as PositionInput)));
        expect(total(net.map(({ quantity }) => quantity.toFixed()))).toBe(total(own.map(({ quantity }) => quantity)));
        expect(total(net.map(({ contractValue }) => contractValue.toFixed()))).toBe(
          total(own.map(({ amount }) => amount)),
        );
      }),
      RUNS,
    );
  });
});

describe('whatever is pledged,', () => {
  const day = { businessDate: TODAY };

  it('shares cover as much of the shorts as they can: never a long, never more than the pledge or the position', () => {
    fc.assert(
      fc.property(lines, sharePledges, (own, pledges) => {
        const atSettlementCounter = own.map((line) => ({ ...line, counter: settledAt(line) }));
        const after = coveredWithShares(atSettlementCounter, pledges, day);
        const coveredOf = new Map<string, number>();
        const shortOf = new Map<string, number>();
        atSettlementCounter.forEach((line, n) => {
          const [before, left] = [Number(line.quantity), Number(after[n]?.quantity)];
          if (before >= 0 || line.settlementDate <= TODAY) {
            expect(after[n]).toEqual({ quantity: String(before), amount: String(line.amount) });
            return;
          }
          expect(left).toBeLessThanOrEqual(0);
          expect(left).toBeGreaterThanOrEqual(before);
          // Pro rata, to the cent.
          expect(Math.abs(Number(after[n]?.amount) - (Number(line.amount) * left) / before)).toBeLessThanOrEqual(
            0.005 + 1e-9,
          );
          const key = `${line.counter} ${line.settlementDate}`;
          coveredOf.set(key, (coveredOf.get(key) ?? 0) + left - before);
          shortOf.set(key, (shortOf.get(key) ?? 0) - before);
        });
        for (const [key, covered] of coveredOf) {
          const own = pledges.filter((pledge) => `${pledge.settlementCounter} ${pledge.settlementDate}` === key);
          expect(covered).toBe(Math.min(total(own.map(({ quantity }) => quantity)), shortOf.get(key) ?? 0));
        }
      }),
      RUNS,
    );
  });

  it('cash covers as much of the longs as it can: never a short, and what is left of the shares is rounded up', () => {
    fc.assert(
      fc.property(lines, cashPledges, (own, pledges) => {
        const atSettlementCounter = own.map((line) => ({ ...line, counter: settledAt(line) }));
        const after = coveredWithCash(atSettlementCounter, pledges, day);
        const coveredOf = new Map<string, number>();
        const payableOf = new Map<string, number>();
        atSettlementCounter.forEach((line, n) => {
          const [before, left] = [Number(line.amount), Number(after[n]?.amount)];
          if (Number(line.quantity) <= 0 || line.settlementDate <= TODAY) {
            expect(after[n]).toEqual({ quantity: String(line.quantity), amount: String(before) });
            return;
          }
          expect(left).toBeGreaterThanOrEqual(0);
          expect(left).toBeLessThanOrEqual(before);
          const proRata = (Number(line.quantity) * left) / before;
          expect(Number(after[n]?.quantity)).toBe(Math.ceil(Number(proRata.toFixed(6))));
          const key = `${line.counter} ${line.currency} ${line.tradeDate}`;
          coveredOf.set(key, (coveredOf.get(key) ?? 0) + before - left);
          payableOf.set(key, (payableOf.get(key) ?? 0) + before);
        });
        for (const [key, covered] of coveredOf) {
          const own = pledges.filter((one) => `${one.settlementCounter} ${one.currency} ${one.tradeDate}` === key);
          expect(covered).toBe(Math.min(total(own.map(({ amount }) => amount)), payableOf.get(key) ?? 0));
        }
      }),
      RUNS,
    );
  });
});
