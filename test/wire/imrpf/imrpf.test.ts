import { describe, expect, it } from 'vitest';
import { HTTP_STATUS } from '../../../src/http/problem.ts';
import { checkImrpf, writeImrpf } from '../../../src/wire/imrpf/imrpf.ts';
import { ImrpfFault } from '../../../src/wire/imrpf/imrpf-fault.ts';
import { findingIn, imrpfText, PARAMETER_ROWS, reading } from '../../support/imrpf-files.ts';

/** Records of the guide's sample, cut to three and two scenarios. */
const SAMPLE = [
  '700,1,0.01391,-0.01422,0.006132',
  '26883,1,0.136461,-0.129264,0.034216',
  '700,2,0.041026,-0.000031',
  '658,3,0.12',
  '700,4,0.0022,0.9,300000000,400',
  '26883,5,700,0.0446,100,0.1784',
  '26883,6,0.02,0.5',
  '700,7,1,4,-0.5,0.5',
  '1299,7,3,0,-1,0',
];
const FIRST_RECORD = Object.keys(PARAMETER_ROWS).length + 2;

describe('an IMRPF', () => {
  it('is read with every field type of the sample', async () => {
    const imrpf = await reading(imrpfText(SAMPLE));
    expect(imrpf.parameters).toEqual({
      valuationDate: '2019-04-01',
      ...{ hvarWeight: '0.75', svarWeight: '0.25', hvarCount: 3, svarCount: 2, stvCount: 200 },
      ...{ hvarConfidence: '0.994', svarConfidence: '0.98', rounding: 10_000, holidayFactor: '0.7320508075' },
    });
    expect([...imrpf.hvar.rows]).toEqual([
      ['700', 0],
      ['26883', 1],
    ]);
    expect([...imrpf.hvar.returns]).toEqual([
      139_100_000, -142_200_000, 61_320_000, 1_364_610_000, -1_292_640_000, 342_160_000,
    ]);
    expect([...imrpf.svar.returns]).toEqual([410_260_000, -310_000]);
    expect(imrpf.flatRates.get('658')).toBe('0.12');
    expect(imrpf.betaHedges.get('700')).toEqual({
      bucketRate: '0.0022',
      beta: '0.9',
      threshold: '300000000',
      cashDelta: '400',
    });
    expect(imrpf.deltas.get('26883')).toEqual({
      underlying: '700',
      delta: '0.0446',
      conversionRatio: '100',
      cashDelta: '0.1784',
    });
    expect(imrpf.structured.get('26883')).toEqual({ priceThreshold: '0.02', tenthOfTickMultiplier: '0.5' });
    expect([...imrpf.entitlements]).toEqual([
      ['700/1', { price: '4', shortPercent: '-0.5', longPercent: '0.5' }],
      ['1299/3', { price: '0', shortPercent: '-1', longPercent: '0' }],
    ]);
    expect(imrpf.warnings).toEqual([]);
  });

  it('is the same with a byte order mark, LF, blank lines, padding, quotes, trailing blanks and names in any case', async () => {
    const plain = await reading(imrpfText(SAMPLE));
    const records = SAMPLE.map((record) => record.replace(/^/, '00').replace(/,0\./, ', +00.').replace(/,-0\./, ',-.'));
    expect(records).not.toEqual(SAMPLE);
    const quoted = records.map((record, n) => (n % 2 ? record : record.replace(/[^,]+/g, '"$&"')));
    const odd = imrpfText(
      quoted.map((record) => `${record}, ,,`).flatMap((record) => ['', record, ',,,']),
      { Valuation_DT: '01/04/2019', HVaR_WGT: '.750', STV_Count: '0200', HVaR_CL: '0.99400000000000' },
      'INSTRUMENTID,fieldtype,1,2,3,,',
    );
    const file = `\ufeff\r\n${odd.replace('HVaR_Scen_Count', 'hvar_scen_COUNT')}`;
    expect(await reading(file)).toEqual(plain);
    expect(await reading(file.replaceAll('\r\n', '\n'))).toEqual(plain);
    expect(await reading(file.trimEnd())).toEqual(plain);
  });

  it('gives its codes in one form', async () => {
    const imrpf = await reading(imrpfText(['00658,3,0.12', ' hk1 ,3,0.3', '0026883,5,00700,1,100,1', '00000,3,0.55']));
    expect([...imrpf.flatRates.keys()]).toEqual(['658', 'HK1', '0']);
    expect(imrpf.deltas.get('26883')?.underlying).toBe('700');
  });

  it('uses as many cells as there are scenarios, and notes whose record has fewer', async () => {
    const imrpf = await reading(
      imrpfText(['1,1,0.1,0.2,,', '2,1,0.1,0.2,0.3,rubbish', '3,1', '4,1,,', '5,2,0.1,0.2,0.3']),
    );
    expect([...imrpf.hvar.rows]).toEqual([['2', 0]]);
    expect([...(imrpf.hvar.short ?? [])]).toEqual([
      ['1', 2],
      ['3', 0],
      ['4', 0],
    ]);
    expect([...imrpf.hvar.returns]).toEqual([1e9, 2e9, 3e9]);
    expect(imrpf.svar.short).toBeUndefined();
    // A count that is too low is no fault, but somebody should see it.
    expect(imrpf.warnings).toEqual([
      'FieldType 1: cells beyond scenario 3 passed over in line 15',
      'FieldType 2: cells beyond scenario 2 passed over in line 18',
    ]);
  });

  it('passes over field types above 7 and parameters that it does not know, with a warning each', async () => {
    const imrpf = await reading(imrpfText(['1,8,rubbish', '2,9,1', '3,8,"'], { Colour: 'red' }));
    expect(imrpf.warnings).toEqual([
      expect.stringMatching(/line 13.*Colour/),
      'FieldType 8: records passed over in 2 lines, the first of them 15',
      'FieldType 9: records passed over in line 16',
    ]);
  });

  it.each([
    ['0.0000000001', 1],
    ['-0.0000000001', -1],
    ['899999.9999999999', 8_999_999_999_999_999],
    ['-900000', -9_000_000_000_000_000],
    ['12345.6789012345', 123_456_789_012_345],
    ['0.10000000000000', 1_000_000_000],
    ['-0', 0],
    ['-0.0', 0],
    ['5.', 50_000_000_000],
    ['9.99', 99_900_000_000],
    ['10', 100_000_000_000],
    ['-10.00001', -100_000_100_000],
    ['99999.5', 999_995_000_000_000],
    ['100000', 1_000_000_000_000_000],
    ['.5', 5_000_000_000],
    ['0000000001', 10_000_000_000],
  ])('keeps the return %s exactly', async (text, scaled) => {
    const imrpf = await reading(imrpfText([`1,1,${text},0,"${text}"`]));
    expect([...imrpf.hvar.returns]).toEqual([scaled, 0, scaled]);
    expect(await reading([...writeImrpf(imrpf)].join(''))).toEqual(imrpf);
  });
});

