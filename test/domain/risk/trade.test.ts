import { beforeAll, describe, expect, it } from 'vitest';
import { isBusinessDay } from '../../../src/domain/calendar/calendar.ts';
import { readTrade, type TradeInput, type TradeMarket } from '../../../src/domain/risk/trade.ts';
import { loadFixtures } from '../../../src/loading/loading.ts';

let market: TradeMarket;
beforeAll(async () => {
  const { participants, stocks, holidays } = await loadFixtures();
  market = {
    today: '2021-07-24',
    isBusinessDay: (date) => isBusinessDay(date, holidays),
    participant: (id) => participants.find((row) => row.id === id),
    stock: (code) => stocks.find((row) => row.code === code),
  };
});
const buy: TradeInput = { participant: 'B09901', side: 'buy', stock: '700', quantity: 333, price: '0.125' };
const read = (over: Partial<TradeInput> = {}, today = market.today) =>
  readTrade({ ...buy, ...over }, { ...market, today });

describe('a trade', () => {
  it('settles two business days later; on a Saturday it is one of Friday', () => {
    expect(read()).toMatchObject({ stock: '00700', tradeDate: '2021-07-23', settlementDate: '2021-07-27' });
    // Friday 1 October 2021 is a holiday.
    expect(read({}, '2021-09-30')).toMatchObject({ tradeDate: '2021-09-30', settlementDate: '2021-10-05' });
  });

  it('has its consideration in whole cents, half a cent rounded away from zero', () => {
    // 41.625
    expect(read()).toMatchObject({ amountCents: 4163 });
    expect(read({ quantity: 999_999_999_999, price: '9.999' })).toMatchObject({ amountCents: 999_899_999_999_000 });
  });

  it('of a general clearing participant may be for a non-clearing participant', () => {
    expect(read({ participant: 'B09903', account: '09951+' })).toMatchObject({ account: '09951+' });
    expect(read({ participant: 'B09903' })).not.toHaveProperty('account');
  });

  it.each([
    [{ participant: 'C09901' }, /C09901 is not a clearing participant/],
    [{ stock: '4321' }, /no stock 4321/],
    [{ price: '0' }, /not a valid price/],
    [{ price: '1.2345' }, /at most three places/],
    [{ price: '1e3' }, /not a valid price/],
    [{ quantity: 999_999_999_999, price: '99999' }, /not an amount/],
    [{ account: '09951+' }, /B09901 clears for nobody else/],
    [{ tradeDate: '2021-07-25' }, /not a valid trade date: give a business day up to 2021-07-24/],
    [{ tradeDate: '2021-07-26' }, /not a valid trade date/],
    [{ tradeDate: '2021-07-20' }, /settled on 2021-07-22/],
  ])('%o is refused', (over, words) => {
    const answer = read(over);
    expect(answer).toHaveProperty('zh');
    expect((answer as { en: string }).en).toMatch(words);
  });
});
