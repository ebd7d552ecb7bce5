import type { EntryOf, JournalEntry, JournalKind } from '../../src/domain/journal/journal.ts';

/** The entries of these kinds, from which the compiler knows their details. */
export function ofKind<K extends JournalKind>(entries: readonly JournalEntry[], ...kinds: readonly K[]): EntryOf<K>[] {
  return entries.filter((entry): entry is Extract<JournalEntry, EntryOf<K>> =>
    kinds.some((kind) => kind === entry.kind),
  );
}
