import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { type FieldCheck, type FieldSpec, isLayoutFile, type LayoutFile, type RecordSpec } from './layout-file.ts';

/** `text`: trimmed on the right. `number`: at most 15 digits. `bigint`: 16 to 18 digits. `digits`: as text. `date`: YYYY-MM-DD. */
export type FieldKind = 'text' | 'number' | 'bigint' | 'digits' | 'date';

/** A field: `start` and `end` are 0-based offsets in the record, `end` excluded. */
export interface Field {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly kind: FieldKind;
  readonly picture: string;
  readonly value: string | null;
  readonly check: FieldCheck | null;
  /** Its index among the numeric fields of its record, or -1. */
  readonly numeric: number;
}

/** A sum modulo 10^(length of `field`), or a count. Indexes are those of `Field.numeric`. */
export interface ChecksumRule {
  readonly field: Field;
  readonly of: readonly number[];
  readonly terms: readonly string[];
}
export interface HashRule {
  readonly field: Field;
  readonly of: string;
}
export interface CountRule {
  readonly field: Field;
  readonly where: { readonly field: string; readonly is: string } | null;
}

export interface RecordLayout {
  readonly type: string;
  readonly role: 'header' | 'detail' | 'trailer';
  /** In order of position, without fillers. */
  readonly fields: readonly Field[];
  readonly numeric: readonly Field[];
  readonly checked: readonly Field[];
  readonly checksum: ChecksumRule | null;
}

/** A compiled layout: the only object that knows offsets. */
export interface Layout {
  readonly id: string;
  readonly name: Words;
  readonly status: LayoutFile['status'];
  readonly source: string;
  readonly recordLength: number;
  readonly mayBeEmpty: boolean;
  readonly header: RecordLayout;
  readonly details: readonly RecordLayout[];
  readonly trailer: RecordLayout;
  /** By first byte; any other byte is not a record type. */
  readonly byType: readonly (RecordLayout | undefined)[];
  readonly counts: readonly CountRule[];
  readonly hashTotals: readonly HashRule[];
}

/** Digits that a JavaScript number always holds exactly. */
const SAFE_DIGITS = 15;
const MOST_DIGITS = 18;
/** First bytes that can be a record type: up to `9`. */
const FIRST_BYTES = 58;

/**
 * Compiles the parsed JSON of a layout file (its shape is in layout-file.ts). Reports all problems at once:
 * BAD_FILE with `more.problems`, a list of sentences in English.
 */
export function compileLayout(json: unknown): Layout | Refusal {
  const problems: string[] = [];
  if (!isLayoutFile(json, problems)) return badLayout(json, problems);
  const records = json.records.map((record) => compileRecord(record, json.recordLength, problems));
  const header = theOne(records, 'header', '0', problems);
  const trailer = theOne(records, 'trailer', '9', problems);
  const details = records.filter((record) => record.role === 'detail');
  if (details.length === 0) problems.push('there is no detail record (type "1" to "8")');
  const byType: (RecordLayout | undefined)[] = Array.from({ length: FIRST_BYTES }, () => undefined);
  for (const record of records) {
    if (byType[record.type.charCodeAt(0)]) problems.push(`record type "${record.type}" occurs twice`);
    byType[record.type.charCodeAt(0)] = record;
  }
  const { counts, hashTotals } = trailerRules(json, trailer, details, problems);
  if (!header || !trailer || problems.length > 0) return badLayout(json, problems);
  return {
    id: json.id,
    name: json.name,
    status: json.status,
    source: json.source,
    recordLength: json.recordLength,
    mayBeEmpty: json.mayBeEmpty ?? false,
    header,
    details,
    trailer,
    byType,
    counts,
    hashTotals,
  };
}

function compileRecord(spec: RecordSpec, recordLength: number, problems: string[]): RecordLayout {
  const role = spec.type === '0' ? 'header' : spec.type === '9' ? 'trailer' : 'detail';
  const where = `record type "${spec.type}"`;
  const fields: Field[] = [];
  const numeric: Field[] = [];
  let next = 1;
  for (const field of spec.fields) {
    if (field.from > next)
      problems.push(`${where}: positions ${next}-${field.from - 1} before "${field.name}" belong to no field`);
    if (field.from < next)
      problems.push(`${where}: "${field.name}" begins at ${field.from}, inside the field before it`);
    next = field.to + 1;
    const compiled = compileField(field, numeric.length, `${where}, "${field.name}"`, problems);
    if (field.name === 'filler') continue;
    if (fields.some((other) => other.name === field.name)) problems.push(`${where}: "${field.name}" occurs twice`);
    fields.push(compiled);
    if (compiled.numeric >= 0) numeric.push(compiled);
    if (field.sumOf && role !== 'detail')
      problems.push(`${where}, "${field.name}": only a detail record has a checksum`);
    if ((field.hashOf || field.countOf) && role !== 'trailer')
      problems.push(`${where}, "${field.name}": only the trailer has counts and hash totals`);
  }
  if (next - 1 !== recordLength)
    problems.push(`${where}: the fields end at ${next - 1}, the record at ${recordLength}`);
  const first = spec.fields[0];
  if (first?.name !== 'recordType' || first.to !== 1 || first.value !== spec.type)
    problems.push(`${where}: the first field is not "recordType" at position 1 with the value "${spec.type}"`);
  const checksum = checksumRule(spec, fields, where, problems);
  return { type: spec.type, role, fields, numeric, checked: fields.filter((field) => field.check), checksum };
}

