import type { Currency, Stock } from '../../src/domain/nouns/market.ts';
import type { RowFacts, RowInput } from '../../src/domain/settlement/batch.ts';
import { settlementDates } from '../../src/domain/settlement/batch.ts';

const stock = (code: string, isin: string, priceMilli: number, currency: Currency = 'HKD'): Stock => ({
  code,
  isin,
  name: { en: code, zh: code },
  market: 'HKMK',
  currency,
  boardLot: 100,
  priceMilli,
});

const STOCKS = new Map(
  [
    stock('00005', 'GB0005405286', 45_300),
    stock('00700', 'KYG875721634', 531_000),
    stock('00001', 'KYG217651051', 56_500),
    stock('00388', 'HK0388045442', 498_800),
    stock('80700', 'KYG875721634', 440_000, 'CNY'),
  ].map((each) => [each.code, each]),
);
const RATES = { HKD: 1_000_000, CNY: 1_200_000, USD: 7_780_000 };

/** Monday to Friday. */
export const isWeekday = (date: string) => ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

/** The market that fixtures/batches is written for, as B09901 sees it on Saturday 24 July 2021. */
export function facts(changes: Partial<RowFacts> = {}): RowFacts {
  return {
    stock: (code) => STOCKS.get(code),
    isParticipant: (id) => ['B09901', 'B09902', 'C09901'].includes(id),
    isAccount: (id) => ['01', '03'].includes(id),
    isSettlementDate: settlementDates('2021-07-24', isWeekday),
    isReferenceUsed: () => false,
    hkdRateMicro: (currency) => RATES[currency],
    inputLimitHkdCents: 1_000_000_000_00,
    ...changes,
  };
}

export const INPUT: RowInput = {
  participant: 'B09901',
  user: 'MAKER1',
  batch: 'U00000000001',
  at: Date.UTC(2021, 6, 24, 8, 45),
  marketDate: '2021-07-24',
  number: 'D00000001',
};
