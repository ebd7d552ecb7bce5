import { ascii, type NamedReader, type Shape, shapeReaders } from './field-value.ts';
import type { Layout } from './layout.ts';
import type { LineEnd } from './line-reader.ts';

/**
 * The second pass: detail records of a file that the batch parser has found valid, as typed rows. Rows are read lazily, so
 * that each lives no longer than the decision on it; none keeps the bytes alive.
 */
export interface RowsRead<Row> {
  readonly length: number;
  at(n: number): Row;
  /** The characters of one of its fields as they stand in the file, without the spaces at their end. */
  textAt(n: number, field: keyof Row & string): string;
}

/** Reads the rows of bytes that consist of whole detail records. */
export type RecordReader<Row> = (bytes: Uint8Array) => RowsRead<Row>;

/** Offset of the first byte of detail record `n` (0-based); of the trailer, if there are `n` of them. */
export function offsetOfRecord(layout: Layout, n: number, lineEnd: LineEnd = 2): number {
  return (n + 1) * (layout.recordLength + lineEnd);
}

/** 1-based first and last column of a field of the detail records, or null if they have no such field. */
export function columnsOf(layout: Layout, name: string): readonly [number, number] | null {
  const field = layout.details[0]?.fields.find((one) => one.name === name);
  return field ? [field.start + 1, field.end] : null;
}

/** 1-based line of detail record `n` (0-based): the header is line 1. */
export function lineOfRecord(n: number): number {
  return n + 2;
}

/**
 * Creates a reader of rows of validated files. `shape` names the fields; throws at once if the layout lacks one, and while
 * reading if the bytes are not detail records (both are our bugs).
 */
export function createRecordReader<Row>(layout: Layout, shape: Shape<Row>, lineEnd: LineEnd = 2): RecordReader<Row> {
  const [detail, other] = layout.details;
  if (!detail || other)
    throw new Error(`layout ${layout.id}: rows are read from layouts with one type of detail record`);
  const readers = shapeReaders(detail, shape, layout.id);
  const blank = Object.fromEntries(readers.map(({ name }) => [name, '']));
  const type = detail.type.charCodeAt(0);
  const step = layout.recordLength + lineEnd;
  return (bytes) => {
    if (bytes.length % step !== 0) throw new Error(`layout ${layout.id}: ${bytes.length} bytes are not whole records`);
    return {
      length: bytes.length / step,
      at(n) {
        const from = n * step;
        if (bytes[from] !== type) throw new Error(`layout ${layout.id}: not at a detail record of a validated file`);
        return rowOf<Row>(blank, readers, bytes, from);
      },
      textAt(n, name) {
        const field = detail.fields.find((one) => one.name === name);
        if (!field) throw new Error(`layout ${layout.id}: there is no field ${name}`);
        return ascii(bytes, n * step + field.start, n * step + field.end).trimEnd();
      },
    };
  };
}

/** The readers were checked against the shape of Row, so the object is one. Copying a complete object allocates once; adding members one by one reallocates. */
function rowOf<Row>(blank: object, readers: readonly NamedReader[], bytes: Uint8Array, from: number): Row {
  const row: Record<string, unknown> = { ...blank };
  for (let n = 0; n < readers.length; n++) {
    const { name, read } = readers[n] as NamedReader;
    row[name] = read(bytes, from);
  }
  return row as Row;
}
