import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueTooWide } from '../../src/wire/field-writer.ts';
import { readRecords } from '../../src/wire/report-file.ts';
import { compiled, HEADER, LAYOUT_IDS, layoutJson, ROW, shipped, values, written } from '../support/shipped-layouts.ts';

const BALANCE = {
  account: '01',
  stock: '00005',
  isin: 'GB0005405286',
  name: 'HSBC HOLDINGS',
  quantity: 400_000,
  priceMilli: 45_300,
  marketValueCents: 1_812_000_000,
  currency: 'HKD',
};

describe('a file written and read back', () => {
  it.each(LAYOUT_IDS)('%s is the same', (id) => {
    const layout = shipped(id);
    const [detail] = layout.details;
    if (!detail) throw new Error('there is a detail record');
    fc.assert(
      fc.property(
        values(layout, layout.header),
        fc.array(values(layout, detail), { minLength: layout.mayBeEmpty ? 0 : 1, maxLength: 5 }),
        (header, details) => {
          const file = written(layout, header, details);
          expect(file.length).toBe((details.length + 2) * (layout.recordLength + 2));
          const read = readRecords(layout, file);
          if (read.fault) throw new Error(JSON.stringify(read.fault));
          expect(read.header).toMatchObject(header);
          expect(read.details).toHaveLength(details.length);
          for (const [n, row] of details.entries()) expect(read.details[n]).toMatchObject(row);
        },
      ),
    );
  });

  it('is the same over many chunks', () => {
    const layout = shipped('ZSBAL01');
    const rows = Array.from({ length: 1500 }, (_, n) => ({ ...BALANCE, quantity: n }));
    const read = readRecords(layout, written(layout, { ...HEADER, sequence: undefined as never }, rows));
    expect(read).toMatchObject({ fault: null, trailer: { records: 1500, quantityTotal: BigInt((1500 * 1499) / 2) } });
  });
});

describe('positions, as design and docs give them', () => {
  const lines = (file: Buffer) => file.toString('latin1').split('\r\n');

  it('ZSIUP01', () => {
    const [header, detail, trailer] = lines(written(shipped('ZSIUP01'), HEADER, [{ ...ROW, narrative: 'LOAN' }]));
    expect(header).toBe('0B09901ZSIUP01HKMK202107240001'.padEnd(160));
    const checksum = 5 + 4000 + 18_120_000 + 20_210_726;
    expect(detail).toBe(
      `1${'REF-1'.padEnd(16)}D00005GB0005405286000000004000B0990201      DVPHKD00000001812000020210726N${'LOAN'.padEnd(20)}${String(checksum).padStart(14, '0')}`.padEnd(
        160,
      ),
    );
    const totals = [4000, 18_120_000, checksum].map((total) => String(total).padStart(18, '0')).join('');
    expect(trailer).toBe(`90000001${totals}`.padEnd(160));
  });

  it('ZSICR01, with SIMULATED at the end of its header', () => {
    const batch = { batch: 'U00000000001', batchFileId: 'ZSIUP01', outcome: 'P', code: '', faultLine: 0 };
    const nowhere = { fromColumn: 0, toColumn: 0, came: '', expected: '' };
    const where = { fromColumn: 19, toColumn: 23, came: '99999', expected: 'a stock code' };
    const [header, first, second, trailer] = lines(
      written(shipped('ZSICR01'), { ...HEADER, ...batch }, [
        { line: 2, reference: 'REF-1', outcome: 'A', reason: '', number: 'D00000001', ...nowhere },
        { line: 3, reference: 'REF-2', outcome: 'R', reason: 'UNKNOWN_STOCK', number: '', ...where },
      ]),
    );
    expect(header).toBe(
      `${'0B09901ZSICR01HKMK202107240001U00000000001ZSIUP01 P'.padEnd(75)}${'0000000'.padEnd(76)}SIMULATED`,
    );
    expect(first).toBe(`10000002${'REF-1'.padEnd(16)}A${' '.repeat(24)}D0000000100000000`.padEnd(160));
    expect(second).toBe(
      `${`10000003${'REF-2'.padEnd(16)}RUNKNOWN_STOCK`.padEnd(58)}00190023${'99999'.padEnd(20)}a stock code`.padEnd(
        160,
      ),
    );
    expect(trailer).toBe('900000010000001000000000000000005'.padEnd(160));
  });

  it('ZSBAL01, with SIMULATED at the end of header and trailer', () => {
    const [header, detail, trailer] = lines(written(shipped('ZSBAL01'), { ...HEADER, sequence: '0000' }, [BALANCE]));
    const checksum = 5 + 400_000 + 45_300 + 1_812_000_000;
    expect(header).toBe(`${'0B09901ZSBAL01HKMK202107240000'.padEnd(151)}SIMULATED`);
    expect(detail).toBe(
      `1${'01'.padEnd(8)}00005GB0005405286${'HSBC HOLDINGS'.padEnd(20)}000000400000000000045300000001812000000HKD${String(checksum).padStart(14, '0')}`.padEnd(
        160,
      ),
    );
    expect(trailer?.startsWith('90000001000000000000400000000000001812000000')).toBe(true);
    expect(trailer?.endsWith('SIMULATED')).toBe(true);
  });
});

