/** The rule under the column headings of a printed report: a run of hyphens for each column. */
const RULE = /^-+( -+)*$/;

/**
 * The rows of a printed report: what stands below the rule of each page, up to the blank line above its counts and totals.
 * Null if the text is not such a report.
 */
export function printedRows(report: string): number | null {
  let rows: number | null = null;
  for (const page of report.split('\f')) {
    const lines = page.replace(/\r?\n$/, '').split(/\r?\n/);
    const rule = lines.findIndex((line) => RULE.test(line));
    if (rule < 0) continue;
    const below = lines.slice(rule + 1);
    const end = below.indexOf('');
    rows = (rows ?? 0) + (end < 0 ? below.length : end);
    // Counts and totals may go on on the next page.
    if (end >= 0) break;
  }
  return rows;
}
