/** A printed report: a page of 60 lines of at most 132 columns of printable ASCII, CRLF after each, form feed between pages. */
export interface TextReport {
  /** X(7). */
  readonly reportId: string;
  readonly title: string;
  readonly participant: string;
  readonly participantName: string;
  /** Market date and time of the run, `YYYY-MM-DD` and `HH:MM:SS` in Hong Kong. */
  readonly runDate: string;
  readonly runTime: string;
  /** Further header lines of every page, such as the batch reference. */
  readonly about?: readonly (readonly [label: string, value: string])[];
  /** With the blanks between them, at most 132 characters wide in total. */
  readonly columns: readonly TextColumn[];
  /** One text per column. */
  readonly rows: Iterable<readonly string[]>;
  /** Counts and totals under the last row; read after the last row. */
  readonly footer: () => readonly (readonly [label: string, value: string])[];
  /** Called for each figure that is wider than its column. */
  readonly onTooWide?: (figure: WideFigure) => void;
}

/** A figure that its column has no room for; `row` counts from 1. */
export interface WideFigure {
  readonly column: string;
  readonly width: number;
  readonly row: number;
  readonly figure: string;
}

export interface TextColumn {
  readonly heading: string;
  readonly width: number;
  /** Figures are aligned right, and one that is wider shows as `*` across the column: cut, it would be another figure. Texts are
   * aligned left and cut to the width (the data file has them whole). */
  readonly align: 'left' | 'right';
}

const COLUMNS = 132;
const LINES = 60;
const UNPRINTABLE = /[^ -~]/;
const SIMULATED = '*** SIMULATED - NOT A REPORT OF HKSCC ***';

/**
 * Prints page by page, one string per page. Characters outside printable ASCII become `?`.
 * The header follows the published printed reports (report ID, participant ID and full name, run date and time); the rest
 * is a mock convention. Throws if columns or the lines that every page repeats do not fit: a bug of the caller.
 */
export function* printReport(report: TextReport): Generator<string, void, undefined> {
  const width = report.columns.reduce((sum, column) => sum + column.width + 1, -1);
  if (width > COLUMNS) throw new Error(`${report.reportId}: the columns take ${width} of ${COLUMNS}`);
  const heading = report.columns.map((column) => cell(printable(column.heading), column) ?? wide(column)).join(' ');
  const rule = report.columns.map((column) => '-'.repeat(column.width)).join(' ');
  let pages = 0;
  const startPage = (): string[] => {
    pages += 1;
    return [
      spread(`REPORT ID: ${report.reportId}`, report.title, `PAGE: ${String(pages).padStart(6)}`),
      spread(`PARTICIPANT ID: ${report.participant}`, '', `RUN DATE: ${report.runDate}`),
      spread(`PARTICIPANT: ${report.participantName}`, '', `RUN TIME: ${report.runTime}  `),
      spread('', SIMULATED, ''),
      ...(report.about ?? []).map(([label, value]) => spread(`${label}: ${value}`, '', '')),
      '',
      heading.trimEnd(),
      rule,
    ];
  };
  let lines = startPage();
  if (lines.length >= LINES) throw new Error(`${report.reportId}: the header leaves no line for rows`);
  let row = 0;
  for (const cellTexts of report.rows) {
    if (lines.length === LINES) {
      yield page(lines, pages > 1);
      lines = startPage();
    }
    // One test for all texts of the row: they are almost always printable.
    const texts = UNPRINTABLE.test(cellTexts.join('')) ? cellTexts.map(printable) : cellTexts;
    row += 1;
    const cells = report.columns.map((column, n) => {
      const text = texts[n] ?? '';
      const fitted = cell(text, column);
      if (fitted !== null) return fitted;
      report.onTooWide?.({ column: column.heading.trim(), width: column.width, row, figure: text });
      return wide(column);
    });
    lines.push(cells.join(' ').trimEnd());
  }
  const footer = ['', ...report.footer().map(([label, value]) => spread(`${label}: ${value}`, '', ''))];
  footer.push(spread('', '*** END OF REPORT ***', ''));
  for (const line of footer) {
    if (lines.length === LINES) {
      yield page(lines, pages > 1);
      lines = startPage();
    }
    lines.push(line);
  }
  yield page(lines, pages > 1);
}

function page(lines: readonly string[], follows: boolean): string {
  return `${follows ? '\f' : ''}${lines.join('\r\n')}\r\n`;
}

/** The text as wide as its column, or null for a figure that is wider. @param text printable */
function cell(text: string, column: TextColumn): string | null {
  if (column.align === 'left') return text.slice(0, column.width).padEnd(column.width);
  return text.length > column.width ? null : text.padStart(column.width);
}

const wide = ({ width }: TextColumn) => '*'.repeat(width);

/** Left, middle and right of one line; the left is cut before it overlaps the others. */
function spread(left: string, middle: string, right: string): string {
  const start = middle === '' ? COLUMNS : Math.floor((COLUMNS - middle.length) / 2);
  const room = Math.min(start, COLUMNS - right.length) - (middle === '' && right === '' ? 0 : 1);
  const head = printable(left).slice(0, room);
  const body = middle === '' ? head : head.padEnd(start) + printable(middle);
  return (right === '' ? body : body.padEnd(COLUMNS - right.length) + printable(right)).slice(0, COLUMNS).trimEnd();
}

function printable(text: string): string {
  return text.replace(/[^ -~]/gu, '?');
}
