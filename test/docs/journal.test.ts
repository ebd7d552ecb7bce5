import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { journalEntry } from '../../src/api/journal.ts';
import {
  JOURNAL_CODES,
  JOURNAL_DETAILS,
  JOURNAL_FORMAT,
  JOURNAL_HEAD,
  JOURNAL_KINDS,
} from '../../src/domain/journal/journal.ts';
import { memberRows } from '../support/journal-docs.ts';

const TEXT = readFileSync('docs/journal.md', 'utf8');
const sections = new Map(
  TEXT.split(/^##+ /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).replaceAll('`', ''), section]),
);
const rows = (section: string) => section.split('\n').filter((line) => line.startsWith('| `'));
const fits = new Ajv({ strict: true, discriminator: true }).compile(journalEntry);

describe('docs/journal.md', () => {
  test('has each member of the head', () => {
    expect(rows(sections.get('Every entry') ?? '')).toEqual(memberRows(JOURNAL_HEAD));
  });

  test.each(JOURNAL_KINDS)('has %s with each member, and an example that is an entry', (kind) => {
    const section = sections.get(kind) ?? '';
    expect(rows(section)).toEqual(memberRows(JOURNAL_DETAILS[kind]));
    const example: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? 'null');
    expect(example).toMatchObject({ kind });
    expect([fits(example), fits.errors]).toEqual([true, null]);
  });

  test('has no kind that is not there', () => {
    const known: readonly string[] = JOURNAL_KINDS;
    const told = [...TEXT.matchAll(/^### `(.*)`$/gm)].map(([, kind]) => kind);
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  test('names every code, and the format', () => {
    const listed = [...(sections.get('Codes') ?? '').matchAll(/`([A-Z_0-9]+)`/g)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual(JOURNAL_CODES.toSorted());
    expect(TEXT).toContain(`{"journal":${JOURNAL_FORMAT},`);
  });
});
