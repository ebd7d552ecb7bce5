import { addTo, dropLeading, type HashTotal, LIMB, type Limbs, toDigits } from './digits.ts';
import { ascii } from './field-value.ts';
import { type FoundFault, fieldFault } from './file-fault.ts';
import type { ChecksumRule, Field, Layout, RecordLayout } from './layout.ts';

/** The expected values of the trailer, by field name: counts as numbers, hash totals as digits of the field's length. */
export type FileTotals = Readonly<Record<string, number | string>>;

/** The checksum by the rule of a record whose numeric fields are in `limbs`; the result is in `sum`. */
export function sumInto(sum: HashTotal, rule: ChecksumRule, limbs: Limbs): void {
  let high = 0;
  let low = 0;
  for (let n = 0; n < rule.of.length; n++) {
    const term = 2 * (rule.of[n] as number);
    high += limbs[term] as number;
    low += limbs[term + 1] as number;
  }
  const over = Math.floor(low / LIMB);
  sum.low = low - over * LIMB;
  sum.high = (high + over) % LIMB;
  dropLeading(sum, lengthOf(rule.field));
}

/** Counts and hash totals over the detail records of one file. */
export interface Totals {
  /** Adds a detail record, its numeric fields in `limbs`. */
  add(record: RecordLayout, limbs: Limbs, bytes: Uint8Array, from: number): void;
  /** RECORD_COUNT, then HASH_TOTAL, each in the trailer's order. */
  fault(trailer: Uint8Array, from: number, line: number): FoundFault | null;
  read(): FileTotals;
}

export function createTotals(layout: Layout): Totals {
  const counts = layout.counts.map((rule) => ({ rule, count: 0 }));
  const totals = layout.hashTotals.map((rule) => ({ rule, total: { high: 0, low: 0 } }));
  /** By first byte of the record: the indexes of the fields that are summed or compared. */
  const summed = layout.byType.map((record) =>
    totals.map(({ rule }) => record?.numeric.findIndex((field) => field.name === rule.of) ?? -1),
  );
  const asked = layout.byType.map((record) =>
    counts.map(({ rule }) => record?.fields.find((field) => field.name === rule.where?.field)),
  );
  return {
    add(record, limbs, bytes, from) {
      const type = record.type.charCodeAt(0);
      for (let n = 0; n < counts.length; n++) {
        const entry = counts[n];
        if (!entry) continue;
        if (!entry.rule.where) entry.count += 1;
        else {
          const field = asked[type]?.[n];
          if (field && isPadded(entry.rule.where.is, bytes, from + field.start, from + field.end)) entry.count += 1;
        }
      }
      for (let n = 0; n < totals.length; n++) {
        const place = summed[type]?.[n] ?? -1;
        const entry = totals[n];
        if (entry && place >= 0) addTo(entry.total, limbs[2 * place] as number, limbs[2 * place + 1] as number);
      }
    },
    fault(trailer, from, line) {
      for (const { rule, count } of counts) {
        const came = ascii(trailer, from + rule.field.start, from + rule.field.end);
        if (Number(came) === count) continue;
        const what = rule.where ? `detail records with ${rule.where.field} "${rule.where.is}"` : 'detail records';
        const expected = `${String(count).padStart(lengthOf(rule.field), '0')}, the ${what} of this file`;
        return fieldFault('RECORD_COUNT', line, rule.field, came, expected);
      }
      for (const { rule, total } of totals) {
        const came = ascii(trailer, from + rule.field.start, from + rule.field.end);
        const expected = fitted(total, rule.field);
        if (came === expected) continue;
        return fieldFault('HASH_TOTAL', line, rule.field, came, `${expected}, the sum of ${rule.of} in this file`);
      }
      return null;
    },
    read: () => ({
      ...Object.fromEntries(counts.map(({ rule, count }) => [rule.field.name, count])),
      ...Object.fromEntries(totals.map(({ rule, total }) => [rule.field.name, fitted(total, rule.field)])),
    }),
  };
}

const lengthOf = (field: Field) => field.end - field.start;

function fitted(total: HashTotal, field: Field): string {
  const copy = { ...total };
  dropLeading(copy, lengthOf(field));
  return toDigits(copy, lengthOf(field));
}

function isPadded(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const wanted = at - start < text.length ? text.charCodeAt(at - start) : 32;
    if (bytes[at] !== wanted) return false;
  }
  return text.length <= end - start;
}
