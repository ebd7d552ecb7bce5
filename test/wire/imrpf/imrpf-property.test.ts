import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Imrpf, RETURN_SCALE, type ScenarioTable } from '../../../src/domain/imrpf/imrpf.ts';
import { normalCode } from '../../../src/domain/instrument-codes.ts';
import { checkImrpf, readImrpf, writeImrpf } from '../../../src/wire/imrpf/imrpf.ts';
import { ImrpfFault } from '../../../src/wire/imrpf/imrpf-fault.ts';
import { imrpfText } from '../../support/imrpf-files.ts';

const code = fc
  .oneof(
    fc.integer({ min: 0, max: 99_999 }).map(String),
    fc.stringMatching(/^[\x20-\x7e]{1,8}$/).filter((text) => text.trim() !== ''),
  )
  .map(normalCode);
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), fc.bigInt({ min: 0n, max: 10n ** 10n - 1n }))
  .map(([negative, whole, decimals]) => {
    const plain = `${whole}.${String(decimals).padStart(10, '0')}`.replace(/\.?0+$/, '');
    return negative && plain !== '0' ? `-${plain}` : plain;
  })
  .map((text) => (text === '' ? '0' : text));
const notNegative = decimal.map((text) => text.replace('-', ''));
const whole = fc.nat().map(String);
const scaled = fc.oneof(
  fc.integer({ min: -900_000 * RETURN_SCALE, max: 900_000 * RETURN_SCALE }),
  fc.integer({ min: -2 * RETURN_SCALE, max: 2 * RETURN_SCALE }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((millionths) => millionths * 10_000),
  fc.constantFrom(0, 1, -1, RETURN_SCALE, 100_000, -99_999),
);
const mapOf = <T>(value: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(code, value), { maxLength: 4, selector: ([key]) => key }).map((all) => new Map(all));

const table = (count: number): fc.Arbitrary<ScenarioTable> =>
  fc.uniqueArray(code, { maxLength: 5 }).chain((codes) =>
    fc.array(scaled, { minLength: count * codes.length, maxLength: count * codes.length }).map((returns) => ({
      count,
      rows: new Map(codes.map((one, row) => [one, row])),
      returns: Float64Array.from(returns, (one) => one + 0),
    })),
  );

const imrpf: fc.Arbitrary<Imrpf> = fc
  .record({ hvarCount: fc.integer({ min: 1, max: 6 }), svarCount: fc.integer({ min: 1, max: 6 }) })
  .chain((counts) =>
    fc.record({
      parameters: fc.record({
        valuationDate: fc
          .integer({ min: 0, max: 20_000 })
          .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10)),
        ...{ hvarWeight: notNegative, svarWeight: notNegative, stvCount: fc.nat(), holidayFactor: notNegative },
        hvarCount: fc.constant(counts.hvarCount),
        svarCount: fc.constant(counts.svarCount),
        hvarConfidence: fc.constantFrom('0', '0.994', '0.9999999999'),
        svarConfidence: fc.constantFrom('0.98', '0.5'),
        rounding: fc.integer({ min: 1 }),
      }),
      hvar: table(counts.hvarCount),
      svar: table(counts.svarCount),
      flatRates: mapOf(notNegative),
      betaHedges: mapOf(
        fc.record({ bucketRate: notNegative, beta: decimal, threshold: whole, cashDelta: notNegative }),
      ),
      deltas: mapOf(fc.record({ underlying: code, delta: decimal, conversionRatio: notNegative, cashDelta: decimal })),
      structured: mapOf(fc.record({ priceThreshold: notNegative, tenthOfTickMultiplier: notNegative })),
      entitlements: fc
        .uniqueArray(
          fc.tuple(
            fc.tuple(code, fc.constantFrom(1, 2, 3)).map(([one, type]) => `${one}/${type}`),
            fc.record({ price: notNegative, shortPercent: decimal, longPercent: decimal }),
          ),
          { maxLength: 4, selector: ([key]) => key },
        )
        .map((all) => new Map(all)),
      warnings: fc.constant([]),
    }),
  );

const fileOf = (one: Imrpf) => Buffer.from([...writeImrpf(one)].join(''), 'latin1');

