import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createBatchParser,
  type FileCheck,
  headerBytes,
  INSTRUCTION_SHAPE,
  readHeader,
} from '../../src/wire/batch-file.ts';
import type { LineOptions } from '../../src/wire/line-reader.ts';
import { createRecordReader, lineOfRecord, offsetOfRecord } from '../../src/wire/record-reader.ts';
import { batchFixture, CONTEXT, HEADER, ROW, shipped, values, written } from '../support/shipped-layouts.ts';

const LAYOUT = shipped('ZSIUP01');
const STEP = 162;

function check(bytes: Uint8Array, options: LineOptions = {}, sizes: readonly number[] = []): FileCheck {
  const parser = createBatchParser(LAYOUT, CONTEXT, options);
  let at = 0;
  for (let n = 0; at < bytes.length; n++) {
    const size = sizes.length > 0 ? (sizes[n % sizes.length] ?? 1) : bytes.length;
    // A copy that is overwritten afterwards: the parser must not look at a chunk twice.
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    parser.feed(chunk);
    chunk.fill(0);
    at += size;
  }
  return parser.end();
}

const batch = (...rows: readonly object[]) =>
  written(
    LAYOUT,
    HEADER,
    rows.map((row) => ({ ...ROW, ...row })),
  );
/** The file with `text` from this 1-based line and column on. */
function set(bytes: Buffer, line: number, column: number, text: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(text, (line - 1) * STEP + column - 1, 'latin1');
  return copy;
}

describe('fault order', () => {
  const two = batch({ reference: 'ONE' }, { reference: 'TWO' });
  const cases: [string, Uint8Array, object][] = [
    ['an earlier line wins', set(set(two, 3, 1, '5'), 2, 36, 'X'), { code: 'NOT_NUMERIC', line: 2 }],
    [
      'NOT_ASCII wins over RECORD_LENGTH',
      Buffer.concat([set(two, 1, 40, '\x80').subarray(0, 155), Buffer.from('\r\n')]),
      { code: 'NOT_ASCII', line: 1 },
    ],
    [
      'RECORD_LENGTH wins over RECORD_TYPE',
      Buffer.concat([set(two, 2, 1, '5').subarray(0, 300), Buffer.from('\r\n')]),
      { code: 'RECORD_LENGTH', line: 2, came: '138 characters' },
    ],
    [
      'RECORD_TYPE wins over NOT_NUMERIC',
      set(set(two, 2, 1, '5'), 2, 36, 'X'),
      { code: 'RECORD_TYPE', line: 2, columns: [1, 1] },
    ],
    ['a record type that there is not wins over NO_HEADER', set(two, 1, 1, '5'), { code: 'RECORD_TYPE', line: 1 }],
    ['NOT_NUMERIC from the left', set(set(two, 2, 83, 'X'), 2, 36, 'X'), { code: 'NOT_NUMERIC', field: 'quantity' }],
    [
      'NOT_NUMERIC wins over the header fields',
      set(set(two, 1, 2, 'C'), 1, 27, 'X'),
      { code: 'NOT_NUMERIC', field: 'sequence' },
    ],
    [
      'header fields in order',
      set(set(set(set(two, 1, 27, '0000'), 1, 19, '20200101'), 1, 15, 'MAMK'), 1, 2, 'B09902'),
      { code: 'WRONG_PARTICIPANT' },
    ],
    ['WRONG_FILE_ID wins over WRONG_MARKET', set(set(two, 1, 15, 'MAMK'), 1, 8, 'ZATUP01'), { code: 'WRONG_FILE_ID' }],
    ['WRONG_DATE wins over BAD_SEQUENCE', set(set(two, 1, 27, '0000'), 1, 19, '20210723'), { code: 'WRONG_DATE' }],
    ['BAD_REFERENCE wins over RECORD_CHECKSUM', set(set(two, 2, 2, ' '), 2, 47, '1'), { code: 'BAD_REFERENCE' }],
    ['RECORD_COUNT wins over HASH_TOTAL', set(set(two, 4, 2, '0000009'), 4, 9, '9'), { code: 'RECORD_COUNT', line: 4 }],
    ['NO_RECORDS wins over RECORD_COUNT', set(batch(), 2, 2, '0000001'), { code: 'NO_RECORDS', line: 2 }],
    ['HASH_TOTAL in order', set(set(two, 4, 45, '9'), 4, 27, '9'), { code: 'HASH_TOTAL', field: 'amountTotal' }],
    [
      'after the trailer the length comes first',
      Buffer.concat([two, Buffer.from('\r\n')]),
      { code: 'RECORD_LENGTH', line: 5, came: '0 characters' },
    ],
    [
      'after the trailer any record is one too many',
      Buffer.concat([two, two.subarray(0, STEP)]),
      { code: 'AFTER_TRAILER', line: 5 },
    ],
    [
      'a wrong trailer wins over what follows it',
      Buffer.concat([set(two, 4, 2, '0000009'), two]),
      { code: 'RECORD_COUNT', line: 4 },
    ],
  ];
  it.each(cases)('%s', (_rule, bytes, fault) => {
    expect(check(bytes).fault).toMatchObject(fault);
  });
});

