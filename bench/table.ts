import type { Spread, Verdict } from './verdict.ts';

/** The table that `npm run bench` prints. */
export function table(rows: readonly (Verdict & { readonly benchmark: string })[]): string {
  const heading = ['benchmark', 'figure', 'unit', 'us', 'against', 'theirs', 'ratio', 'wanted', ''];
  const cells = rows.map((row) => [
    row.benchmark,
    row.figure,
    row.unit,
    shown(row.us),
    row.against ?? '-',
    row.skipped !== null ? `skipped: ${row.skipped}` : shown(row.theirs),
    shown(row.ratio),
    wanted(row),
    row.met === null ? '' : row.met ? 'met' : 'MISSED',
  ]);
  const all = [heading, ...cells];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

/** `median (least - most)`. */
function shown(values: Spread | null): string {
  if (values === null) return '-';
  const { median, least, most } = values;
  return `${figure(median)} (${figure(least)} - ${figure(most)})`;
}

function wanted({ target }: Verdict): string {
  if (target === null) return '-';
  return 'atLeast' in target ? `>= ${figure(target.atLeast)}` : `<= ${figure(target.atMost)}`;
}

/** Three digits that count. */
function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
