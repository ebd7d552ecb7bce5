import type { Control } from '../../src/control/control.ts';
import type { EntryOf, JournalEntry, JournalFilter, JournalKind } from '../../src/domain/journal/journal.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { type Client, clientOf } from './client.ts';

/** Large sizes only in `npm run test:full`. */
export const FULL = process.env.HARNESS_TEST_SIZE === 'full';

/** The circular's Saturday, in session 1: market time is frozen at 16:30, the backup is active, B09901 may log on. */
export async function inSession1(options: HarnessOptions = {}): Promise<Harness> {
  const harness = await startHarness({ rehearsal: '2021-07-24', seed: 1, ...options });
  answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
  return harness;
}

/** A client of the line. */
export const onTheLine = (harness: Harness): Client => clientOf({ url: harness.addresses.line, ca: harness.ca });

/** The name of the cookie with a session of CCASS. */
export const sessionCookie = ({ addresses }: Harness) => `ccass_session_${new URL(addresses.line).port}`;

/** The answer of Control; throws if it is a refusal. */
export function answered<T>(answer: T): Exclude<T, Refusal> {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer as Exclude<T, Refusal>;
}

/** The first entries that fit, as soon as there are that many. */
/** A filter by kinds, from which the compiler knows the details of what is found. */
type FilterOf<K extends JournalKind> = Omit<JournalFilter, 'kinds'> & { readonly kinds: readonly K[] };

const isOf = <K extends JournalKind>(
  entry: JournalEntry,
  { kinds }: FilterOf<K>,
): entry is Extract<JournalEntry, EntryOf<K>> => kinds.some((kind) => kind === entry.kind);

export async function noted<K extends JournalKind>(
  control: Control,
  filter: FilterOf<K>,
  count = 1,
): Promise<EntryOf<K>[]> {
  const found: EntryOf<K>[] = [];
  for await (const entry of control.follow({ after: 0, ...filter, limit: count }, AbortSignal.timeout(20_000))) {
    if (isOf(entry, filter)) found.push(entry);
  }
  if (found.length < count)
    throw new Error(`only ${found.length} of ${count} journal entries ${JSON.stringify(filter)}`);
  return found;
}

/** The first entry that matches the filter and `is`. */
export async function notedWhere<K extends JournalKind>(
  control: Control,
  filter: FilterOf<K>,
  is: (entry: EntryOf<K>) => boolean,
): Promise<EntryOf<K>> {
  for await (const entry of control.follow({ after: 0, ...filter }, AbortSignal.timeout(20_000))) {
    if (isOf(entry, filter) && is(entry)) return entry;
  }
  throw new Error(`no such journal entry ${JSON.stringify(filter)}`);
}

/** Every entry of these kinds, page by page, since there may be more than fit into one answer. */
export async function everyNoted<K extends JournalKind>(control: Control, kind: K): Promise<EntryOf<K>[]> {
  const found: EntryOf<K>[] = [];
  for (;;) {
    const { entries } = answered(await control.journal({ kinds: kind, after: found.at(-1)?.seq ?? 0, limit: 10_000 }));
    if (entries.length === 0) return found;
    for (const entry of entries) if (isOf(entry, { kinds: [kind] })) found.push(entry);
  }
}

/** Resolves when every batch that was uploaded is done: a move of the clock waits for them. */
export async function batchesDone(control: Control): Promise<void> {
  answered(await control.clock({ advanceMs: 0 }));
}
