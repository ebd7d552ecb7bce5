import { parseInstant } from '../domain/calendar/calendar.ts';
import type { JournalEntry, JournalKind } from '../domain/journal/journal-entry.ts';
import type { Instant, ServiceName } from '../domain/nouns/market.ts';
import { granted, type Stage } from './stage.ts';

/**
 * Does something at a service and says what the harness noted of it meanwhile. By SFTP no centre shows which one it is, and
 * no refusal has a code: what the tester can see in the journal, the participant cannot see at all.
 */
export async function witnessed<T>(
  { control }: Pick<Stage, 'control'>,
  kinds: readonly JournalKind[],
  service: ServiceName,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly entries: readonly JournalEntry[] }> {
  const { last } = granted(await control.journal({ limit: 1 }));
  const value = await work();
  const { entries } = granted(await control.journal({ kinds: kinds.join(), after: last }));
  return { value, entries: entries.filter(({ detail }) => detail.service === service) };
}

/** The opening that a refusal's words name: `It opens at the backup centre 2021-07-24 16:30 HKT`. */
export function openingIn(says: string): Instant | undefined {
  const named = /\bopens\b[^.]*?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) HKT/.exec(says);
  return named ? (parseInstant(`${named[1]}T${named[2]}`) ?? undefined) : undefined;
}