/** A file cut at any places, between the bytes of a byte order mark or of CRLF too. */
function cut(file: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (file.length + 1)).toSorted((a, b) => a - b), file.length];
  return at.slice(1).map((end, n) => file.subarray(at[n], end));
}

describe('an IMRPF', () => {
  it('that is written is read as what it was', async () => {
    await fc.assert(
      fc.asyncProperty(imrpf, async (one) => {
        const file = fileOf(one);
        expect(await readImrpf([file])).toEqual(one);
        expect(await readImrpf([file], { sizeBytes: file.length })).toEqual(one);
      }),
      { numRuns: 150 },
    );
  });

  it('is the same however its bytes arrive', async () => {
    const marked = fc.tuple(imrpf, fc.boolean(), fc.array(fc.nat(), { maxLength: 12 }), fc.nat());
    await fc.assert(
      fc.asyncProperty(marked, async ([one, byteOrderMark, places, lie]) => {
        const file = Buffer.concat([Buffer.from(byteOrderMark ? '\ufeff' : ''), fileOf(one)]);
        const seen: number[] = [];
        const options = { sizeBytes: lie % 5_000, onProgress: (bytes: number) => void seen.push(bytes) };
        expect(await readImrpf(cut(file, places), options)).toEqual(one);
        expect(seen.at(-1)).toBe(file.length);
      }),
      { numRuns: 150 },
    );
    const file = Buffer.from(`\ufeff${imrpfText(['700,1,0.1,"0.2",-0.3', '700,2,1,2', '658,3,0.12'])}`);
    expect(await readImrpf(Array.from(file, (_, n) => file.subarray(n, n + 1)))).toEqual(await readImrpf([file]));
  });

  it('that is corrupt is read or has the documented fault, nothing else', async () => {
    const whole = Buffer.from(
      imrpfText([
        '700,1,0.01,-0.02,0.03',
        '700,2,"0.5",1',
        '658,3,0.12',
        '700,4,0.1,1,300,4',
        '7,5,700,1,1,1',
        '7,6,1,1',
        '7,7,1,1,1,1',
      ]),
    );
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('",\r\n.-+ 0789eE\0')));
    const edit = fc.record({
      at: fc.nat(whole.length - 1),
      remove: fc.nat(6),
      insert: fc.array(byte, { maxLength: 4 }),
    });
    let faults = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 3 }),
        async (edits, places) => {
          let file = whole;
          for (const { at, remove, insert } of edits)
            file = Buffer.concat([file.subarray(0, at), Buffer.from(insert), file.subarray(at + remove)]);
          const fault = await readImrpf(cut(file, places)).then(
            () => null,
            (error: unknown) => error,
          );
          if (fault !== null) expect(fault).toBeInstanceOf(ImrpfFault);
          const { findings } = await checkImrpf([file], 100);
          expect(findings[0]).toEqual(fault === null ? undefined : (fault as ImrpfFault).finding);
          if (fault !== null) faults++;
        },
      ),
      { numRuns: 400 },
    );
    expect(faults).toBeGreaterThan(50);
  });

  it('of a line without an end is a fault', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, '7');
    const endless = (function* () {
      for (let n = 0; n < 6; n++) yield megabyte;
    })();
    await expect(readImrpf(endless)).rejects.toThrow(/line 1 .*4 MiB/);
  });

  it('of more rows than there was room for is the same, whether its size was known or not', async () => {
    const rows = 300;
    const returns = Float64Array.from({ length: 2 * rows }, (_, n) => n * 1_234_567);
    const table = { count: 2, rows: new Map(Array.from({ length: rows }, (_, n) => [String(n), n])), returns };
    const empty = await readImrpf([Buffer.from(imrpfText([], { HVaR_Scen_Count: '2' }))]);
    const one: Imrpf = { ...empty, hvar: table, svar: table };
    const file = fileOf(one);
    for (const sizeBytes of [file.length, 1, 1000]) expect(await readImrpf([file], { sizeBytes })).toEqual(one);
    expect(await readImrpf([file])).toEqual(one);
  });

  it('is not written with a figure that it cannot hold', async () => {
    const one = await readImrpf([Buffer.from(imrpfText())]);
    const parameters = { ...one.parameters, holidayFactor: '0.12345678901' };
    expect(() => [...writeImrpf({ ...one, parameters })]).toThrow(RangeError);
  });
});