describe('a fault is named by line, column, what came and what was expected:', () => {
  const first = FIRST_RECORD;
  it.each<[string, string, number, number | null, RegExp]>([
    ['a return that is none', imrpfText(['1,1,0.1,0.1x,0']), first, 4, /scenario 2.*"0\.1x".*decimal/],
    ['an exponent', imrpfText(['1,1,-3.1E-05,0,0']), first, 3, /no exponent/],
    ['eleven decimals', imrpfText(['1,1,0,0,0.00000000001']), first, 5, /10 decimals/],
    ['a return beyond what is exact', imrpfText(['1,1,900001,0,0']), first, 3, /900000/],
    ['a hole', imrpfText(['1,1,0.1,,0.3']), first, 4, /scenario 2.*nothing/],
    ['an open quote', imrpfText(['1,1,0.1,"0.2,0.3']), first, 4, /quote/],
    ['an open quote before a code', imrpfText(['"1,3,0.12']), first, 1, /InstrumentId.*quote/],
    ['an open quote before a field type', imrpfText(['1,"3,0.12']), first, 2, /FieldType.*quote/],
    ['an open quote among figures', imrpfText(['1,4,0,"0,5,0']), first, null, /FieldType 4.*quote/],
    ['a quote that ends before its cell does', imrpfText(['"1" x,3,0.12']), first, 1, /InstrumentId.*quote/],
    [
      'a record twice',
      imrpfText(['1,3,0.12', '', '001,3,0.12']),
      first + 2,
      1,
      /1, FieldType 3 again \(first in line 14\)/,
    ],
    ['scenarios twice, once incomplete', imrpfText(['1,1,0.1', '1,1,0,0,0']), first + 1, 1, /again/],
    ['an entitlement twice', imrpfText(['1,7,1,0,0,0', '1,7,2,0,0,0', '1,7,1,0,0,0']), first + 2, 1, /type 1 again/],
    ['an entitlement of no type', imrpfText(['1,7,4,0,0,0']), first, 3, /DSP/],
    ['a field type of 0', imrpfText(['1,0,1']), first, 2, /1 to 7/],
    ['no field type', imrpfText(['1']), first, 2, /FieldType.*nothing/],
    ['no code', imrpfText([',3,0.12']), first, 1, /code/],
    ['a line of one letter, without its end', `${imrpfText()}7`, first, 2, /FieldType.*nothing/],
    ['a byte order mark that is none', imrpfText(['\ufeff700,3,0.12']), first, 1, /ASCII/],
    ['a code of other letters', imrpfText(['é,3,0.12']), first, 1, /ASCII/],
    ['no rate', imrpfText(['1,3']), first, 3, /flat rate.*nothing/],
    ['a threshold that is not whole', imrpfText(['1,4,0,0,0.5,0']), first, 5, /threshold.*whole/],
    ['a rate below 0', imrpfText(['1,3,-0.12']), first, 3, /flat rate.*-0\.12.*not below 0/],
    ['a bucket rate below 0', imrpfText(['1,4,-0.1,1,1,1']), first, 3, /bucket rate.*not below 0/],
    ['a threshold below 0', imrpfText(['1,4,0,0,-5,0']), first, 5, /threshold.*not below 0/],
    ['a price below 0', imrpfText(['1,4,0,-1,5,-3']), first, 6, /cash delta.*not below 0/],
    ['a conversion ratio below 0', imrpfText(['1,5,2,-1,-1,-1']), first, 5, /ratio.*not below 0/],
    ['ticks below 0', imrpfText(['1,6,1,-1']), first, 4, /tick-size.*not below 0/],
    ['an entitlement price below 0', imrpfText(['1,7,1,-4,-0.5,0.5']), first, 4, /price.*not below 0/],
    ['a weight below 0', imrpfText([], { SVaR_WGT: '-0.25' }), 3, 2, /not below 0/],
    ['a holiday factor below 0', imrpfText([], { Holiday_Factor: '-1' }), 12, 2, /not below 0/],
    ['no underlying', imrpfText(['1,5,,1,1,1']), first, 3, /underlying/],
    ['a record before the header', imrpfText([], { '700': '1,0.1,0.2' }), 1, 3, /header/],
    ['no header', imrpfText([], {}, null), 12, null, /header/],
    ['an empty file', '', 0, null, /header/],
    ['scenario numbers in another order', imrpfText([], {}, 'InstrumentId,FieldType,1,3,2'), 13, 4, /in order/],
    ['Rounding 0', imrpfText([], { Rounding: '0' }), 11, 2, /above 0/],
    ['Rounding below 0', imrpfText([], { Rounding: '-10000' }), 11, 2, /above 0/],
    ['another measure', imrpfText([], { SVaR_Measure: '3' }), 10, 2, /4 \(FHS ES/],
    ['no such day', imrpfText([], { Valuation_DT: '31/2/2019' }), 1, 2, /DD\/MM\/YYYY/],
    ['a date the other way round', imrpfText([], { Valuation_DT: '2019-04-01' }), 1, 2, /DD\/MM\/YYYY/],
    ['a confidence of 1', imrpfText([], { HVaR_CL: '1' }), 7, 2, /below 1/],
    ['no scenarios', imrpfText([], { HVaR_Scen_Count: '0' }), 4, 2, /1 to 100000/],
    ['too many scenarios', imrpfText([], { SVaR_Scen_Count: '1000000000' }), 5, 2, /1 to 100000/],
    ['half a scenario', imrpfText([], { SVaR_Scen_Count: '1.5' }), 5, 2, /whole/],
    ['a value too many', imrpfText([], { Rounding: '10,000' }), 11, 3, /nothing after/],
    ['a parameter twice', imrpfText([], { rounding: '1' }), 13, 1, /once/],
  ])('%s', async (_, file, line, column, words) => {
    const finding = await findingIn(file);
    expect([finding.line, finding.column]).toEqual([line, column]);
    expect(new ImrpfFault(finding).message).toMatch(words);
  });

  it.each(Object.keys(PARAMETER_ROWS))('no %s', async (name) => {
    expect(await findingIn(imrpfText(SAMPLE, { [name]: null }))).toMatchObject({ line: 12, field: name });
  });

  it('in a refusal for whoever answers a user', async () => {
    const { refusal } = new ImrpfFault(await findingIn(imrpfText(['1,1,x,0,0'])));
    expect(HTTP_STATUS[refusal.refusal]).toBe(422);
    expect(refusal.more).toMatchObject({ line: FIRST_RECORD, column: 3, field: 'scenario 1', came: '"x"' });
    expect(refusal.detail.zh).toContain(`第 ${FIRST_RECORD} 行第 3 欄`);
  });
});

it.each([
  ['UTF-16', Buffer.from(`\ufeff${imrpfText(SAMPLE)}`, 'utf16le')],
  ['a zip', Buffer.from('PK\x03\x04\x14\0\0\0\nmore\n', 'latin1')],
  ['old line ends', Buffer.from(imrpfText(SAMPLE).replaceAll('\r\n', '\r'))],
])('%s has one fault, that it is no text', async (_, file) => {
  const { findings } = await checkImrpf([file], 10);
  expect(findings).toEqual([
    expect.objectContaining({ line: 1, expected: expect.objectContaining({ en: expect.stringContaining('zip') }) }),
  ]);
});

it('all faults are found up to a bound', async () => {
  const file = Buffer.from(imrpfText(['1,3,x', '2,3,0.12', '3,4,0,0', '4,1,y,0,0'], { HVaR_WGT: 'z', Rounding: null }));
  const { imrpf, findings, more } = await checkImrpf([file], 10);
  expect(imrpf).toBeNull();
  expect(more).toBe(false);
  expect(findings.map(({ line, column }) => [line, column])).toEqual([
    [2, 2],
    [12, null],
    [13, 3],
    [15, 5],
    [16, 3],
  ]);
  const bounded = await checkImrpf([file], 2);
  expect([bounded.findings.length, bounded.more]).toEqual([2, true]);
  expect((await checkImrpf([Buffer.from(imrpfText(SAMPLE))], 10)).imrpf?.hvar.rows.size).toBe(2);
});
