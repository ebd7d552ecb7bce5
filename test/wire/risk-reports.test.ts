import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorporateAction } from '../../src/domain/positions/position-lines.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { corporateActionRow, readCorporateActions } from '../../src/wire/corporate-action-report.ts';
import { type CsvColumn, writeCsv } from '../../src/wire/csv-table.ts';
import { readIpoIndicators, readMarginablePositions, readMultipliers } from '../../src/wire/risk-reports.ts';

/** The columns as shipped: what runs write by them is read by them. */
const columnsOf = (id: string): CsvColumn[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../fixtures/orp/reports/${id}.json`), 'utf8')).columns;
const RMAMP01 = columnsOf('RMAMP01');
const written = (...given: Parameters<typeof writeCsv>) => [...writeCsv(...given)].join('');
const detail = (answer: unknown) => (answer as Refusal).detail?.en;

describe('RMAMP01', () => {
  const positions = [
    { instrument: '700', quantity: -1000000, contractValue: -384000000, marketValue: -400000000 },
    { instrument: 'DIV1299', quantity: 0, contractValue: -1000000, marketValue: 0 },
    { instrument: '5', quantity: '2.6666666667', contractValue: 2, marketValue: '90071992547409930' },
  ];
  const file =
    'InstrumentCode,Quantity,ContractValueHKD,MarketValueHKD\r\n' +
    '700,-1000000,-384000000,-400000000\r\nDIV1299,0,-1000000,0\r\n5,2.6666666667,2,90071992547409930\r\n';

  it('is written with CRLF after every line, and read again', () => {
    expect(written(RMAMP01, positions)).toBe(file);
    expect(readMarginablePositions(RMAMP01, Buffer.from(file))).toEqual(positions);
  });

  it('has its header if there is no position', () => {
    expect(written(RMAMP01, [])).toBe('InstrumentCode,Quantity,ContractValueHKD,MarketValueHKD\r\n');
    expect(readMarginablePositions(RMAMP01, written(RMAMP01, []))).toEqual([]);
  });

  it('is read with a byte order mark, LF, blank lines, blanks, quotes, further columns and any order of them', () => {
    const other =
      '\ufeffrun, "Market Value HKD",quantity,CONTRACT-VALUE-HKD,Instrument Code\n\n11:00,56000,+800,47600.50, 00005 \n\n';
    expect(readMarginablePositions(RMAMP01, Buffer.from(other))).toEqual([
      { instrument: '5', quantity: 800, contractValue: '47600.50', marketValue: 56000 },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['nothing at all', '', /^RMAMP01, line 1: got nothing, expected a header row/],
    [
      'another header',
      'Instrument Code,Quantity\r\n',
      /^RMAMP01, line 1: .* expected a header row with the column "ContractValueHKD"/,
    ],
    ['a cell too few', `${file}5,1,2\r\n`, /^RMAMP01, line 5: got 3 cells, expected 4/],
    [
      'no decimal',
      file.replace('-384000000', '384m'),
      /^RMAMP01, line 2, column "ContractValueHKD": got "384m", expected a decimal/,
    ],
    ['eleven places', file.replace('2.6666666667', '2.66666666667'), /line 4, column "Quantity": got "2\.66666666667"/],
    [
      'a blank code',
      file.replace('DIV1299', ''),
      /line 3, column "InstrumentCode": got nothing, expected an instrument code/,
    ],
    ['quotes that do not end', `${file}"5,1,2,3\r\n`, /^RMAMP01, line \d+: got .* expected csv as in RFC 4180/],
    [
      'a blank line before',
      file.replace('\r\n5', '\r\n\r\n5').replace('90071992547409930', '-'),
      /line 5, column "MarketValueHKD"/,
    ],
  ])('is refused for %s', (_name, text, words) => {
    const answer = readMarginablePositions(RMAMP01, text);
    expect(answer).toMatchObject({ refusal: 'BAD_FILE' });
    expect(detail(answer)).toMatch(words);
    expect((answer as Refusal).detail.zh).toMatch(/請更正檔案/);
  });

  it('comes back as it was written, whatever the figures', () => {
    const whole = fc.maxSafeInteger();
    const fraction = fc
      .tuple(fc.maxSafeInteger(), fc.integer({ min: 1, max: 9999999999 }))
      .map(([a, b]) => `${a}.${String(b).padStart(10, '0')}`);
    const figure = fc.oneof(
      whole.map((value) => value + 0),
      fraction,
    );
    const instrument = fc.integer({ min: 1, max: 99999 }).map(String);
    const position = fc.record({ instrument, quantity: figure, contractValue: figure, marketValue: figure });
    fc.assert(
      fc.property(fc.array(position, { maxLength: 20 }), (rows) => {
        expect(readMarginablePositions(RMAMP01, written(RMAMP01, rows))).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });

  it('comes in pieces when it is long, and whole again', () => {
    const rows = Array.from({ length: 1500 }, (_, n) => ({
      instrument: String(n + 1),
      quantity: n,
      contractValue: 0,
      marketValue: 0,
    }));
    const pieces = [...writeCsv(RMAMP01, rows)];
    expect(pieces).toHaveLength(3);
    expect(readMarginablePositions(RMAMP01, pieces.join(''))).toEqual(rows);
  });

  it('cannot be written by columns that the rows know nothing of', () => {
    expect(() => written([...RMAMP01, { heading: 'Rating', value: 'rating' }], positions)).toThrow(
      /column "Rating": no "rating"/,
    );
  });
});

describe('the lists of the risk platform', () => {
  it('DWH0303 names instruments, DWH0081C multipliers', () => {
    const ipo = columnsOf('DWH0303');
    const day = { businessDate: '2021-07-23', listedOn: '2021-02-05' };
    const listed = ['1024', '17777'].map((instrument) => ({ ...day, instrument, underlying: '1024' }));
    expect(readIpoIndicators(ipo, written(ipo, listed))).toEqual([{ instrument: '1024' }, { instrument: '17777' }]);

    const multipliers = columnsOf('DWH0081C');
    const rows = [
      { participant: 'B09901', flatRateMultiplier: 1 },
      { participant: 'B09902', flatRateMultiplier: '1.5' },
    ];
    const file = (own: typeof rows) =>
      written(
        multipliers,
        own.map((row) => ({ ...day, ...row })),
      );
    expect(readMultipliers(multipliers, file(rows))).toEqual(rows);
    expect(detail(readMultipliers(multipliers, file([{ participant: '', flatRateMultiplier: 1 }])))).toMatch(
      /"Participant ID": got nothing/,
    );
  });
});

describe('the Corporate Action Position Adjustment Report (ZCAPA01)', () => {
  /** Twelve columns, as the guide has them in section 4.5. */
  const report = columnsOf('ZCAPA01');
  const header =
    'Business Date,Ex-Date,Market,Instrument Code,Converted Instrument Code,Quantity Conversion Ratio,' +
    'Instrument Code for Cash Dividend,Cash Dividend Amount,Instrument Code for Stock Dividend,Entitled Stock Quantity,' +
    'Instrument Code for Rights,Rights Quantity\r\n';
  const day = { businessDate: '2019-11-05', exDate: '2019-11-05', market: 'HKMK' };
  const actions: CorporateAction[] = [
    {
      ...day,
      instrument: '5',
      convertedInstrument: '5',
      quantityRatio: 2,
      cashDividend: { instrument: 'DIV5', perShare: '-0.78' },
      stockDividend: { instrument: 'DSP5', perShare: '0.13' },
      rights: { instrument: 'SRI5', perShare: '1.5' },
    },
    {
      ...day,
      instrument: '8359',
      convertedInstrument: '150',
      quantityRatio: 1,
      cashDividend: null,
      stockDividend: null,
      rights: null,
    },
  ];

  it('has the two rows of the guide, Ex-Date as its specification writes it', () => {
    const file = `${header}05/11/2019,20191105,HKMK,5,5,2,DIV5,-0.78,DSP5,0.13,SRI5,1.5\r\n05/11/2019,20191105,HKMK,8359,150,1,,,,,,\r\n`;
    expect(written(report, actions.map(corporateActionRow))).toBe(file);
    expect(readCorporateActions(report, file)).toEqual(actions);
  });

  it('is read with Ex-Date as the sample writes it too, and without leading zeros', () => {
    const file = `${header}5/11/2019,05/11/2019,HKMK,00005,5,2,DIV5,-0.78,DSP5,0.13,SRI5,1.5\r\n`;
    expect(readCorporateActions(report, file)).toEqual(actions.slice(0, 1));
  });

  it('a blank is no conversion and no entitlement', () => {
    expect(readCorporateActions(report, `${header}05/11/2019,20191105,HKMK,5,,,,,,,,\r\n`)).toEqual([
      { ...actions[1], instrument: '5', convertedInstrument: null, quantityRatio: null },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['a day that is none', '05/11/2019,20191131,HKMK,5,5,2,,,,,,', /column "Ex-Date": got "20191131", expected a date/],
    [
      'an entitlement without an amount',
      '05/11/2019,20191105,HKMK,5,5,2,DIV5,,,,,',
      /"Cash Dividend Amount": got nothing/,
    ],
    [
      'an amount without a code',
      '05/11/2019,20191105,HKMK,5,5,2,,,,0.13,,',
      /"Instrument Code for Stock Dividend": got nothing/,
    ],
    ['a ratio that is none', '05/11/2019,20191105,HKMK,5,5,1:2,,,,,,', /"Quantity Conversion Ratio": got "1:2"/],
  ])('is refused for %s', (_name, row, words) => {
    expect(detail(readCorporateActions(report, `${header}${row}\r\n`))).toMatch(words);
  });
});
