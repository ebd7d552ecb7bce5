import {
  JOURNAL_FORMAT,
  type JournalDetails,
  type JournalEntry,
  type JournalFilter,
  type JournalKind,
  type JournalWho,
  WHO_MEMBERS,
} from '../../domain/journal/journal.ts';
import type { Clock } from '../clock/clock.ts';
import { createEntryText, parseEntry } from './entry-text.ts';
import { readHiddenMark, writeHiddenMark } from './hidden-mark.ts';
import { Pages } from './pages.ts';

export interface JournalOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Version of the harness, for the first line of each file. */
  readonly version: string;
  /** Folder that keeps every entry over a restart. Without it older entries go to a temporary one, made on first need. */
  readonly dir?: string;
  /** Unix milliseconds that never fall. Default: the wall clock at the process's start and a monotonic count. */
  readonly wallMs?: () => number;
  /** How large a page is, and how many stay in memory: see pages.ts. */
  readonly pageBytes?: number;
  readonly pagesInMemory?: number;
}

const DEFAULT_LIMIT = 1_000;

/** What the harness saw, in order. Nothing is ever taken away: clearing hides. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #pages: Pages;
  readonly #entryText = createEntryText();
  /** Unix milliseconds that never fall, as entries bear them. */
  readonly wallMs: () => number;
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  readonly #undelivered: JournalEntry[] = [];
  #delivering = false;
  readonly #followers = new Set<() => void>();
  #hiddenUpTo: number;
  #closed = false;

  constructor(options: JournalOptions) {
    const { dir, version, pageBytes, pagesInMemory, wallMs = processWallMs } = options;
    this.#options = options;
    this.wallMs = wallMs;
    this.#pages = new Pages({
      dir,
      header: JSON.stringify({ journal: JOURNAL_FORMAT, harness: version }),
      pageBytes,
      pagesInMemory,
      onLost: (from, to, error) => this.note('gap', {}, { from, to, says: String(error) }),
    });
    // After a crash the newest entries may be missing: what comes now is not hidden.
    this.#hiddenUpTo = Math.min(dir === undefined ? 0 : readHiddenMark(dir), this.last);
  }

  /** Number of the newest entry, or 0. */
  get last(): number {
    return this.#pages.last;
  }

  /** Entries up to this number are hidden; 0 = none. */
  get hiddenUpTo(): number {
    return this.#hiddenUpTo;
  }

  /** Files of another format that were found in the folder and renamed: they are not read. */
  get setAside(): readonly string[] {
    return this.#pages.setAside;
  }

  /** Numbers, stamps and keeps an entry. */
  note<K extends JournalKind>(kind: K, who: JournalWho, detail: JournalDetails[K]): void {
    const line = this.#entryText(this.last + 1, this.#options.clock.now(), this.wallMs(), kind, who, detail);
    this.#pages.append(line);
    if (this.#listeners.size > 0) {
      const entry = parseEntry(line);
      if (entry) this.#undelivered.push(entry);
      this.#deliverAll();
    }
    for (const wake of this.#followers) wake();
  }

  /** The entries that match, the oldest first; from disk where they are no longer in memory. */
  async query(filter: JournalFilter = {}): Promise<JournalEntry[]> {
    const { found } = await this.#scan(filter, filter.after ?? 0, filter.limit ?? DEFAULT_LIMIT);
    return filter.hidden ? found : found.filter(({ seq }) => seq > this.#hiddenUpTo);
  }

  /** As query, then each entry as it comes, until the signal aborts or the journal closes. Without `limit` it has no end. */
  async *follow(filter: JournalFilter = {}, signal?: AbortSignal): AsyncIterable<JournalEntry> {
    let after = filter.after ?? 0;
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    const isOver = () => this.#closed || signal?.aborted;
    while (left > 0 && !isOver()) {
      const { found, to } = await this.#scan(filter, after, Math.min(left, DEFAULT_LIMIT));
      for (const entry of found) {
        if (isOver()) return;
        if (!filter.hidden && entry.seq <= this.#hiddenUpTo) continue;
        left--;
        yield entry;
      }
      after = to;
      if (after >= this.last && left > 0) await this.#nextEvent(signal);
    }
  }

  /**
   * Calls at once with every entry from now on; returns how to end that. A listener that throws is removed, and an `error`
   * entry says so.
   */
  on(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hides every entry so far from queries and followers that do not ask for hidden ones. Numbers go on. */
  clear(): void {
    this.#hiddenUpTo = this.last;
    if (this.#options.dir !== undefined) writeHiddenMark(this.#options.dir, this.#hiddenUpTo);
  }

  close(): void {
    this.#closed = true;
    this.#pages.close();
    for (const wake of this.#followers) wake();
  }

  /** Matching entries above `after`, and up to which number it looked. */
  async #scan(filter: JournalFilter, after: number, limit: number) {
    const found: JournalEntry[] = [];
    const needles = needlesOf(filter);
    let to = filter.hidden ? after : Math.max(after, this.#hiddenUpTo);
    while (found.length < limit) {
      const page = await this.#pages.read(to, needles);
      if (!page) break;
      for (const line of page.lines) {
        const entry = parseEntry(line);
        if (!entry || !matches(entry, filter)) continue;
        found.push(entry);
        if (found.length === limit) return { found, to: entry.seq };
      }
      to = page.to;
    }
    return { found, to };
  }

  /** One entry after the other to all, also when a listener notes something itself. */
  #deliverAll(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let entry = this.#undelivered.shift(); entry; entry = this.#undelivered.shift()) {
      for (const listener of this.#listeners) this.#deliver(listener, entry);
    }
    this.#delivering = false;
  }

  #deliver(listener: (entry: JournalEntry) => void, entry: JournalEntry): void {
    try {
      listener(entry);
    } catch (error) {
      this.#listeners.delete(listener);
      this.note('error', {}, { what: 'journal listener', says: String(error), entry: entry.seq });
    }
  }

  /** Resolves at the next entry, close or abort. */
  #nextEvent(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#followers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      if (this.#closed || signal?.aborted) return resolve();
      this.#followers.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}

/** One decimal; never falls while the process lives, whatever is done to the machine's clock. */
function processWallMs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 10) / 10;
}

type Needle = readonly string[];

/** Texts that a matching line holds: one of each list. */
function needlesOf(filter: JournalFilter): Needle[] {
  const texts = (name: string, values: readonly string[]) =>
    values.map((value) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const needles: Needle[] = [];
  if (filter.kinds !== undefined) needles.push(texts('kind', filter.kinds));
  if (filter.code !== undefined) needles.push(texts('code', [filter.code]));
  for (const name of FILTERED) {
    const value = filter[name];
    if (value !== undefined) needles.push(texts(name, [value]));
  }
  return needles;
}

const FILTERED = WHO_MEMBERS.filter((name) => name !== 'fault');

function matches(entry: JournalEntry, filter: JournalFilter): boolean {
  const { kinds, code } = filter;
  return (
    (kinds === undefined || kinds.includes(entry.kind)) &&
    (code === undefined || ('code' in entry.detail && entry.detail.code === code)) &&
    FILTERED.every((name) => filter[name] === undefined || filter[name] === entry[name])
  );
}
