import { parseInstant } from '../domain/calendar/calendar.ts';
import type { EntryOf, JournalEntry, JournalKind } from '../domain/journal/journal.ts';
import type { Instant, ServiceName } from '../domain/nouns/market.ts';
import { granted, type Setting } from './setting.ts';

/**
 * Runs `work` and returns the journal entries it caused at a service. Over SFTP neither the centre nor a refusal's code is
 * visible to a client: only the tester sees them, in the journal.
 */
export async function observe<K extends JournalKind, T>(
  { control }: Pick<Setting, 'control'>,
  kind: K,
  service: ServiceName,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly entries: readonly EntryOf<K>[] }> {
  const { last } = granted(await control.journal({ limit: 1 }));
  const value = await work();
  const { entries } = granted(await control.journal({ kinds: kind, service, after: last }));
  return { value, entries: entries.filter((entry): entry is Extract<JournalEntry, EntryOf<K>> => entry.kind === kind) };
}

/** The opening named in a refusal's message: `It opens at the backup centre 2021-07-24 16:30 HKT`. */
export function openingIn(says: string): Instant | undefined {
  const named = /\bopens\b[^.]*?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) HKT/.exec(says);
  return named ? (parseInstant(`${named[1]}T${named[2]}`) ?? undefined) : undefined;
}
