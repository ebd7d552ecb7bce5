import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberIn } from './entry-text.ts';
import { openFolder, pageName } from './journal-folder.ts';

export interface PagesOptions {
  /** Folder that keeps every entry over a restart. Without it, pages that leave memory go to a temporary one. */
  readonly dir: string | undefined;
  /** First line of each file. */
  readonly header: string;
  /** Default 1 MiB. */
  readonly pageBytes?: number | undefined;
  /** How many of the newest pages stay in memory. Default 3: some 8,000 entries. */
  readonly pagesInMemory?: number | undefined;
  /** Called in a turn of its own when entries turn out to be lost: the disk was full, or a file is gone. */
  readonly onLost: (from: number, to: number, error: unknown) => void;
}

interface Page {
  readonly first: number;
  /** Null once it is only on disk. */
  bytes: Buffer | null;
  used: number;
  /** Where each entry begins in `bytes`. */
  starts: number[];
  path: string | null;
  file: number | null;
  /** Bytes of it that are on disk. */
  saved: number;
}

export interface PageLines {
  readonly lines: readonly string[];
  /** Number of the last entry that the page holds. */
  readonly to: number;
}

const PAGE_BYTES = 1024 * 1024;
const PAGES_IN_MEMORY = 3;
/** UTF-8 needs at most three bytes for a UTF-16 code unit. */
const MOST_BYTES_A_CHAR = 3;

/**
 * The text of the journal: JSON lines in pages. The newest pages stay in memory as bytes outside V8's heap, where they cost the
 * garbage collector nothing; a page is the same bytes in memory and on disk.
 */
export class Pages {
  readonly #options: PagesOptions;
  /** All pages in order; the newest of them are in memory. */
  #pages: Page[];
  #inMemory: Page[] = [];
  #last: number;
  #folder: string | undefined;
  #flushing: NodeJS.Immediate | undefined;
  /** The error of the newest write, if it failed. */
  #failing: { readonly error: unknown } | null = null;
  /** Lost since the disk could last be written. */
  #lost: { readonly from: number; readonly to: number; readonly error: unknown } | null = null;
  #unreadable = new Set<Page>();
  #closed = false;
  /** Files of another format, which were renamed and are not read. */
  readonly setAside: readonly string[];

  constructor(options: PagesOptions) {
    const { dir } = options;
    this.#options = options;
    this.#folder = dir;
    if (dir !== undefined) mkdirSync(dir, { recursive: true });
    const kept = dir === undefined ? { pages: [], last: 0, setAside: [] } : openFolder(dir, options.header);
    this.#pages = kept.pages.map(({ first, path }) => ({ ...emptyPage(first, null), path }));
    this.#last = kept.last;
    this.setAside = kept.setAside;
  }

  /** Number of the newest entry, or 0. */
  get last(): number {
    return this.#last;
  }