function compileField(spec: FieldSpec, numeric: number, where: string, problems: string[]): Field {
  const picture = readPicture(spec.picture);
  const length = spec.to - spec.from + 1;
  if (!picture) problems.push(`${where}: the picture ${spec.picture} is not X(n), 9(n) or 9(n)V99`);
  else if (picture.length !== length)
    problems.push(
      `${where}: ${spec.picture} has ${picture.length} characters, positions ${spec.from}-${spec.to} have ${length}`,
    );
  else if (picture.numeric && length > MOST_DIGITS) problems.push(`${where}: more than ${MOST_DIGITS} digits`);
  const isNumeric = picture?.numeric ?? false;
  if (spec.as && !isNumeric) problems.push(`${where}: "as" is for numeric fields`);
  if (spec.as === 'date' && length !== 8) problems.push(`${where}: a date is 9(8)`);
  if (spec.value && (spec.value.length > length || (isNumeric && !/^[0-9]+$/.test(spec.value))))
    problems.push(`${where}: the value "${spec.value}" does not fit ${spec.picture}`);
  if (spec.check === 'reference' && isNumeric) problems.push(`${where}: a reference is X(n)`);
  return {
    name: spec.name,
    start: spec.from - 1,
    end: spec.to,
    kind: isNumeric ? (spec.as ?? (length > SAFE_DIGITS ? 'bigint' : 'number')) : 'text',
    picture: spec.picture,
    value: spec.value ?? null,
    check: spec.check ?? null,
    numeric: isNumeric && spec.name !== 'filler' ? numeric : -1,
  };
}

/** Length and sort of a COBOL picture, or null. `9(13)V99` and `9(13)V9(2)` are the same. */
function readPicture(picture: string): { readonly numeric: boolean; readonly length: number } | null {
  const parts = /^(?:(X(?:\(\d+\)|X*))|(9(?:\(\d+\)|9*))(?:V(9(?:\(\d+\)|9*)))?)$/.exec(picture);
  if (!parts) return null;
  const size = (part: string | undefined) => {
    if (!part) return 0;
    const bracket = /\((\d+)\)/.exec(part);
    return bracket ? Number(bracket[1]) : part.length;
  };
  return { numeric: parts[1] === undefined, length: size(parts[1]) + size(parts[2]) + size(parts[3]) };
}

function checksumRule(
  spec: RecordSpec,
  fields: readonly Field[],
  where: string,
  problems: string[],
): ChecksumRule | null {
  const sums = spec.fields.filter((field) => field.sumOf);
  if (sums.length > 1) problems.push(`${where}: more than one checksum`);
  const sum = sums[0];
  const field = fields.find((other) => other.name === sum?.name);
  if (!sum?.sumOf || !field) return null;
  if (field.numeric < 0) problems.push(`${where}, "${field.name}": a checksum is numeric`);
  const of = sum.sumOf.map((name) => {
    const term = fields.find((other) => other.name === name);
    if (!term || term.numeric < 0 || term === field)
      problems.push(`${where}, "${field.name}": there is no numeric field "${name}" to sum`);
    return term?.numeric ?? -1;
  });
  return { field, of, terms: sum.sumOf };
}

function trailerRules(
  json: LayoutFile,
  trailer: RecordLayout | undefined,
  details: readonly RecordLayout[],
  problems: string[],
): { readonly counts: readonly CountRule[]; readonly hashTotals: readonly HashRule[] } {
  const counts: CountRule[] = [];
  const hashTotals: HashRule[] = [];
  const has = (name: string, numeric: boolean) =>
    details.some((detail) => detail.fields.some((field) => field.name === name && field.numeric >= 0 === numeric));
  for (const spec of json.records.find((record) => record.type === '9')?.fields ?? []) {
    const field = trailer?.fields.find((other) => other.name === spec.name);
    if (!field || (!spec.countOf && !spec.hashOf)) continue;
    const where = `record type "9", "${spec.name}"`;
    if (field.numeric < 0) problems.push(`${where}: a count or hash total is numeric`);
    if (spec.hashOf) {
      if (!has(spec.hashOf, true)) problems.push(`${where}: no detail record has a numeric field "${spec.hashOf}"`);
      hashTotals.push({ field, of: spec.hashOf });
    }
    if (spec.countOf) {
      const where = spec.countOf === 'all' ? null : spec.countOf;
      if (where && !has(where.field, false))
        problems.push(`record type "9", "${spec.name}": no detail record has an X field "${where.field}"`);
      counts.push({ field, where });
    }
  }
  return { counts, hashTotals };
}

function theOne(records: readonly RecordLayout[], role: RecordLayout['role'], type: string, problems: string[]) {
  const record = records.find((other) => other.role === role);
  if (!record) problems.push(`there is no ${role} record (type "${type}")`);
  return record;
}

function badLayout(json: unknown, problems: readonly string[]): Refusal {
  const id = typeof json === 'object' && json !== null && 'id' in json ? String(json.id) : 'without an ID';
  return refuse(
    'BAD_FILE',
    {
      en: `The layout ${id} is not valid: ${problems.join('; ')}. Correct the layout file and start again.`,
      zh: `格式檔 ${id} 並不成立（${problems.length} 項問題，見 problems）。請更正格式檔後重試。`,
    },
    { more: { problems } },
  );
}
