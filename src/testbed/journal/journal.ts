import type { JournalEntry, JournalFilter, JournalNote } from '../../domain/journal/journal-entry.ts';
import type { Clock } from '../clock/clock.ts';
import { plainCopy } from './plain-copy.ts';
import { openSegments, type Segments } from './segments.ts';

export interface JournalOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Entries held in memory, the newest. Default 20,000. */
  readonly keep?: number;
  /** Folder that keeps every entry over a restart. Without it older entries go to a temporary one, made on first need. */
  readonly dir?: string;
}

/** What the harness saw, in order. Only `clear` takes anything away. */
export interface Journal {
  /** Numbers and stamps an entry. Throws a TypeError if the detail is no plain JSON: a bug of ours. */
  note(note: JournalNote): JournalEntry;
  /** The entries that fit, the oldest first; from disk where they are no longer in memory. */
  query(filter?: JournalFilter): Promise<JournalEntry[]>;
  /** As query, then each entry as it comes, until the signal aborts or the journal closes. Without `limit` it has no end. */
  follow(filter?: JournalFilter, signal?: AbortSignal): AsyncIterable<JournalEntry>;
  /**
   * Calls at once with every entry from now on; returns how to end that. A listener that throws is taken off, and an
   * `error` entry says so.
   */
  on(listener: (entry: JournalEntry) => void): () => void;
  /** Forgets everything; the next entry has number 1 again. */
  clear(): void;
  /** Entries since the start, those on disk included: the number of the newest. */
  readonly size: number;
  close(): void;
}

const DEFAULT_KEEP = 20_000;
const DEFAULT_LIMIT = 1_000;

export function createJournal({ clock, keep = DEFAULT_KEEP, dir }: JournalOptions): Journal {
  /** Entry n stands at (n - 1) % keep until entry n + keep takes its place. */
  let ring: JournalEntry[] = [];
  let size = 0;
  /** Counts the clears: whoever was reading starts again. */
  let life = 0;
  let closed = false;
  const listeners = new Set<(entry: JournalEntry) => void>();
  const untold: JournalEntry[] = [];
  let telling = false;
  const followers = new Set<() => void>();
  let segments: Segments | undefined;
  if (dir !== undefined) {
    segments = openSegments(dir);
    size = segments.last();
    for (const entry of segments.newest(keep)) ring[(entry.seq - 1) % keep] = entry;
  }

  function note({ kind, centre = null, participant = null, user = null, detail = {} }: JournalNote): JournalEntry {
    const copy = plainCopy(detail, 'detail');
    const entry: JournalEntry = { seq: size + 1, at: clock.now(), kind, centre, participant, user, detail: copy };
    const place = size % keep;
    const oldest = ring[place];
    if (dir !== undefined) segments?.add(entry);
    else if (oldest && !closed) {
      segments ??= openSegments();
      segments.add(oldest);
    }
    ring[place] = entry;
    size = entry.seq;
    untold.push(entry);
    tellAll();
    for (const wake of followers) wake();
    return entry;
  }

  /** One entry after the other to all, also when a listener notes something itself. */
  function tellAll() {
    if (telling) return;
    telling = true;
    for (let entry = untold.shift(); entry; entry = untold.shift()) {
      for (const listener of listeners) tell(listener, entry);
    }
    telling = false;
  }

  function tell(listener: (entry: JournalEntry) => void, entry: JournalEntry) {
    try {
      listener(entry);
    } catch (error) {
      listeners.delete(listener);
      note({ kind: 'error', detail: { what: 'journal listener', error: String(error), entry: entry.seq } });
    }
  }

  /** Fitting entries above `after`, and up to where it looked. */
  async function scan(
    filter: JournalFilter,
    after: number,
    limit: number,
  ): Promise<{ found: JournalEntry[]; to: number }> {
    const found: JournalEntry[] = [];
    let to = after;
    const take = (entry: JournalEntry): boolean => {
      if (found.length >= limit) return false;
      to = entry.seq;
      if (fits(entry, filter)) found.push(entry);
      return true;
    };
    const thisLife = life;
    while (segments && to < size - keep) {
      const before = to;
      const entries = await segments.read(to);
      if (life !== thisLife) return { found: [], to: 0 };
      for (const entry of entries) {
        if (!take(entry)) return { found, to };
      }
      // Nothing more on disk though it should be: it could not be written (segments say so in the process warnings).
      if (to === before) to = size - keep;
    }
    for (let seq = Math.max(to, size - keep) + 1; seq <= size; seq++) {
      const entry = ring[(seq - 1) % keep];
      if (entry && !take(entry)) break;
    }
    return { found, to };
  }

  return {
    note,
    async query(filter = {}) {
      return (await scan(filter, filter.after ?? 0, filter.limit ?? DEFAULT_LIMIT)).found;
    },
    async *follow(filter = {}, signal) {
      let after = filter.after ?? 0;
      let left = filter.limit ?? Number.POSITIVE_INFINITY;
      let thisLife = life;
      while (left > 0 && !closed && !signal?.aborted) {
        if (life !== thisLife) {
          after = 0;
          thisLife = life;
        }
        const { found, to } = await scan(filter, after, Math.min(left, DEFAULT_LIMIT));
        for (const entry of found) {
          if (closed || signal?.aborted || life !== thisLife) break;
          left--;
          yield entry;
        }
        if (life !== thisLife) continue;
        after = to;
        if (after >= size && left > 0) await nextEvent(signal);
      }
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear() {
      life++;
      size = 0;
      ring = [];
      segments?.clear();
      for (const wake of followers) wake();
    },
    get size() {
      return size;
    },
    close() {
      closed = true;
      segments?.close();
      for (const wake of followers) wake();
    },
  };

  /** Resolves at the next entry, clear, close or abort. */
  function nextEvent(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        followers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      if (closed || signal?.aborted) return resolve();
      followers.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}

function fits(entry: JournalEntry, { kinds, centre, participant }: JournalFilter): boolean {
  return (
    (kinds === undefined || kinds.includes(entry.kind)) &&
    (centre === undefined || entry.centre === centre) &&
    (participant === undefined || entry.participant === participant)
  );
}