describe('sums beyond 2^53', () => {
  const json = layoutJson('ZSIUP01');
  const wide = compiled({
    ...json,
    id: 'ZWIDE01',
    records: [
      (json.records as unknown[])[0],
      {
        type: '1',
        fields: [
          { name: 'recordType', from: 1, to: 1, picture: '9(1)', value: '1' },
          { name: 'large', from: 2, to: 19, picture: '9(18)' },
          { name: 'larger', from: 20, to: 37, picture: '9(16)V99' },
          { name: 'checksum', from: 38, to: 55, picture: '9(18)', sumOf: ['large', 'larger'] },
          { name: 'filler', from: 56, to: 160, picture: 'X(105)' },
        ],
      },
      {
        type: '9',
        fields: [
          { name: 'recordType', from: 1, to: 1, picture: '9(1)', value: '9' },
          { name: 'largeTotal', from: 2, to: 19, picture: '9(18)', hashOf: 'large' },
          { name: 'largerTotal', from: 20, to: 31, picture: '9(12)', hashOf: 'larger' },
          { name: 'checksumTotal', from: 32, to: 36, picture: '9(5)', hashOf: 'checksum' },
          { name: 'filler', from: 37, to: 160, picture: 'X(124)' },
        ],
      },
    ],
  });
  const amount = fc.bigInt({ min: 0n, max: 10n ** 18n - 1n });

  it('drop their leading digits, for the checksum and for each length of hash total', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ large: amount, larger: amount }), { minLength: 1, maxLength: 9 }), (rows) => {
        const read = readRecords(wide, written(wide, HEADER, rows));
        if (read.fault) throw new Error(JSON.stringify(read.fault));
        const sums = rows.map((row) => (row.large + row.larger) % 10n ** 18n);
        const total = (terms: readonly bigint[], length: number) =>
          terms.reduce((sum, term) => sum + term, 0n) % 10n ** BigInt(length);
        expect(read.details.map((row) => row.checksum)).toEqual(sums);
        expect(read.trailer).toMatchObject({
          largeTotal: total(
            rows.map((row) => row.large),
            18,
          ),
          largerTotal: Number(
            total(
              rows.map((row) => row.larger),
              12,
            ),
          ),
          checksumTotal: Number(total(sums, 5)),
        });
      }),
    );
  });
});

describe('what does not fit', () => {
  const layout = shipped('ZSIUP01');
  it.each<[string, object, string]>([
    ['a number of too many digits', { quantity: 1e12 }, '"quantity" (9(12)): "1000000000000" has more than 12 digits'],
    ['a negative number', { amountCents: -1 }, 'is not a whole number from 0'],
    ['a fraction', { amountCents: 0.5 }, 'is not a whole number from 0'],
    ['a text where a number stands', { quantity: '100' }, 'is not a whole number from 0'],
    ['a text too long', { narrative: 'X'.repeat(21) }, 'is longer than 20'],
    ['a text that is not ASCII', { narrative: '匯豐' }, 'is not printable ASCII'],
    ['digits too few', { stock: '5' }, 'has not 5 digits'],
    ['digits that are none', { stock: '0000A' }, 'is not made of digits'],
    ['a date that is none', { settlementDate: '26.07.2021' }, 'has not 8 digits'],
    ['a field that is missing', { hold: undefined }, '"hold" is missing'],
    ['a field that there is not', { price: 5 }, 'there is no field price'],
    ["a checksum of one's own", { checksum: 5 }, '"checksum" is computed, not given'],
    ['another constant', { recordType: '2' }, '"recordType" is always "1"'],
  ])('throws: %s', (_what, wrong, message) => {
    expect(() => written(layout, HEADER, [{ ...ROW, ...wrong }])).toThrow(message);
  });
});

describe('reading a report back', () => {
  const layout = shipped('ZSBAL01');
  const file = written(layout, { ...HEADER, sequence: '0000' }, [BALANCE]);

  it('tells damage and another report', () => {
    const damaged = Buffer.from(file);
    damaged.write('5', 162 + 57);
    expect(readRecords(layout, damaged).fault).toMatchObject({ code: 'RECORD_CHECKSUM', line: 2, columns: [89, 102] });
    const other = Buffer.from(file);
    other.write('ZSBAL02', 7);
    expect(readRecords(layout, other).fault).toMatchObject({ code: 'WRONG_FILE_ID', line: 1, columns: [8, 14] });
  });
});

describe('a value and its field', () => {
  const { sequence: _, ...REPORT_HEADER } = HEADER;
  const balance = (more: object) => () =>
    written(shipped('ZSBAL01'), REPORT_HEADER, [BALANCE, { ...BALANCE, ...more }]);
  const digits = (most: number) => fc.bigInt({ min: 0n, max: 10n ** BigInt(most) });

  it('are told apart exactly at the width of the field: it is written whole, or ValueTooWide names field and record', () => {
    fc.assert(
      fc.property(digits(14), digits(17), (quantity, marketValueCents) => {
        const fits = quantity < 10n ** 12n && marketValueCents < 10n ** 15n;
        const write = balance({ quantity, marketValueCents });
        if (!fits) expect(write).toThrow(ValueTooWide);
        else {
          const read = readRecords(shipped('ZSBAL01'), write());
          const row = read.fault ? undefined : read.details[1];
          expect([row?.quantity, row?.marketValueCents].map(Number)).toEqual([quantity, marketValueCents].map(Number));
        }
      }),
    );
  });

  it.each([
    ['a number', { quantity: 10 ** 12 }, 'quantity', '9(12)'],
    ['a bigint', { marketValueCents: 10n ** 30n }, 'marketValueCents', '9(13)V99'],
    ['a text', { currency: 'HKDX' }, 'currency', 'X(3)'],
  ])('%s that is too wide', (_, more, field, picture) => {
    let thrown: unknown;
    try {
      balance(more)();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ValueTooWide);
    expect(thrown).toMatchObject({ field, picture, record: 2, value: String(Object.values(more)[0]) });
  });
});
