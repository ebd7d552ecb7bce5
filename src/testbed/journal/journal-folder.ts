import { closeSync, openSync, readdirSync, readFileSync, readSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { numberIn, parseEntry } from './entry-text.ts';

/** A file of the journal is named after the number of its first entry; one that was set aside has its format behind. */
const NAME = /^journal-(\d{12})\.jsonl(\.format-.*)?$/;
/** A first line is shorter than this. */
const HEADER_BYTES = 200;

export const pageName = (first: number): string => `journal-${String(first).padStart(12, '0')}.jsonl`;

interface KeptPage {
  readonly first: number;
  readonly path: string;
}

/**
 * The pages that an earlier process left in a folder. A file whose first line does not name our format, such as one of a
 * version that wrote no such line (format 1), is renamed and not read: its entries have other shapes, and nobody must take
 * them for ours. Its numbers are not given again.
 */
export function openFolder(dir: string, header: string) {
  const ours = formatIn(header);
  const pages: KeptPage[] = [];
  const setAside: string[] = [];
  const others: KeptPage[] = [];
  const files = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const name of files.map((entry) => entry.name).sort()) {
    const [, digits, aside] = NAME.exec(name) ?? [];
    if (digits === undefined) continue;
    const first = Number(digits);
    const path = join(dir, name);
    const format = aside === undefined ? (formatOf(path) ?? ours) : null;
    if (format === ours) pages.push({ first, path });
    else if (format === null) others.push({ first, path });
    else {
      setAside.push(name);
      others.push({ first, path: `${path}.format-${format}` });
      renameSync(path, `${path}.format-${format}`);
    }
  }
  const newest = pages.at(-1);
  if (newest) dropHalfLine(newest.path);
  const last = Math.max(lastNumber(newest), lastNumber(others.at(-1)));
  // A crash came before its first entry was whole: the next page gets its name.
  if (newest && last < newest.first) pages.pop();
  return { pages, last, setAside };
}

/** The format that a file's first line names; 1 = it names none; null = a crash came before the line was whole. */
function formatOf(path: string): number | null {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEADER_BYTES);
    const length = readSync(file, bytes);
    const text = bytes.toString('utf8', 0, length);
    return length < HEADER_BYTES && !text.includes('\n') ? null : formatIn(text);
  } finally {
    closeSync(file);
  }
}

function formatIn(text: string): number {
  return Number(/^\{"journal":(\d+)[,}]/.exec(text)?.[1] ?? 1);
}

/** A crash may leave half a line at the end. */
function dropHalfLine(path: string): void {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
}

function lastNumber(page: KeptPage | undefined): number {
  if (!page) return 0;
  const whole = readFileSync(page.path, 'utf8')
    .split('\n')
    .findLast((line) => !Number.isNaN(numberIn(line)) && parseEntry(line) !== null);
  return whole === undefined ? page.first - 1 : numberIn(whole);
}