  /** Takes the line of entry `last + 1`. In a folder that is kept it is written at the end of the turn, without fsync. */
  append(line: string): void {
    const most = line.length * MOST_BYTES_A_CHAR + 1;
    let page = this.#inMemory.at(-1);
    if (!page?.bytes || page.used + most > page.bytes.length) page = this.#begin(most);
    if (!page.bytes) return;
    page.starts.push(page.used);
    page.used += page.bytes.write(line, page.used);
    page.bytes[page.used++] = 0x0a;
    this.#last++;
    if (this.#options.dir !== undefined) this.#flushSoon();
  }

  /**
   * The entries above `after` that the next page holds; null = there are no more. A page without any of the texts of one of the
   * lists gives no lines, since looking for a text is far cheaper than parsing.
   */
  async read(after: number, needles: readonly (readonly string[])[]): Promise<PageLines | null> {
    if (after >= this.#last) return null;
    const page =
      this.#pages[
        Math.max(
          0,
          this.#pages.findLastIndex(({ first }) => first <= after + 1),
        )
      ];
    if (!page) return { lines: [], to: this.#last };
    const to = (this.#pages[this.#pages.indexOf(page) + 1]?.first ?? this.#last + 1) - 1;
    if (page.bytes) {
      const from = page.starts[Math.max(0, after + 1 - page.first)] ?? page.used;
      return { lines: linesIn(page.bytes.subarray(from, page.used), needles), to };
    }
    const bytes = await this.#readFile(page, to);
    return { lines: linesIn(bytes, needles).filter((line) => numberIn(line) > after), to };
  }

  close(): void {
    if (this.#closed) return;
    clearImmediate(this.#flushing);
    if (this.#options.dir !== undefined) for (const page of this.#inMemory) this.#save(page);
    this.#closed = true;
    for (const page of this.#inMemory) endFile(page);
    if (this.#options.dir === undefined && this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #begin(leastBytes: number): Page {
    const { header, pageBytes = PAGE_BYTES, pagesInMemory = PAGES_IN_MEMORY } = this.#options;
    if (this.#options.dir !== undefined) for (const page of this.#inMemory) this.#save(page);
    for (const page of this.#inMemory) endFile(page);
    const freed = this.#inMemory.length < pagesInMemory ? null : this.#leaveMemory();
    const size = Math.max(pageBytes, leastBytes + header.length * MOST_BYTES_A_CHAR + 1);
    const bytes = freed?.length === size ? freed : Buffer.allocUnsafeSlow(size);
    const page = emptyPage(this.#last + 1, bytes);
    page.used = bytes.write(`${header}\n`);
    this.#pages.push(page);
    this.#inMemory.push(page);
    return page;
  }

  /** The oldest page goes to disk, or is lost where that fails. Returns its memory. */
  #leaveMemory(): Buffer | null {
    const page = this.#inMemory.shift();
    if (!page) return null;
    this.#save(page);
    if (page.saved < page.used) {
      const to = page.first + page.starts.length - 1;
      this.#lost = { from: this.#lost?.from ?? page.first, to, error: this.#failing?.error };
      this.#pages = this.#pages.filter((one) => one !== page);
    } else if (this.#lost) this.#flushSoon();
    endFile(page);
    const { bytes } = page;
    page.bytes = null;
    page.starts = [];
    return bytes;
  }

  /** The journal must not stop the market: what cannot be written is tried again for as long as it is in memory. */
  #save(page: Page): void {
    if (this.#closed || !page.bytes || page.saved === page.used) return;
    try {
      this.#folder ??= mkdtempSync(join(tmpdir(), 'ccass-harness-journal-'));
      page.path ??= join(this.#folder, pageName(page.first));
      page.file ??= openSync(page.path, page.saved === 0 ? 'w' : 'r+');
      while (page.saved < page.used) {
        page.saved += writeSync(page.file, page.bytes, page.saved, page.used - page.saved, page.saved);
      }
      this.#failing = null;
    } catch (error) {
      if (!this.#failing) process.emitWarning(`the journal could not be written to ${this.#folder}: ${error}`);
      this.#failing = { error };
      endFile(page);
    }
  }

  #flushSoon(): void {
    if (!this.#closed) this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = undefined;
    if (this.#options.dir !== undefined) for (const page of this.#inMemory) this.#save(page);
    const lost = this.#lost;
    if (this.#failing || !lost) return;
    this.#lost = null;
    this.#options.onLost(lost.from, lost.to, lost.error);
  }

  async #readFile(page: Page, to: number): Promise<Buffer> {
    try {
      return await readFile(page.path ?? '');
    } catch (error) {
      if (!this.#closed && !this.#unreadable.has(page)) this.#options.onLost(page.first, to, error);
      this.#unreadable.add(page);
      return Buffer.alloc(0);
    }
  }
}

function emptyPage(first: number, bytes: Buffer | null): Page {
  return { first, bytes, used: 0, starts: [], path: null, file: null, saved: 0 };
}

function endFile(page: Page): void {
  if (page.file !== null) closeSync(page.file);
  page.file = null;
}

function linesIn(bytes: Buffer, needles: readonly (readonly string[])[]): string[] {
  const mayFit = (holder: { includes(text: string): boolean }) =>
    needles.every((texts) => texts.some((text) => holder.includes(text)));
  if (!mayFit(bytes)) return [];
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && mayFit(line));
}
