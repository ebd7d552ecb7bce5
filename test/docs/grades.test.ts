import { describe, expect, it } from 'vitest';
import { documentText, namesIn, rowsOf, tablesOf } from '../support/doc-tables.ts';

const GRADED = ['docs/fidelity.md', 'docs/si-life.md', 'docs/rap.md', 'docs/orp-reports.md'];
const GRADES = ['documented', 'observed', 'assumed'];

const fidelity = documentText('docs/fidelity.md');
const [, ...sourceRows] = tablesOf(fidelity)[0] ?? [];
const sources = new Map(sourceRows.map(([short = '', whose = '']) => [short, whose]));
/** Longest first: "TUG screens" is a source, and so is "TUG". */
const shortNames = [...sources.keys()].toSorted((a, b) => b.length - a.length);

interface GradedRow {
  readonly where: string;
  readonly grades: readonly string[];
  /** Null in a table without this column. */
  readonly source: string | null;
  readonly remark: string | null;
}

function gradedRows(name: string): GradedRow[] {
  return tablesOf(documentText(name)).flatMap(([heading = [], ...rows]) => {
    const graded = heading.flatMap((title, column) => (title.startsWith('grade') ? [column] : []));
    if (graded.length === 0) return [];
    const cell = (row: readonly string[], title: string) => {
      const column = heading.indexOf(title);
      return column === -1 ? null : (row[column] ?? '');
    };
    return rows.map((row) => ({
      where: `${name}: ${row.slice(0, graded[0]).join(' | ')}`,
      grades: graded.map((column) => row[column] ?? ''),
      source: cell(row, 'source'),
      remark: cell(row, 'remark'),
    }));
  });
}

/** Whose documents a source cell names, such as `HKEX` for "SI Maintenance; OP 6.2". */
function authorsOf(source: string): (string | undefined)[] {
  return source.split('; ').map((part) => {
    const short = shortNames.find((name) => part === name || part.startsWith(`${name} `));
    return short && sources.get(short);
  });
}

const gradeOf = (name: string, ...cells: string[]) => {
  const found = tablesOf(documentText(name)).flatMap(([heading = [], ...rows]) =>
    rows
      .filter((row) => cells.every((cell) => row.some((one) => one === cell || namesIn(one).includes(cell))))
      .map((row) => row[heading.indexOf('grade')]),
  );
  expect(found.length, `${name} has no row of ${cells.join(', ')}`).toBeGreaterThan(0);
  return [...new Set(found)];
};

describe.each(GRADED)('%s', (name) => {
  const rows = gradedRows(name);

  it('has one of three grades in each graded cell', () => {
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.filter(({ grades }) => !grades.every((grade) => GRADES.includes(grade)))).toEqual([]);
  });

  it('names a document of HKEX for what is documented, of a third party for what is observed, none for the rest', () => {
    const wrong = rows.filter(({ grades: [grade = ''], source }) => {
      if (source === null) return false;
      if (grade === 'assumed') return source !== '-';
      const authors = authorsOf(source);
      return authors.includes(undefined) || !authors.includes(grade === 'documented' ? 'HKEX' : 'third party');
    });
    expect(wrong).toEqual([]);
  });

  it('keeps grades out of the remarks and the text', () => {
    expect(rows.filter(({ remark }) => /\b(documented|assumed)\b/.test(remark ?? ''))).toEqual([]);
    const [, ...sections] = documentText(name).split(/^## /m);
    const text = sections.join('## ').replaceAll(/^\|.*$/gm, '');
    expect(text).not.toMatch(/\(?\b(documented|observed)\b(?! rows)/);
  });
});

it('docs/fidelity.md names each source once, and each is used', () => {
  expect(sources.size).toBe(sourceRows.length);
  const used = GRADED.flatMap(gradedRows).flatMap(({ source, remark }) => [source ?? '', remark ?? '']);
  expect(shortNames.filter((short) => !used.some((text) => text.includes(short)))).toEqual([]);
});

describe('a claim that is not HKEX’s is graded assumed:', () => {
  it.each([
    ['docs/fidelity.md', 'activation'],
    ['docs/fidelity.md', '2021-07-24', 'switches'],
    ['docs/fidelity.md', '2021-07-31', 'switches'],
    ['docs/fidelity.md', '2021-07-24', 'registration'],
    ['docs/fidelity.md', '2021-07-31', 'registration'],
    ['docs/fidelity.md', 'NOT_REGISTERED'],
    ['docs/fidelity.md', 'OVER_LIMIT'],
    ['docs/fidelity.md', 'SI number D and 8 digits'],
    ['docs/fidelity.md', 'ccass', 'upload', '08:00-15:45'],
    ['docs/fidelity.md', 'ccass', 'upload', '17:00-19:00'],
    ['docs/fidelity.md', 'RECORD_CHECKSUM'],
    ['docs/fidelity.md', 'HASH_TOTAL'],
    ['docs/fidelity.md', 'GET /orp/v1/profile'],
    ['docs/fidelity.md', 'POST /ccass/v1/settlement-instructions/hold'],
    ['docs/si-life.md', 'NOT_A_CHECKER'],
    ['docs/si-life.md', 'OWN_INPUT'],
    ['docs/si-life.md', 'OVER_LIMIT'],
    ['docs/si-life.md', 'input for authorisation'],
    ['docs/si-life.md', 'pending', 'input or changed, and waiting for a second user'],
    ['docs/si-life.md', 'settle', 'shares-on-hold'],
    ['docs/rap.md', 'log-on by public key, and its renewal'],
  ])('%s, %s %s %s', (name, ...cells) => {
    expect(gradeOf(name, ...cells)).toEqual(['assumed']);
  });

  it('what is published beside it keeps its grade', () => {
    expect(gradeOf('docs/fidelity.md', 'ccass', 'input', '08:00-15:45')).toEqual(['documented']);
    expect(gradeOf('docs/fidelity.md', '2021-07-24', 'session-1')).toEqual(['documented']);
    expect(gradeOf('docs/si-life.md', 'settle', 'settlement', 'matched')).toEqual(['documented']);
    expect(gradeOf('docs/fidelity.md', 'final-run')).toEqual(['documented']);
    expect(rowsOf(fidelity, 'Rehearsals').some((row) => row.includes('observed'))).toBe(false);
  });
});
