import { type FieldReader, type Shape, shapeReaders } from './field-value.ts';
import type { Layout } from './layout.ts';
import type { LineEnd } from './line-reader.ts';

/** The second pass: detail records of a file that the batch parser has found in order, as typed rows. */
export interface RecordReader<Row> {
  /**
   * Rows whose last byte is in this chunk or before, in order. The rows keep nothing of the chunk alive.
   * At the trailer it is done and reads no more.
   */
  feed(chunk: Uint8Array): Row[];
  /** The file is over, maybe without its last CRLF: what is left. */
  end(): Row[];
}

/** Offset of the first byte of detail record `n` (0-based); of the trailer, if there are `n` of them. */
export function offsetOfRecord(layout: Layout, n: number, lineEnd: LineEnd = 2): number {
  return (n + 1) * (layout.recordLength + lineEnd);
}

/** 1-based line of detail record `n` (0-based): the header stands in line 1. */
export function lineOfRecord(n: number): number {
  return n + 2;
}

const TRAILER = '9'.charCodeAt(0);

/**
 * Reads rows from a file that was validated, fed from `offsetOfRecord(layout, n)` on, for any n, in chunks of any size.
 * `shape` names the fields wanted; throws at once if the layout does not have them, and while reading if the bytes are
 * not those of a validated file (both are faults of ours).
 */
export function createRecordReader<Row>(layout: Layout, shape: Shape<Row>, lineEnd: LineEnd = 2): RecordReader<Row> {
  const [detail, other] = layout.details;
  if (!detail || other)
    throw new Error(`layout ${layout.id}: rows are read from layouts with one type of detail record`);
  const readers = shapeReaders(detail, shape, layout.id);
  const names = readers.map((reader) => reader.name);
  const reads = readers.map((reader) => reader.read);
  const type = detail.type.charCodeAt(0);
  const length = layout.recordLength;
  const step = length + lineEnd;
  const carry = new Uint8Array(step);
  let carried = 0;
  let done = false;

  /** Appends the record at `from`, or finds the trailer. */
  function take(bytes: Uint8Array, from: number, rows: Row[]): void {
    if (bytes[from] === TRAILER) done = true;
    else if (bytes[from] === type) rows.push(rowOf<Row>(names, reads, bytes, from));
    else throw new Error(`layout ${layout.id}: not at a detail record of a validated file`);
  }

  return {
    feed(chunk) {
      const rows: Row[] = [];
      let at = 0;
      if (carried > 0) {
        const part = chunk.subarray(0, step - carried);
        carry.set(part, carried);
        carried += part.length;
        at = part.length;
        if (carried < step) return rows;
        if (!done) take(carry, 0, rows);
        carried = 0;
      }
      for (; !done && at + step <= chunk.length; at += step) take(chunk, at, rows);
      if (!done && at < chunk.length) {
        carry.set(chunk.subarray(at));
        carried = chunk.length - at;
      }
      return rows;
    },
    end() {
      const rows: Row[] = [];
      if (!done && carried >= length) take(carry, 0, rows);
      if (!done) throw new Error(`layout ${layout.id}: the file ended before its trailer`);
      return rows;
    },
  };
}

/** The readers were checked against the shape of Row, so the object is one. */
function rowOf<Row>(names: readonly string[], reads: readonly FieldReader[], bytes: Uint8Array, from: number): Row {
  const row: Record<string, unknown> = {};
  for (let n = 0; n < names.length; n++) row[names[n] as string] = (reads[n] as FieldReader)(bytes, from);
  return row as Row;
}
