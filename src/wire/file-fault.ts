import type { FileFault } from '../domain/nouns/instructions.ts';
import type { FileFaultCode } from '../domain/settlement/batch.ts';
import { ascii } from './field-value.ts';
import type { Field, Layout, RecordLayout } from './layout.ts';
import type { FieldCheck } from './layout-file.ts';

/** A fault with one of the codes that src/wire finds. */
export type FoundFault = FileFault & { readonly code: FileFaultCode };

const CODE_OF_CHECK: { readonly [C in FieldCheck]: FileFaultCode } = {
  participant: 'WRONG_PARTICIPANT',
  fileId: 'WRONG_FILE_ID',
  market: 'WRONG_MARKET',
  marketDate: 'WRONG_DATE',
  sequence: 'BAD_SEQUENCE',
  reference: 'BAD_REFERENCE',
};

/** What a header is compared with: the caller's participant, the file ID of the upload, the market and its date. */
export interface BatchContext {
  readonly participant: string;
  readonly fileId: string;
  readonly market: string;
  /** `YYYY-MM-DD`. */
  readonly marketDate: string;
}

export function fieldFault(
  code: FileFaultCode,
  line: number,
  field: Field,
  came: string,
  expected: string,
): FoundFault {
  return { code, line, columns: [field.start + 1, field.end], field: field.name, came, expected };
}

export function lineFault(code: FileFaultCode, line: number, came: string, expected: string): FoundFault {
  return { code, line, columns: null, field: null, came, expected };
}

/** A byte that is not printable ASCII, at 0-based `offset` of its record; `record` if its type is known. */
export function notAscii(line: number, offset: number, byte: number, record: RecordLayout | undefined): FoundFault {
  const field = record?.fields.find((other) => offset >= other.start && offset < other.end)?.name ?? null;
  const came = `the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const expected = 'printable ASCII, 0x20 to 0x7E';
  return { code: 'NOT_ASCII', line, columns: [offset + 1, offset + 1], field, came, expected };
}

/** The first byte is not a record type, or its type is not allowed here. */
export function typeFault(
  code: FileFaultCode,
  layout: Layout,
  line: number,
  bytes: Uint8Array,
  from: number,
): FoundFault {
  const came = `record type "${ascii(bytes, from, from + 1)}"`;
  const details = layout.details.map((detail) => `"${detail.type}"`).join(', ');
  const expected =
    code === 'AFTER_TRAILER'
      ? 'the end of the file after the control trailer'
      : line === 1
        ? 'the control header, record type "0"'
        : `a detail record (${details}) or the control trailer ("9")`;
  return { code, line, columns: [1, 1], field: 'recordType', came, expected };
}

export function checkFault(
  check: FieldCheck,
  line: number,
  field: Field,
  came: string,
  context: BatchContext | null,
): FoundFault {
  const expected: { readonly [C in FieldCheck]: string } = {
    participant: `${context?.participant}, the participant logged on`,
    fileId: `${context?.fileId}, the file ID of this upload`,
    market: `${context?.market}, the market of this upload`,
    marketDate: `${context?.marketDate.replaceAll('-', '')}, the market date`,
    sequence: 'a sequence number from 0001',
    reference: 'a reference, left-justified and not blank',
  };
  return fieldFault(CODE_OF_CHECK[check], line, field, came, expected[check]);
}
