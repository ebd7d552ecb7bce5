import { createHash } from 'node:crypto';
import type { Stepwise } from '../../domain/stepwise.ts';
import type { Table } from './table.ts';

/** Takes a few milliseconds: each row is serialised and hashed. */
const ROWS_A_STEP = 1024;

/**
 * SHA-256 over every row of these tables, as they are at the first step, no matter what changes before the last one.
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

/** JSON with members sorted by name, so that equal rows give equal text at both centres. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
