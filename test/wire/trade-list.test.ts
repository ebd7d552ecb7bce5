import { describe, expect, it } from 'vitest';
import { readTradeList } from '../../src/wire/trade-list.ts';

const read = (text: string) => readTradeList(Buffer.from(text));

describe('a csv of hypothetical trades', () => {
  it('is read by its headings, in any order, with or without a BOM, blank lines and quotes', () => {
    const csv = '\ufeffPrice,Instrument,side,QUANTITY\r\n"61.25",5,B,400\r\n\r\n,700,S,"100"\r\n';
    const { rows, faults, columns } = read(csv);
    expect(faults).toEqual([]);
    expect(rows).toEqual([
      { line: 2, cells: { price: '61.25', instrument: '5', side: 'B', quantity: '400' } },
      { line: 4, cells: { price: '', instrument: '700', side: 'S', quantity: '100' } },
    ]);
    expect(columns.get('instrument')).toBe(2);
  });

  it.each([
    ['', 1, null, ''],
    ['instrument,side\n5,B\n', 1, null, ''],
    ['instrument,side,quantity,colour\n', 1, 4, 'colour'],
    ['instrument,side,quantity,side\n', 1, 4, 'side'],
    ['instrument,side,quantity\n5,B\n', 2, null, '2 columns'],
    ['instrument,side,quantity\n5,B,1,2\n', 2, null, '4 columns'],
    ['instrument,side,quantity\n5,B,"1\n', 2, null, 'CSV_QUOTE_NOT_CLOSED'],
  ])('%j is refused where it is wrong', (csv, line, column, came) => {
    const { faults } = read(csv);
    expect(faults[0]).toMatchObject({ line, column, came });
    expect(faults[0]?.expected.zh).toBeTruthy();
  });

  it('in another encoding is refused, not misread', () => {
    expect(readTradeList(Buffer.from([0x69, 0xff, 0xfe])).faults[0]?.came).toMatch(/not UTF-8/);
  });

  it('takes 10,000 trades, and of more says where they begin without reading on', () => {
    const list = (count: number, end = '') => read(`instrument,side,quantity\n${'700,B,1\n'.repeat(count)}${end}`);
    expect(list(10_000)).toMatchObject({ rows: { length: 10_000 }, faults: [] });
    // The quote that never closes is not come to.
    const { rows, faults } = list(10_001, '700,B,1\n"');
    expect(rows).toEqual([]);
    expect(faults).toMatchObject([{ line: 10_002, came: 'more', expected: { en: 'at most 10000 trades' } }]);
  });
});