describe('how lines end', () => {
  const two = batch({}, { reference: 'TWO' });
  const text = two.toString('latin1');
  const bytes = (any: string) => Buffer.from(any, 'latin1');

  it.each([
    ['a missing last CRLF', text.slice(0, -2), {}],
    ['LF alone, loose', text.replaceAll('\r\n', '\n'), { loose: true }],
    ['LF alone and none at the end, loose', text.replaceAll('\r\n', '\n').slice(0, -1), { loose: true }],
    ['CRLF, loose', text, { loose: true }],
  ])('takes %s', (_what, file, options) => {
    expect(check(bytes(file), options)).toMatchObject({ fault: null, records: 2 });
  });

  it.each([
    ['LF alone', text.replaceAll('\r\n', '\n'), {}, 1, '160 characters and LF alone'],
    [
      'LF alone in one line',
      `${text.slice(0, STEP + 160)}\n${text.slice(2 * STEP)}`,
      {},
      2,
      '160 characters and LF alone',
    ],
    [
      'LF among CRLF, loose',
      `${text.slice(0, STEP + 160)}\n${text.slice(2 * STEP)}`,
      { loose: true },
      2,
      '160 characters and LF',
    ],
    ['CR alone', text.replaceAll('\r\n', '\r'), {}, 1, '160 characters and CR alone'],
    ['CR alone, loose', text.replaceAll('\r\n', '\r'), { loose: true }, 1, '160 characters and CR alone'],
    ['half of the last CRLF', text.slice(0, -1), {}, 4, '160 characters and CR alone'],
    ['a CR within a record', `${text.slice(0, 200)}\r${text.slice(201)}`, {}, 2, '38 characters'],
    ['a record too long', text.replace('\r\n', ' \r\n'), {}, 1, '161 characters'],
    ['an empty line between', text.replace('\r\n', '\r\n\r\n'), {}, 2, '0 characters'],
  ])('refuses %s', (_what, file, options, line, came) => {
    expect(check(bytes(file), options).fault).toMatchObject({ code: 'RECORD_LENGTH', line, came });
  });

  it('gives up on a line without an end, however long', () => {
    const parser = createBatchParser(LAYOUT, CONTEXT);
    const endless = new Uint8Array(100).fill(65);
    let fault = null;
    let fed = 0;
    for (; !fault && fed < 100_000; fed += 100) fault = parser.feed(endless);
    expect(fault).toMatchObject({ code: 'RECORD_LENGTH', line: 1, came: expect.stringContaining('more than') });
    expect(fed).toBeLessThan(5000);
  });

  it('names the byte, the column and the field of what is not ASCII', () => {
    const fault = check(set(two, 3, 95, '\xe9')).fault;
    expect(fault).toMatchObject({
      code: 'NOT_ASCII',
      line: 3,
      columns: [95, 95],
      field: 'narrative',
      came: 'the byte 0xE9',
    });
  });
});

describe('any file, whatever the chunks', () => {
  const good = batchFixture('good/several-rows.txt');
  const edit = fc.record({ at: fc.nat(good.length), drop: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) });
  const line = fc.record({ at: fc.nat(8), put: fc.constantFrom('\r', '\n', '\r\n', ' ', '') });

  it('is judged the same', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 2 }),
        fc.array(line, { maxLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (edits, ends, sizes, loose, lf) => {
          let bytes: Uint8Array = lf ? Buffer.from(good.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : good;
          for (const { at, put } of ends)
            bytes = Buffer.concat([
              bytes.subarray(0, at * STEP + 160),
              Buffer.from(put),
              bytes.subarray((at + 1) * STEP),
            ]);
          for (const { at, drop, put } of edits)
            bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]);
          expect(check(bytes, { loose }, sizes)).toEqual(check(bytes, { loose }));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is judged the same when a line has no end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4250, max: 4260 }),
        fc.constantFrom('\r\n', '\n', '\r', '\x80', ''),
        fc.array(fc.integer({ min: 4240, max: 4270 }), { minLength: 1, maxLength: 4 }),
        (length, end, sizes) => {
          const bytes = Buffer.from(`${'0'.repeat(length)}${end}${'0'.repeat(300)}`, 'latin1');
          expect(check(bytes, {}, sizes)).toEqual(check(bytes));
          expect(check(bytes, {}, [1])).toEqual(check(bytes));
        },
      ),
    );
  });
});

