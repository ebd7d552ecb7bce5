import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printReport, type TextReport, type WideFigure } from '../../src/wire/text-report.ts';

function report(rows: number, changes: Partial<TextReport> = {}): TextReport {
  return {
    reportId: 'ZSICR01',
    title: 'SI BATCH INPUT CONTROL REPORT',
    participant: 'B09901',
    participantName: 'Harness Securities Limited',
    runDate: '2021-07-24',
    runTime: '16:45:00',
    about: [['BATCH', 'U00000000001']],
    columns: [
      { heading: 'LINE', width: 7, align: 'right' },
      { heading: 'REFERENCE', width: 16, align: 'left' },
    ],
    rows: Array.from({ length: rows }, (_, n) => [String(n + 2), `REF-${n}`]),
    footer: () => [['ACCEPTED', String(rows)]],
    ...changes,
  };
}
const print = (...args: Parameters<typeof report>) => [...printReport(report(...args))];

describe('printReport', () => {
  it('prints a page', () => {
    const [page, ...more] = print(1);
    expect(more).toEqual([]);
    const lines = page?.split('\r\n') ?? [];
    expect(lines[0]).toMatch(/^REPORT ID: ZSICR01 +SI BATCH INPUT CONTROL REPORT +PAGE: {6}1$/);
    expect(lines[0]).toHaveLength(132);
    expect(lines[1]).toMatch(/^PARTICIPANT ID: B09901 +RUN DATE: 2021-07-24$/);
    expect(lines[2]).toMatch(/^PARTICIPANT: Harness Securities Limited +RUN TIME: 16:45:00$/);
    expect(lines[3]?.trim()).toContain('SIMULATED');
    expect(lines.slice(4)).toEqual([
      'BATCH: U00000000001',
      '',
      '   LINE REFERENCE',
      '------- ----------------',
      '      2 REF-0',
      '',
      'ACCEPTED: 1',
      expect.stringContaining('*** END OF REPORT ***'),
      '',
    ]);
  });

  it.each([0, 48, 49, 52, 53, 200])('has pages of at most 60 lines of 132 columns of ASCII: %i rows', (rows) => {
    const pages = print(rows);
    const all = pages.join('');
    expect(all.split('\f')).toHaveLength(pages.length);
    expect(all.match(/\n/g)?.length).toBe(all.match(/\r\n/g)?.length);
    expect(all.match(/REF-\d/g)?.length ?? 0).toBe(rows);
    for (const [n, page] of pages.entries()) {
      const lines = page.replace('\f', '').split('\r\n').slice(0, -1);
      expect(lines.length).toBeLessThanOrEqual(60);
      expect(lines[0]).toMatch(new RegExp(`PAGE: +${n + 1}$`));
      expect(page).toContain('SIMULATED');
      for (const line of lines) expect(line).toMatch(/^[ -~]{0,132}$/);
    }
  });

  it('keeps to its columns whatever the names', () => {
    const [page] = print(0, {
      participantName: `匯豐${'LONG '.repeat(50)}`,
      about: [['NOTE', 'Z'.repeat(200)]],
      rows: [['1', 'A REFERENCE THAT IS TOO LONG']],
    });
    expect(page).toContain('      1 A REFERENCE THAT\r\n');
    expect(page).toContain('PARTICIPANT: ??LONG');
    expect(page).toContain('RUN TIME: 16:45:00');
    for (const line of page?.split('\r\n') ?? []) expect(line.length).toBeLessThanOrEqual(132);
    expect(() => print(0, { columns: [{ heading: 'WIDE', width: 133, align: 'left' }] })).toThrow('133 of 132');
  });

  it('shows a figure in full or as asterisks across its column, never cut, and reports each that is too wide', () => {
    const figures = fc.array(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }).map(String), { maxLength: 80 });
    fc.assert(
      fc.property(figures, (all) => {
        const seen: WideFigure[] = [];
        const rows = all.map((figure, n) => [figure, `REF-${n}`]);
        const pages = print(0, { rows, onTooWide: (figure) => seen.push(figure) }).join('');
        const shown = [...pages.matchAll(/^( *[-0-9*]+) REF-\d+\r$/gm)].map(([, column]) => column);
        expect(shown).toEqual(all.map((figure) => (figure.length > 7 ? '*******' : figure.padStart(7))));
        expect(seen).toEqual(
          all.flatMap((figure, n) => (figure.length > 7 ? [{ column: 'LINE', width: 7, row: n + 1, figure }] : [])),
        );
      }),
    );
  });
});
