import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decideRow, FILE_FAULT_CODES, ROW_REASON_CODES } from '../../src/domain/settlement/batch.ts';
import { createBatchParser, INSTRUCTION_SHAPE } from '../../src/wire/batch-file.ts';
import { createRecordReader, lineOfRecord, offsetOfRecord } from '../../src/wire/record-reader.ts';
import { facts, INPUT } from '../support/batch-facts.ts';
import { batchFixture, CONTEXT, shipped } from '../support/shipped-layouts.ts';

interface Good {
  file: string;
  records: number;
}
interface Bad {
  file: string;
  discards: boolean;
  code: string;
  line: number;
  columns?: [number, number];
  after?: string;
}
const index: { good: Good[]; bad: Bad[] } = JSON.parse(batchFixture('index.json').toString());
const LAYOUT = shipped('ZSIUP01');

/** What becomes of the file: its fault, or the codes of its refused rows by line. */
function run(file: string) {
  const bytes = batchFixture(file);
  const parser = createBatchParser(LAYOUT, CONTEXT);
  parser.feed(bytes);
  const whole = parser.end();
  if (whole.fault) return { fault: whole.fault, accepted: 0, refused: [] };
  const details = bytes.subarray(offsetOfRecord(LAYOUT, 0), offsetOfRecord(LAYOUT, whole.records));
  const rows = createRecordReader(LAYOUT, INSTRUCTION_SHAPE)(details);
  const used = new Set<string>();
  const refused: { line: number; code: string }[] = [];
  for (let n = 0; n < rows.length; n++) {
    const answer = decideRow(rows.at(n), facts({ isReferenceUsed: (reference) => used.has(reference) }), INPUT);
    if (typeof answer === 'string') refused.push({ line: lineOfRecord(n), code: answer });
    else used.add(answer.reference);
  }
  return { fault: null, accepted: rows.length - refused.length, refused };
}

describe('fixtures/batches', () => {
  it.each(index.good)('$file is accepted', ({ file, records }) => {
    expect(run(file)).toEqual({ fault: null, accepted: records, refused: [] });
  });

  it.each(index.bad.filter((bad) => bad.discards && !bad.after))(
    '$code: $file is discarded',
    ({ file, code, line, columns }) => {
      expect(run(file).fault).toMatchObject({ code, line, columns: columns ?? null });
    },
  );

  it.each(index.bad.filter((bad) => !bad.discards))('$code: $file has one row refused', ({ file, code, line }) => {
    expect(run(file)).toEqual({ fault: null, accepted: 1, refused: [{ line, code }] });
  });

  it.each(index.bad.filter((bad) => bad.after))(
    '$code: $file is in order but for its sequence number',
    ({ file, after }) => {
      const sequence = (name: string) => batchFixture(name).subarray(26, 30).toString();
      expect(run(file).fault).toBeNull();
      expect(sequence(file)).toBe(sequence(after ?? ''));
      expect(batchFixture(file).equals(batchFixture(after ?? ''))).toBe(false);
    },
  );

  it('has a file for every code, and every file is told of', () => {
    expect([...new Set(index.bad.map((bad) => bad.code))].sort()).toEqual(
      [...FILE_FAULT_CODES, ...ROW_REASON_CODES].sort(),
    );
    const there = ['good', 'bad'].flatMap((folder) =>
      readdirSync(new URL(`../../fixtures/batches/${folder}`, import.meta.url)).map((name) => `${folder}/${name}`),
    );
    expect(there.sort()).toEqual([...index.good, ...index.bad].map((entry) => entry.file).sort());
  });
});
