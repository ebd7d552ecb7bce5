import { hash } from 'node:crypto';
import type { Change, Commit } from '../../domain/change.ts';
import type { CentreName } from '../../domain/nouns/market.ts';

/** A commit as a table stores it: `changes` is its JSON. */
export interface LogRow {
  readonly idx: number;
  readonly epoch: number;
  readonly at: number;
  readonly opens: string | null;
  readonly changes: string;
}

/** The link before the first commit. */
export const NO_LINK = '';

/**
 * The link of a commit: a digest of it and of the link before. So a row that was changed breaks the chain, and two logs whose
 * last links are equal hold the same commits, in whatever groups each of them was given them. 128 bits of SHA-256.
 */
export function linkAfter(link: string, { idx, epoch, at, opens, changes }: LogRow): string {
  // By its digest: to join a megabyte of changes to the rest would copy it.
  const digest = hash('sha256', changes);
  return hash('sha256', `${link} ${idx} ${epoch} ${at} ${opens ?? '-'} ${digest}`).slice(0, 32);
}

export function rowOf({ index, epoch, at, opens, changes }: Commit): LogRow {
  return { idx: index, epoch, at, opens: opens ?? null, changes: JSON.stringify(changes) };
}

export function commitOf({ idx, epoch, at, opens, changes }: LogRow): Commit {
  const commit: Commit = { epoch, index: idx, at, changes: JSON.parse(changes) as Change[] };
  return opens === null ? commit : { ...commit, opens: opens as CentreName };
}

/** A row of `SELECT idx, epoch, at, opens, changes`. */
export function rowIn(record: Record<string, unknown>): LogRow {
  const { idx, epoch, at, opens, changes } = record;
  return {
    idx: Number(idx),
    epoch: Number(epoch),
    at: Number(at),
    opens: opens === null ? null : String(opens),
    changes: String(changes),
  };
}