describe('one byte changed in a good file', () => {
  const good = batchFixture('good/fop-dvp-rdp.txt');
  /** Line and column pairs that integrity does not cover: texts, fillers, the sequence number. */
  const open = (offset: number): boolean => {
    const column = (offset % STEP) + 1;
    const record = LAYOUT.byType[good[offset - (offset % STEP)] ?? 0];
    const field = record?.fields.find((other) => column > other.start && column <= other.end);
    if (column > 160) return false;
    return !field || field.name === 'sequence' || (field.kind === 'text' && record?.role === 'detail');
  };

  it('is refused, or it is in a text, a filler or the sequence number: every byte, every value', () => {
    const bytes = Uint8Array.from(good);
    const slipped: string[] = [];
    for (let offset = 0; offset < bytes.length; offset++) {
      if (open(offset)) continue;
      const was = bytes[offset] ?? 0;
      for (let value = 0; value < 256; value++) {
        if (value === was) continue;
        bytes[offset] = value;
        const parser = createBatchParser(LAYOUT, CONTEXT);
        parser.feed(bytes);
        if (!parser.end().fault) slipped.push(`byte ${value} at ${offset}`);
      }
      bytes[offset] = was;
    }
    expect(slipped).toEqual([]);
    expect(check(bytes).fault).toBeNull();
  });
});

describe('the second pass', () => {
  /** Detail records `from` to `to` of the file, read from bytes that are gone afterwards. */
  const rowsOf = (file: Uint8Array, from: number, to: number, lineEnd: 1 | 2 = 2) => {
    const [first, end] = [offsetOfRecord(LAYOUT, from, lineEnd), offsetOfRecord(LAYOUT, to, lineEnd)];
    const bytes = Uint8Array.from(file.subarray(first, end));
    const read = createRecordReader(LAYOUT, INSTRUCTION_SHAPE, lineEnd)(bytes);
    const rows = Array.from({ length: read.length }, (_, n) => read.at(n));
    bytes.fill(0);
    return rows;
  };
  const detail = LAYOUT.details[0];
  if (!detail) throw new Error('ZSIUP01 has a detail record');

  it('gives the rows as they were written, from any record to any other', () => {
    fc.assert(
      fc.property(
        fc.array(values(LAYOUT, detail), { minLength: 1, maxLength: 6 }),
        fc.nat(6),
        fc.nat(6),
        (rows, one, other) => {
          const [from, to] = [Math.min(one, other), Math.min(Math.max(one, other), rows.length)];
          fc.pre(from <= to);
          expect(rowsOf(written(LAYOUT, HEADER, rows), from, to)).toEqual(rows.slice(from, to));
        },
      ),
    );
  });

  it('reads lines that end in LF', () => {
    const file = Buffer.from(batch({}, { reference: 'TWO' }).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expect(rowsOf(file, 1, 2, 1)).toMatchObject([{ reference: 'TWO' }]);
    expect(lineOfRecord(1)).toBe(3);
  });

  it('does not work on a file that nobody validated, nor on part of a record', () => {
    const read = createRecordReader(LAYOUT, INSTRUCTION_SHAPE);
    expect(() => read(new Uint8Array(STEP)).at(0)).toThrow('not at a detail record');
    expect(() => read(new Uint8Array(STEP + 1))).toThrow('not whole records');
    expect(() => rowsOf(batch({}), 0, 2)).toThrow('not at a detail record');
  });

  it('does not read from a layout that lacks what is wanted', () => {
    expect(() => createRecordReader(shipped('ZSBAL01'), INSTRUCTION_SHAPE)).toThrow('lacks "reference"');
    expect(() => createRecordReader<{ quantity: string }>(LAYOUT, { quantity: 'text' })).toThrow(
      '"quantity" (9(12)) is read as number',
    );
  });
});

describe('readHeader', () => {
  const file = batchFixture('good/several-rows.txt');

  it('reads it from the first bytes, whoever the participant and whatever follows', () => {
    const header = {
      participant: 'B09901',
      fileId: 'ZSIUP01',
      market: 'HKMK',
      businessDate: '2021-07-24',
      sequence: '0003',
    };
    expect(readHeader(LAYOUT, file.subarray(0, headerBytes(LAYOUT)))).toEqual({ header, lineEnd: 2, fault: null });
    expect(readHeader(LAYOUT, file.subarray(0, 160)).header).toEqual(header);
    expect(readHeader(LAYOUT, set(file, 2, 1, '\xff')).header).toEqual(header);
    expect(readHeader(LAYOUT, set(set(file, 1, 2, 'C09909'), 1, 27, '0000')).header).toMatchObject({
      participant: 'C09909',
      sequence: '0000',
    });
  });

  it('finds the fault that the parser finds in any garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const read = readHeader(LAYOUT, bytes);
        expect(read.fault).not.toBeNull();
        expect(read.fault).toEqual(check(bytes).fault);
      }),
    );
    const endless = new Uint8Array(10_000).fill(48);
    expect(readHeader(LAYOUT, endless.subarray(0, headerBytes(LAYOUT))).fault).toEqual(check(endless).fault);
  });
});
