import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DuePosition, Trade } from '../../../src/domain/nouns/market.ts';
import { type AccountPosition, HOUSE_ACCOUNT, positionsByAccount } from '../../../src/domain/risk/account-positions.ts';
import { enterTrades, type NewTrade } from '../../../src/domain/risk/trade.ts';

const trade = fc.record({
  participant: fc.constant('B09903'),
  side: fc.constantFrom<Trade['side']>('buy', 'sell'),
  stock: fc.constantFrom('00005', '00700'),
  quantity: fc.integer({ min: 1, max: 1000 }),
  currency: fc.constant<Trade['currency']>('HKD'),
  amountCents: fc.integer({ min: 1, max: 1_000_000 }),
  tradeDate: fc.constant('2021-07-22'),
  settlementDate: fc.constantFrom('2021-07-26', '2021-07-27'),
  account: fc.option(fc.constantFrom('09951+', '09952+'), { nil: undefined }),
});

/** The books after these trades: the positions that they came to, and the trades. */
function entered(all: readonly (Omit<NewTrade, 'account'> & { readonly account?: string | undefined })[]) {
  const facts = { counter: () => 1, get: () => undefined };
  const own = all.map(({ account, ...rest }): NewTrade => (account === undefined ? rest : { ...rest, account }));
  const { changes, trades } = enterTrades(facts, own, 0);
  const positions = changes.flatMap((change) =>
    'row' in change && change.table === 'duePosition' ? [change.row] : [],
  );
  return { positions: positions as DuePosition[], trades };
}

const total = (rows: Iterable<AccountPosition>) => {
  const sums: Record<string, readonly [bigint, bigint]> = {};
  for (const { stock, settlementDate, quantity, amountCents } of rows) {
    const key = `${stock} ${settlementDate}`;
    const [shares, cents] = sums[key] ?? [0n, 0n];
    sums[key] = [shares + BigInt(quantity), cents + BigInt(amountCents)];
  }
  return sums;
};

describe('positions by account', () => {
  it('are the sum of the trades of each account, and add up to the total', () => {
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 12 }), (all) => {
        const { positions, trades } = entered(all);
        const accounts = positionsByAccount(positions, trades);
        expect(total([...accounts.values()].flat())).toEqual(total(positions));
        const names = new Set(all.flatMap(({ account }) => account ?? []));
        expect([...accounts.keys()]).toEqual([HOUSE_ACCOUNT, ...[...names].sort()]);
        for (const name of names) {
          const own = entered(
            all.filter(({ account }) => account === name).map((row) => ({ ...row, account: undefined })),
          );
          expect(total(accounts.get(name) ?? [])).toEqual(total(own.positions));
        }
      }),
    );
  });

  it('are exact where an account has more than a number holds, beside another that has as much less', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const one: NewTrade = {
      ...{ participant: 'B09903', side: 'buy', stock: '00005', quantity: 1, currency: 'HKD', amountCents: most },
      ...{ tradeDate: '2021-07-22', settlementDate: '2021-07-26', account: '09951+' },
    };
    const { positions, trades } = entered([one, { ...one, side: 'sell', account: undefined }, one]);
    expect(positions).toMatchObject([{ amountCents: most }]);
    const accounts = positionsByAccount(positions, trades);
    expect(accounts.get('09951+')).toMatchObject([{ quantity: 2, amountCents: '18014398509481982' }]);
    expect(accounts.get(HOUSE_ACCOUNT)).toMatchObject([{ quantity: -1, amountCents: -most }]);
  });

  it('leave out isolated trades, and leave positions without a trade to the house', () => {
    const { positions } = entered([]);
    const old: DuePosition = {
      ...{ participant: 'B09903', stock: '00005', market: 'HKMK', settlementDate: '2021-07-26', currency: 'HKD' },
      ...{ quantity: 12_000, amountCents: 1, kind: 'CNS' },
    };
    const isolated: DuePosition = { ...old, stock: '00700', kind: 'isolated' };
    expect(positionsByAccount([...positions, old, isolated], [])).toEqual(new Map([[HOUSE_ACCOUNT, [old]]]));
  });
});
