import { createHash } from 'node:crypto';
import type { Stepwise } from '../../domain/stepwise.ts';
import type { Table } from './table.ts';

/** A few milliseconds: a row is written out and hashed. */
const ROWS_A_STEP = 1024;

/**
 * SHA-256 over every row of these tables: two that hold the same have the same. It is that of the moment in which the first
 * step is asked for, whatever changes before the last.
 */
export function* digestSteps(tables: Iterable<readonly [name: string, table: Table<object>]>): Stepwise<string> {
  const all = [...tables].map(([name, table]) => [name, table.snapshot()] as const);
  const hash = createHash('sha256');
  let rows = 0;
  for (const [name, entries] of all) {
    for (const [key, row] of entries) {
      hash.update(`${name} ${key} ${canonical(row)}\n`);
      if (++rows % ROWS_A_STEP === 0) yield;
    }
  }
  return hash.digest('hex');
}

/** JSON with the members in order of name, so that equal rows give equal texts wherever they were made. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
