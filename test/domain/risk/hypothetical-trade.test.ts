import { describe, expect, it } from 'vitest';
import { readTrades, type TradeFault, type TradeRow } from '../../../src/domain/risk/hypothetical-trade.ts';

const stocks = new Map([
  ['00005', { code: '00005', currency: 'HKD' as const }],
  ['80700', { code: '80700', currency: 'CNY' as const }],
]);
const good = { instrument: '5', side: 'B', quantity: '400', price: '61.25', currency: 'HKD' };
const row = (cells: TradeRow['cells'], line = 2): TradeRow => ({ line, cells });
const read = (...rows: readonly TradeRow[]) => readTrades(rows, (code) => stocks.get(code));

function faultsOf(answer: ReturnType<typeof read>): readonly TradeFault[] {
  if (!('faults' in answer)) throw new Error('it was taken');
  return answer.faults;
}

describe('hypothetical trades', () => {
  it('are parsed', () => {
    expect(
      read(
        row(good),
        row({ instrument: ' 80700 ', side: 'sell', quantity: '1' }),
        row({ ...good, side: 'b', price: '', currency: '' }),
      ),
    ).toEqual([
      { stock: '00005', side: 'buy', quantity: 400, currency: 'HKD', price: '61.25' },
      { stock: '80700', side: 'sell', quantity: 1, currency: 'CNY', price: null },
      { stock: '00005', side: 'buy', quantity: 400, currency: 'HKD', price: null },
    ]);
  });

  it.each([
    ['instrument', ['', '6', 'DIV5', '123456', '-5']],
    ['side', ['', 'X', 'long', '1']],
    ['quantity', ['', '0', '-1', '1.5', '1e3', '1000000000000', ' ']],
    ['price', ['0', '-1', '1,5', '1e2', '1.1234567', 'market', '0.000']],
    ['currency', ['CNY', 'XXX', 'hk']],
  ] as const)('%s: what does not fit is named', (field, bad) => {
    for (const came of bad) {
      const [fault, ...more] = faultsOf(read(row({ ...good, [field]: came }, 7)));
      expect(fault, came).toMatchObject({ line: 7, column: null, field, came });
      expect(fault?.expected.en.length).toBeGreaterThan(5);
      expect(more).toEqual([]);
    }
  });

  it('are all refused, with every fault of every row', () => {
    const faults = faultsOf(read(row(good), row({ ...good, side: '', quantity: 'x' }, 3), row({}, 4)));
    expect(faults.map(({ line, field }) => [line, field])).toEqual([
      [3, 'side'],
      [3, 'quantity'],
      [4, 'instrument'],
      [4, 'side'],
      [4, 'quantity'],
    ]);
  });

  it('of a csv have faults with the column', () => {
    const columns = new Map([['side', 3] as const]);
    const [fault] = faultsOf(readTrades([row({ ...good, side: '?' })], (code) => stocks.get(code), columns));
    expect(fault).toMatchObject({ line: 2, column: 3, field: 'side', came: '?' });
  });
});
