import { type Change, type Commit, type LostChange, put } from '../domain/change.ts';
import type { RapUser, User, UserRequest } from '../domain/nouns/access.ts';
import type { Store } from '../store/store.ts';

/**
 * What is lost with these commits, change by change. Without counters, which are carried over, and without the hashes of
 * passwords and authorisation codes, since the list goes into the journal.
 */
export function lostChanges(commits: readonly Commit[]): LostChange[] {
  return commits.flatMap(({ epoch, index, at, changes }) =>
    changes
      .filter(({ table }) => table !== 'counter')
      .map((change) => ({ epoch, index, at, table: change.table, key: change.key, row: withoutSecrets(change) })),
  );
}

function withoutSecrets(change: Change): LostChange['row'] {
  if (change.row === null) return null;
  if (change.table !== 'user' && change.table !== 'userRequest' && change.table !== 'rapUser') return { ...change.row };
  const { passwordHash, authorisation, ...row }: Partial<User & UserRequest & RapUser> = change.row;
  return row;
}

/** References of the batches in these commits that `books` do not have, in order. */
export function lostBatches(commits: readonly Commit[], books: Store['books']): string[] {
  const references = new Set<string>();
  for (const { changes } of commits) {
    for (const { table, key, row } of changes) {
      if (table === 'batch' && row !== null && !books.get('batch', key)) references.add(key);
    }
  }
  return [...references];
}

/** The changes that raise `to`'s counters to those of `from`, so that a lost number is never used again. */
export function carriedCounters(from: Store['books'], to: Store['books']): Change[] {
  return [...from.all('counter')].filter(({ name, next }) => next > to.counter(name)).map((row) => put('counter', row));
}
