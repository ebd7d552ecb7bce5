import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isRefusal } from '../../src/domain/refusal.ts';
import type { FieldValue, FieldValues } from '../../src/wire/field-value.ts';
import { compileLayout, type Field, type Layout, type RecordLayout } from '../../src/wire/layout.ts';
import { writeRecords } from '../../src/wire/report-file.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);

export const LAYOUT_IDS = ['ZSIUP01', 'ZSICR01', 'ZATUP01', 'ZATCR01', 'ZSBAL01', 'ZSILS01', 'ZSMOV01'] as const;

export function layoutJson(id: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`layouts/${id}.json`, fixtures), 'utf8'));
}

export function compiled(json: unknown): Layout {
  const layout = compileLayout(json);
  if (isRefusal(layout)) throw new Error(layout.detail.en);
  return layout;
}

export const shipped = (id: string): Layout => compiled(layoutJson(id));

export const batchFixture = (file: string): Buffer => readFileSync(new URL(`batches/${file}`, fixtures));

export const CONTEXT = { participant: 'B09901', fileId: 'ZSIUP01', market: 'HKMK', marketDate: '2021-07-24' };

/** A valid row of ZSIUP01. */
export const ROW = {
  reference: 'REF-1',
  side: 'D',
  stock: '00005',
  isin: 'GB0005405286',
  quantity: 4000,
  counterparty: 'B09902',
  account: '01',
  payment: 'DVP',
  currency: 'HKD',
  amountCents: 18_120_000,
  settlementDate: '2021-07-26',
  hold: 'N',
  narrative: '',
};

export const HEADER = { participant: 'B09901', market: 'HKMK', businessDate: '2021-07-24', sequence: '0001' };

export function written(layout: Layout, header: FieldValues, details: Iterable<FieldValues>): Buffer {
  return Buffer.concat([...writeRecords(layout, header, details)]);
}

const digits = (length: number) =>
  fc.bigInt({ min: 0n, max: 10n ** BigInt(length) - 1n }).map((value) => value.toString().padStart(length, '0'));

function value(field: Field): fc.Arbitrary<FieldValue> {
  const length = field.end - field.start;
  switch (field.kind) {
    case 'text': {
      const text = fc.string({ unit: 'grapheme-ascii', maxLength: length }).map((any) => any.trimEnd());
      return field.check === 'reference' ? text.map((any) => any.trim() || 'R') : text;
    }
    case 'digits':
      return digits(length);
    case 'date':
      return digits(8).map((date) => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`);
    case 'bigint':
      return digits(length).map(BigInt);
    case 'number':
      return digits(length).map(Number);
  }
}

/** Any values for the fields of a record that the writer does not fill in itself. */
export function values(layout: Layout, record: RecordLayout): fc.Arbitrary<FieldValues> {
  const computed = new Set([
    record.checksum?.field.name,
    ...[...layout.counts, ...layout.hashTotals].map((rule) => rule.field.name),
  ]);
  const given = record.fields.filter((field) => field.value === null && !computed.has(field.name));
  return fc.record(Object.fromEntries(given.map((field) => [field.name, value(field)])));
}
