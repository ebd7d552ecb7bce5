import type { Field, RecordLayout } from './layout.ts';

/** Texts and digits are strings, dates `YYYY-MM-DD`, numbers integers in units of the last implied decimal. */
export type FieldValue = string | number | bigint;
/** A record by field name; fillers are left out. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** The fields that a caller needs: a layout that lacks one, or has it as another sort, does not fit. */
export type Shape<Row> = {
  readonly [Name in keyof Row]: Row[Name] extends number ? 'number' : 'text';
};

/** Reads one field of the record that begins at `from`. Its bytes were checked to be printable, and digits if numeric. */
export type FieldReader = (bytes: Uint8Array, from: number) => FieldValue;

const SPACE = 32;
/** Texts up to this length are cached: participants, accounts, stocks and dates recur. */
const LONGEST_RECURRING = 12;
const RECURRING = 1024;

export function fieldReader(field: Field): FieldReader {
  const { start, end } = field;
  switch (field.kind) {
    case 'number':
      return (bytes, from) => digitsOf(bytes, from + start, from + end);
    case 'bigint':
      return (bytes, from) => BigInt(ascii(bytes, from + start, from + end));
    case 'digits':
      return recurring(start, end, (digits) => digits);
    case 'date':
      return recurring(start, end, (digits) => `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`);
    case 'text':
      if (end - start <= LONGEST_RECURRING) return recurring(start, end, (text) => text);
      return (bytes, from) => ascii(bytes, from + start, trimmedEnd(bytes, from + start, from + end));
  }
}

/** Reads all fields of records of this type. Create it once for many records. */
export function fieldsReader(record: RecordLayout): (bytes: Uint8Array, from: number) => FieldValues {
  const readers = record.fields.map((field) => ({ name: field.name, read: fieldReader(field) }));
  return (bytes, from) => {
    const values: Record<string, FieldValue> = {};
    for (const { name, read } of readers) values[name] = read(bytes, from);
    return values;
  };
}

/**
 * Readers for the fields that `shape` names, in the record's order.
 * Throws if the record lacks one or has it as another sort: the layout is then unfit for this use.
 */
export function shapeReaders<Row>(record: RecordLayout, shape: Shape<Row>, layoutId: string): readonly NamedReader[] {
  const readers: NamedReader[] = [];
  for (const field of record.fields) {
    const wanted = new Map(Object.entries(shape)).get(field.name);
    if (!wanted) continue;
    if ((wanted === 'number') !== (field.kind === 'number') || field.kind === 'bigint')
      throw new Error(
        `layout ${layoutId}: "${field.name}" (${field.picture}) is read as ${field.kind}, needed as ${wanted}`,
      );
    readers.push({ name: field.name, read: fieldReader(field) });
  }
  const missing = Object.keys(shape).filter((name) => !readers.some((reader) => reader.name === name));
  if (missing.length > 0)
    throw new Error(
      `layout ${layoutId}: record type "${record.type}" lacks ${missing.map((name) => `"${name}"`).join(', ')}`,
    );
  return readers;
}

export interface NamedReader {
  readonly name: string;
  readonly read: FieldReader;
}

/**
 * Copies, so that the string does not keep the chunk alive. Eight at a time: a call with an argument list costs more than
 * the rest of a record.
 */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === SPACE) last--;
  return last;
}

function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] as number) - 48;
  return value;
}

/**
 * Reads short texts through a cache of strings, which saves most of the time and, since rows are stored, most of the
 * memory. One slot per hash: a new string replaces the old one.
 */
function recurring(start: number, end: number, finish: (text: string) => string): FieldReader {
  const raw: string[] = [];
  const finished: string[] = [];
  return (bytes, from) => {
    const first = from + start;
    const last = trimmedEnd(bytes, first, from + end);
    let hash = 0;
    for (let at = first; at < last; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 10)) & (RECURRING - 1);
    const seen = raw[slot];
    if (seen !== undefined && isText(seen, bytes, first, last)) return finished[slot] as string;
    const text = ascii(bytes, first, last);
    raw[slot] = text;
    const value = finish(text);
    finished[slot] = value;
    return value;
  };
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) if (text.charCodeAt(at - start) !== bytes[at]) return false;
  return true;
}
