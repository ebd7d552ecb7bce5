import { createBatchParser } from './batch-file.ts';
import { type Limbs, readDigits } from './digits.ts';
import { type FieldValues, fieldsReader } from './field-value.ts';
import { fieldWriter, ValueTooWide, writeDigits } from './field-writer.ts';
import { type FoundFault, fieldFault } from './file-fault.ts';
import type { Layout, RecordLayout } from './layout.ts';
import { createTotals, sumInto } from './totals.ts';

/** A chunk is passed on when no further record fits into it. */
const CHUNK_BYTES = 65_536;
const SPACE = 32;
const CR = 13;
const LF = 10;

/**
 * Writes a file of this layout, batch or report: header, details, trailer, CRLF after each record, in chunks of at most
 * 64 KiB, each a new buffer. Constants, record checksums, counts and hash totals are filled in; everything else must be given,
 * as field-value.ts reads it (numbers in units of the last implied decimal, dates `YYYY-MM-DD`).
 * Throws ValueTooWide for a value that its field cannot hold, and an Error for one that is missing or has no field: a bug of
 * the caller.
 * @param details with several types of detail record, each has its `recordType`
 * @param trailer values of the trailer other than counts and hash totals
 */
export function* writeRecords(
  layout: Layout,
  header: FieldValues,
  details: Iterable<FieldValues>,
  trailer: FieldValues = {},
): Generator<Uint8Array, void, undefined> {
  const step = layout.recordLength + 2;
  const size = step * Math.max(1, Math.floor(CHUNK_BYTES / step));
  // No record has more numeric fields than positions.
  const limbs = new Float64Array(2 * layout.recordLength);
  const totals = createTotals(layout);
  const writers = layout.details.map((record) => ({ record, write: recordWriter(layout, record) }));
  const only = writers.length === 1 ? writers[0] : undefined;
  let chunk = new Uint8Array(size);
  let at = 0;
  let records = 0;
  recordWriter(layout, layout.header)(header, chunk, at);
  at += step;
  for (const values of details) {
    if (at === size) {
      yield chunk;
      chunk = new Uint8Array(size);
      at = 0;
    }
    const writer = only ?? writers.find(({ record }) => record.type === values.recordType);
    if (!writer) throw new Error(`layout ${layout.id}: there is no detail record of type "${values.recordType}"`);
    records += 1;
    try {
      writer.write(values, chunk, at);
    } catch (error) {
      if (error instanceof ValueTooWide) error.record = records;
      throw error;
    }
    completeDetail(writer.record, chunk, at, limbs);
    totals.add(writer.record, limbs, chunk, at);
    at += step;
  }
  if (at === size) {
    yield chunk;
    chunk = new Uint8Array(step);
    at = 0;
  }
  const sums = Object.entries(totals.read()).map(([name, total]) => [name, BigInt(total)]);
  recordWriter(layout, layout.trailer, Object.fromEntries(sums))(trailer, chunk, at);
  yield chunk.subarray(0, at + step);
}

/** @param computed values of the fields that the caller does not give */
function recordWriter(layout: Layout, record: RecordLayout, computed: Readonly<Record<string, bigint>> = {}) {
  const where = `layout ${layout.id}, record type "${record.type}"`;
  // The checksum is zero at first, and written once the fields that it sums are.
  const own: Readonly<Record<string, bigint>> = record.checksum ? { [record.checksum.field.name]: 0n } : computed;
  const writers = record.fields.map((field) => ({
    name: field.name,
    constant: field.value,
    computed: own[field.name],
    write: fieldWriter(field.value === null ? field : { ...field, kind: field.kind === 'text' ? 'text' : 'digits' }),
  }));
  return (values: FieldValues, bytes: Uint8Array, from: number): void => {
    bytes.fill(SPACE, from, from + layout.recordLength);
    bytes[from + layout.recordLength] = CR;
    bytes[from + layout.recordLength + 1] = LF;
    let given = 0;
    for (const { name, constant, computed, write } of writers) {
      const value = values[name];
      if (value !== undefined) {
        given += 1;
        if (computed !== undefined) throw new Error(`${where}: "${name}" is computed, not given`);
        if (constant !== null && value !== constant) throw new Error(`${where}: "${name}" is always "${constant}"`);
      }
      const written = constant ?? computed ?? value;
      if (written === undefined) throw new Error(`${where}: "${name}" is missing`);
      write(written, bytes, from);
    }
    for (const name in values) if (values[name] !== undefined) given -= 1;
    if (given === 0) return;
    const known = new Set(writers.map((writer) => writer.name));
    throw new Error(`${where}: there is no field ${Object.keys(values).find((name) => !known.has(name))}`);
  };
}

/** Writes the checksum, and reads all numeric fields of the record into `limbs`. */
function completeDetail(record: RecordLayout, bytes: Uint8Array, from: number, limbs: Limbs): void {
  for (let n = 0; n < record.numeric.length; n++) {
    const field = record.numeric[n];
    if (field) readDigits(bytes, from + field.start, from + field.end, limbs, n);
  }
  if (!record.checksum) return;
  const { field } = record.checksum;
  const sum = { high: 0, low: 0 };
  sumInto(sum, record.checksum, limbs);
  writeDigits(sum.high, sum.low, bytes, from + field.start, from + field.end);
  limbs[2 * field.numeric] = sum.high;
  limbs[2 * field.numeric + 1] = sum.low;
}

/** A whole file: its records by field name, or why it is not valid. */
export type FileRead =
  | { readonly fault: FoundFault }
  | {
      readonly fault: null;
      readonly header: FieldValues;
      readonly details: readonly FieldValues[];
      readonly trailer: FieldValues;
    };

/**
 * Reads a whole file of this layout, after verifying structure, checksums, counts and hash totals, as a participant would.
 * For what fits in memory; an upload goes through batch-file.ts and record-reader.ts.
 */
export function readRecords(layout: Layout, bytes: Uint8Array): FileRead {
  const readers = layout.byType.map((record) => record && fieldsReader(record));
  const details: FieldValues[] = [];
  let trailer: FieldValues = {};
  const parser = createBatchParser(layout, null, {
    onRecord(chunk, from) {
      const type = chunk[from] as number;
      const values = readers[type]?.(chunk, from) ?? {};
      const role = layout.byType[type]?.role;
      if (role === 'detail') details.push(values);
      else if (role === 'trailer') trailer = values;
    },
  });
  parser.feed(bytes);
  const file = parser.end();
  if (file.fault) return file;
  const wrong = layout.header.fields.find(
    (field) => field.check === 'fileId' && file.header[field.name] !== field.value,
  );
  if (wrong)
    return {
      fault: fieldFault('WRONG_FILE_ID', 1, wrong, String(file.header[wrong.name]), `${wrong.value}, this layout's`),
    };
  return { fault: null, header: file.header, details, trailer };
}
