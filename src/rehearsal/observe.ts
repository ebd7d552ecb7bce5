import { parseInstant } from '../domain/calendar/calendar.ts';
import type { JournalEntry, JournalKind } from '../domain/journal/journal-entry.ts';
import type { Instant, ServiceName } from '../domain/nouns/market.ts';
import { granted, type Setting } from './setting.ts';

/**
 * Runs `work` and returns the journal entries it caused at a service. Over SFTP neither the centre nor a refusal's code is
 * visible to a client: only the tester sees them, in the journal.
 */
export async function observe<T>(
  { control }: Pick<Setting, 'control'>,
  kinds: readonly JournalKind[],
  service: ServiceName,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly entries: readonly JournalEntry[] }> {
  const { last } = granted(await control.journal({ limit: 1 }));
  const value = await work();
  const { entries } = granted(await control.journal({ kinds: kinds.join(), after: last }));
  return { value, entries: entries.filter(({ detail }) => detail.service === service) };
}

/** The opening named in a refusal's message: `It opens at the backup centre 2021-07-24 16:30 HKT`. */
export function openingIn(says: string): Instant | undefined {
  const named = /\bopens\b[^.]*?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) HKT/.exec(says);
  return named ? (parseInstant(`${named[1]}T${named[2]}`) ?? undefined) : undefined;
}
