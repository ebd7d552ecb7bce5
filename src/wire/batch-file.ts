import type { BatchHeader, InstructionRow } from '../domain/settlement/batch.ts';
import type { TransferRow } from '../domain/settlement/transfer.ts';
import { type FieldValues, type Shape, shapeReaders } from './field-value.ts';
import type { BatchContext, FoundFault } from './file-fault.ts';
import type { Layout } from './layout.ts';
import { createLineReader, LINE_SLACK, type LineEnd, type LineOptions } from './line-reader.ts';
import { createRecordCheck } from './record-check.ts';
import type { FileTotals } from './totals.ts';

export type { BatchContext, FoundFault } from './file-fault.ts';
export type { LineEnd } from './line-reader.ts';

/** A whole valid file, or its first fault in file order. */
export type FileCheck =
  | { readonly fault: FoundFault }
  | {
      readonly fault: null;
      readonly header: FieldValues;
      /** Detail records. */
      readonly records: number;
      readonly lineEnd: LineEnd;
      /** The counts and hash totals of the trailer, by field name. */
      readonly totals: FileTotals;
    };

/** Parses one file in bounded memory, for chunks of any size. After a fault it ignores the rest. */
export interface BatchParser {
  /** Returns the first fault as soon as it is found. Does not keep the chunk. */
  feed(chunk: Uint8Array): FoundFault | null;
  end(): FileCheck;
  /** Detail records seen so far. */
  records(): number;
}

/**
 * Validates a whole file: structure, header against `context` (null skips that, for reading a report back), record
 * checksums, counts and hash totals. The first fault in the file wins, and within a record NOT_ASCII, RECORD_LENGTH, RECORD_TYPE or order, NOT_NUMERIC, header fields, BAD_REFERENCE, RECORD_CHECKSUM (mock
 * convention). Calls `onRecord` with each valid record.
 */
export function createBatchParser(
  layout: Layout,
  context: BatchContext | null,
  options: LineOptions & { readonly onRecord?: (bytes: Uint8Array, from: number) => void } = {},
): BatchParser {
  const lines = createLineReader(layout, options);
  const check = createRecordCheck(layout, context);
  const { onRecord } = options;
  const take = (bytes: Uint8Array, from: number, line: number): FoundFault | null => {
    const fault = check.record(bytes, from, line);
    if (!fault) onRecord?.(bytes, from);
    return fault;
  };
  return {
    feed: (chunk) => lines.feed(chunk, take),
    end() {
      const fault = lines.end(take) ?? check.end(lines.lines());
      if (fault) return { fault };
      const header = check.header();
      if (!header) throw new Error('a file without a fault has a header');
      return { fault: null, header, records: check.records(), lineEnd: lines.lineEnd(), totals: check.totals() };
    },
    records: () => check.records(),
  };
}

const HEADER_SHAPE: Shape<BatchHeader> = {
  participant: 'text',
  fileId: 'text',
  market: 'text',
  businessDate: 'text',
  sequence: 'text',
};

/** The fields of a settlement instruction, as any layout for ZSIUP01 must name them. */
export const INSTRUCTION_SHAPE: Shape<InstructionRow> = {
  reference: 'text',
  side: 'text',
  stock: 'text',
  isin: 'text',
  quantity: 'number',
  counterparty: 'text',
  account: 'text',
  payment: 'text',
  currency: 'text',
  amountCents: 'number',
  settlementDate: 'text',
  hold: 'text',
  narrative: 'text',
};

/** The fields of an account transfer, as any layout for ZATUP01 must name them. */
export const TRANSFER_SHAPE: Shape<TransferRow> = {
  reference: 'text',
  stock: 'text',
  isin: 'text',
  quantity: 'number',
  fromAccount: 'text',
  toAccount: 'text',
  narrative: 'text',
};

export type HeaderRead =
  | { readonly header: BatchHeader; readonly lineEnd: LineEnd; readonly fault: null }
  | { readonly header: null; readonly fault: FoundFault };

/**
 * Reads only the control header, for an immediate answer. Does not compare it with a participant or date: only an
 * unreadable header (garbage, an empty file, a detail record) is a fault, the same one that the parser will find.
 * @param first the first bytes of the file, `headerBytes(layout)` of them or, if it is shorter, the whole file
 */
export function readHeader(layout: Layout, first: Uint8Array, options: LineOptions = {}): HeaderRead {
  const lines = createLineReader(layout, options);
  const check = createRecordCheck(layout, null);
  const found: BatchHeader[] = [];
  const take = (bytes: Uint8Array, from: number, line: number): FoundFault | null => {
    const fault = line === 1 ? check.record(bytes, from, line) : null;
    if (line === 1 && !fault) found.push(headerOf(layout, bytes, from));
    return fault;
  };
  const fault = lines.feed(first, take) ?? lines.end(take) ?? check.end(lines.lines());
  const header = found[0];
  if (header) return { header, lineEnd: lines.lineEnd(), fault: null };
  if (!fault) throw new Error('a file without a header has a fault');
  return { header: null, fault };
}

/** Throws, naming them, if the header lacks fields that identify an upload: such a user layout cannot be used for uploads. */
export function assertUploadHeader(layout: Layout): void {
  shapeReaders(layout.header, HEADER_SHAPE, layout.id);
}

/** How many bytes readHeader needs to give the same answer as the parser. */
export function headerBytes(layout: Layout): number {
  return layout.recordLength + LINE_SLACK;
}

function headerOf(layout: Layout, bytes: Uint8Array, from: number): BatchHeader {
  const values: Record<string, string> = {};
  for (const { name, read } of shapeReaders(layout.header, HEADER_SHAPE, layout.id))
    values[name] = String(read(bytes, from));
  const { participant = '', fileId = '', market = '', businessDate = '', sequence = '' } = values;
  return { participant, fileId, market, businessDate, sequence };
}
