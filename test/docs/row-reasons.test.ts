import { describe, expect, test } from 'vitest';
import { ROW_REASON_LIST } from '../../src/domain/settlement/row-refusals.ts';
import { documentText, rowsOf } from '../support/doc-tables.ts';
import { shipped } from '../support/shipped-layouts.ts';

const page = documentText('docs/row-reasons.md');

describe('docs/row-reasons.md', () => {
  test('has every code for which a row is refused, with its meaning and remedy in both languages, and no other', () => {
    const told = rowsOf(page).filter(([code = '']) => code.startsWith('`'));
    const known = ROW_REASON_LIST.map(({ reason, of, says }) => [
      `\`${reason}\``,
      of.map((what) => (what === 'SI Maintenance' ? what : `\`${what}\``)).join(', '),
      says.en,
      says.zh,
    ]);
    expect(told).toEqual(known);
  });

  test.each(['ZSICR01', 'ZATCR01'])('says where %s has what came and what was expected', (id) => {
    const fields = new Map(shipped(id).details[0]?.fields.map((field) => [field.name, field]));
    const columns = ['fromColumn', 'toColumn', 'came', 'expected'].map((name) => {
      const field = fields.get(name);
      return `${(field?.start ?? 0) + 1}-${field?.end}`;
    });
    expect(page.replaceAll('\n', ' ').replaceAll(/ +/g, ' ')).toContain(
      `the columns (${columns[0]} and ${columns[1]}), what came (${columns[2]}) and what was expected (${columns[3]})`,
    );
  });

  test('is linked from README, in both languages', () => {
    for (const name of ['README.md', 'README.zh-Hant.md']) {
      expect(documentText(name)).toContain('(docs/row-reasons.md)');
    }
  });
});
