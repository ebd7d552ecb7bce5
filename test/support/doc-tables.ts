import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '..', '..');
export const documentText = (name: string) => readFileSync(join(REPOSITORY, name), 'utf8');

/** The rows of the tables under a heading (all of the document without one): cells without the blanks around them. */
export function rowsOf(markdown: string, heading?: string): string[][] {
  const parts = markdown.split(/^## /m);
  const part = heading === undefined ? markdown : parts.find((one) => one.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`there is no heading "${heading}"`);
  return tablesOf(part).flat();
}

/** Each table: its heading, then its rows; cells without the blanks around them. */
export function tablesOf(markdown: string): string[][][] {
  const tables = markdown.match(/^\|.*(?:\n\|.*)*/gm) ?? [];
  return tables.map((table) =>
    table
      .split('\n')
      .filter((row) => !/^[|\s-]+$/.test(row))
      .map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
  );
}

/** The words in backticks of a cell, or of a whole document. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}
