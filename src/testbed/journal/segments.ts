import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../../domain/journal/journal-entry.ts';

/** Journal entries on disk: JSON lines, in files that each begin with a known number. */
export interface Segments {
  /** Number of the last entry, or 0. */
  last(): number;
  /** The last `count` entries, in order. */
  newest(count: number): JournalEntry[];
  /**
   * Entries go in order of number. In a folder that is to be kept they reach the file with the next turn of the loop,
   * without fsync; in a temporary one, which dies with the process, once there is a good deal of them.
   */
  add(entry: JournalEntry): void;
  /** Entries above `after`, in order, from one file; none = there are no more. */
  read(after: number): Promise<JournalEntry[]>;
  clear(): void;
  close(): void;
}

const ENTRIES_A_SEGMENT = 5_000;
/** A burst within one turn is written when it is this long, so that it does not pile up. */
const BUFFER_CHARS = 256 * 1024;
const NAME = /^journal-(\d{12})\.jsonl$/;

interface Segment {
  readonly first: number;
  readonly path: string;
}

/** Opens the segments in `dir`; without it, in a temporary folder that is removed at close. */
export function openSegments(dir?: string): Segments {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'ccass-harness-journal-'));
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  let segments: Segment[] = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => ({ first: Number(NAME.exec(name)?.[1]), path: join(folder, name) }));
  dropHalfLine(segments.at(-1));
  let file: number | undefined;
  let inSegment = 0;
  let buffer = '';
  let flushing: NodeJS.Immediate | undefined;
  let closed = false;
  let last = lastNumber(segments);

  function flush() {
    clearImmediate(flushing);
    flushing = undefined;
    if (buffer === '' || file === undefined) return;
    const bytes = Buffer.from(buffer);
    buffer = '';
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
    } catch (error) {
      unwritten(error);
    }
  }

  /**
   * The journal must not stop the market. What could not be written is missing from older pages; the next entry begins
   * a file of its own, so that a half line stays where it is.
   */
  function unwritten(error: unknown) {
    process.emitWarning(`the journal could not be written to ${folder}: ${error}`);
    endSegment();
  }

  function endSegment() {
    if (file !== undefined) closeSync(file);
    file = undefined;
    inSegment = 0;
  }

  function beginSegment(first: number) {
    const path = join(folder, `journal-${String(first).padStart(12, '0')}.jsonl`);
    try {
      file = openSync(path, 'a');
      // A crash may have left an empty one of that name.
      if (segments.at(-1)?.path !== path) segments.push({ first, path });
    } catch (error) {
      unwritten(error);
    }
  }

  return {
    last: () => last,
    newest(count) {
      let entries: JournalEntry[] = [];
      for (const { path } of segments.toReversed()) {
        if (entries.length >= count) break;
        entries = parse(readFileSync(path, 'utf8')).concat(entries);
      }
      return entries.slice(-count);
    },
    add(entry) {
      if (closed) return;
      if (inSegment === ENTRIES_A_SEGMENT) {
        flush();
        endSegment();
      }
      if (file === undefined) beginSegment(entry.seq);
      last = entry.seq;
      if (file === undefined) return;
      inSegment++;
      buffer += `${JSON.stringify(entry)}\n`;
      if (buffer.length > BUFFER_CHARS) flush();
      else if (dir !== undefined) flushing ??= setImmediate(flush);
    },
    async read(after) {
      if (!closed) flush();
      const place = segments.findLastIndex(({ first }) => first <= after + 1);
      for (const { path } of segments.slice(Math.max(place, 0))) {
        const entries = parse(await readFile(path, 'utf8').catch(() => '')).filter(({ seq }) => seq > after);
        if (entries.length > 0) return entries;
      }
      return [];
    },
    clear() {
      clearImmediate(flushing);
      flushing = undefined;
      buffer = '';
      endSegment();
      for (const { path } of segments) rmSync(path, { force: true });
      segments = [];
      last = 0;
    },
    close() {
      if (closed) return;
      flush();
      closed = true;
      endSegment();
      if (dir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A crash may leave half a line at the end, which would spoil the next one. */
function dropHalfLine(segment: Segment | undefined): void {
  if (!segment) return;
  const bytes = readFileSync(segment.path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(segment.path, end);
}

function lastNumber(segments: readonly Segment[]): number {
  for (const { first, path } of segments.toReversed()) {
    const entry = parse(readFileSync(path, 'utf8')).at(-1);
    if (entry) return entry.seq;
    if (first > 1) return first - 1;
  }
  return 0;
}

/** A line that is no JSON, such as half a line that a full disk left, is passed over. */
function parse(text: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {}
  }
  return entries;
}
