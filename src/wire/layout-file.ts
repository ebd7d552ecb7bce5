import type { Words } from '../domain/nouns/market.ts';

/** What a header field is compared with; it determines the fault code (file-fault.ts). */
export type FieldCheck = 'participant' | 'fileId' | 'market' | 'marketDate' | 'sequence' | 'reference';

/** One field of a record as a layout file writes it; every position of the record belongs to exactly one. */
export interface FieldSpec {
  /** `filler` is ignored and may repeat; every other name is unique in a record. `recordType` is first. */
  readonly name: string;
  /** 1-based first and last position. */
  readonly from: number;
  readonly to: number;
  /** COBOL: `X(n)`, `9(n)`, `9(n)V9(m)` (or `V99`): m implied decimals. At most 18 digits. */
  readonly picture: string;
  /** Of a numeric field: keep the digits as text, or read YYYYMMDD as a date `YYYY-MM-DD`. Else a number. */
  readonly as?: 'digits' | 'date';
  /** The value that a writer always puts here. */
  readonly value?: string;
  /** What a reader of uploads compares it with. */
  readonly check?: FieldCheck;
  /** Detail: this is the record checksum, the sum of these fields modulo 10^(its length). */
  readonly sumOf?: readonly string[];
  /** Trailer: the hash total of this detail field, modulo 10^(its length). */
  readonly hashOf?: string;
  /** Trailer: how many detail records there are, or how many of them have this text in that field. */
  readonly countOf?: 'all' | { readonly field: string; readonly is: string };
}

export interface RecordSpec {
  /** The first byte: `0` header, `1` to `8` detail, `9` trailer. */
  readonly type: string;
  readonly fields: readonly FieldSpec[];
}

/** fixtures/layouts/*.json, or user-supplied: the layout of one batch or report file as data. */
export interface LayoutFile {
  readonly id: string;
  readonly name: Words;
  readonly status: 'documented' | 'observed' | 'assumed';
  /** Where it is published, or why it is a mock convention. */
  readonly source: string;
  readonly recordLength: number;
  /** A file without detail records is valid (reports); else it is NO_RECORDS. */
  readonly mayBeEmpty?: boolean;
  readonly records: readonly RecordSpec[];
}

const CHECKS: readonly unknown[] = ['participant', 'fileId', 'market', 'marketDate', 'sequence', 'reference'];

type Members = Readonly<Record<string, (value: unknown) => boolean>>;

const text = (value: unknown) => typeof value === 'string' && value !== '';
const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
const object = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const optional = (fits: (value: unknown) => boolean) => (value: unknown) => value === undefined || fits(value);
const list = (value: unknown) => Array.isArray(value) && value.length > 0;

const LAYOUT: Members = {
  id: (value) => typeof value === 'string' && /^[A-Z][A-Z0-9]{0,7}$/.test(value),
  name: (value) => object(value) && text(value.en) && text(value.zh) && Object.keys(value).length === 2,
  status: (value) => value === 'documented' || value === 'observed' || value === 'assumed',
  source: text,
  recordLength: whole,
  mayBeEmpty: optional((value) => typeof value === 'boolean'),
  records: list,
};
const RECORD: Members = {
  type: (value) => typeof value === 'string' && /^[0-9]$/.test(value),
  fields: list,
};
const FIELD: Members = {
  name: (value) => typeof value === 'string' && /^[a-z][A-Za-z0-9]*$/.test(value),
  from: whole,
  to: whole,
  picture: text,
  as: optional((value) => value === 'digits' || value === 'date'),
  value: optional((value) => typeof value === 'string' && /^[ -~]+$/.test(value)),
  check: optional((value) => CHECKS.includes(value)),
  sumOf: optional((value) => Array.isArray(value) && value.length > 0 && value.every(text)),
  hashOf: optional(text),
  countOf: optional((value) => value === 'all' || (object(value) && text(value.field) && text(value.is))),
};

function membersOf(value: unknown, members: Members, where: string, problems: string[]): value is object {
  if (!object(value)) {
    problems.push(`${where} is not an object`);
    return false;
  }
  for (const [name, fits] of Object.entries(members)) {
    if (!fits(value[name])) problems.push(`${where}: "${name}" is ${JSON.stringify(value[name]) ?? 'missing'}`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) problems.push(`${where}: "${name}" is not a member that a layout knows`);
  }
  return true;
}

/**
 * Checks that parsed JSON has the shape of a layout file, and adds what is wrong to `problems`, in English.
 * compileLayout checks positions and rules.
 */
export function isLayoutFile(json: unknown, problems: string[]): json is LayoutFile {
  const before = problems.length;
  if (membersOf(json, LAYOUT, 'the layout', problems) && 'records' in json && Array.isArray(json.records)) {
    for (const [r, record] of json.records.entries()) {
      if (!membersOf(record, RECORD, `records[${r}]`, problems)) continue;
      if (!('fields' in record) || !Array.isArray(record.fields)) continue;
      for (const [f, field] of record.fields.entries()) {
        membersOf(field, FIELD, `records[${r}].fields[${f}]`, problems);
      }
    }
  }
  return problems.length === before;
}
