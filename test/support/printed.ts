/** A parsed printed report: its rows by the headings of their columns, and the text outside the columns. */
export interface Printed {
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly pages: number;
  readonly text: string;
}

/** Columns are where the rule of dashes says; rows end at the first empty line or page. */
export function readPrinted(text: string): Printed {
  const pages = text.split('\f');
  const rows = pages.flatMap((page) => {
    const lines = page.split('\r\n');
    const rule = lines.findIndex((line) => /^-[- ]*$/.test(line));
    const columns = [...(lines[rule] ?? '').matchAll(/-+/g)].map(({ index, 0: dashes }) => [
      index,
      index + dashes.length,
    ]);
    const cells = (line: string) => columns.map(([from, to]) => line.slice(from, to).trim());
    const headings = cells(lines[rule - 1] ?? '');
    const rest = lines.slice(rule + 1);
    const end = rest.indexOf('');
    return rest
      .slice(0, end)
      .map((line) => Object.fromEntries(cells(line).map((cell, n) => [headings[n] ?? '', cell])));
  });
  return { rows, pages: pages.length, text };
}
