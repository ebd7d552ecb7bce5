import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type EntryOf,
  JOURNAL_CODES,
  JOURNAL_DETAILS,
  JOURNAL_FORMAT,
  JOURNAL_HEAD,
  JOURNAL_KINDS,
  type JournalDetails,
  type JournalEntry,
  type JournalFilter,
  type JournalKind,
  type JournalWho,
  WHO_MEMBERS,
} from '../../../src/domain/journal/journal.ts';
import { clientText } from '../../../src/domain/journal/shape.ts';

function note<K extends JournalKind>(kind: K, who: JournalWho, detail: JournalDetails[K]): void {
  expect([kind, who, detail]).toHaveLength(3);
}

describe('the description of the journal', () => {
  test('gives the compiler each kind with its members', () => {
    note('admits', { centre: 'backup' }, {});
    note('session-ended', { session: 'b-12' }, { why: 'switch' });
    // @ts-expect-error no such kind
    note('enquiry', {}, {});
    // @ts-expect-error a member is missing
    note('session-ended', {}, {});
    // @ts-expect-error not one of the values
    note('session-ended', {}, { why: 'tired' });
    // @ts-expect-error no such member
    note('admits', {}, { because: 'why not' });
    // @ts-expect-error not a member of the head
    note('admits', { token: 'secret' }, {});
    expectTypeOf<JournalDetails['upload']['sizeBytes']>().toEqualTypeOf<number>();
    expectTypeOf<JournalDetails['answer']['sent']>().toEqualTypeOf<'all' | 'part' | 'none'>();
    expectTypeOf<JournalDetails['answer']['rows']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<EntryOf<'upload'>['wallMs']>().toEqualTypeOf<number>();
    expectTypeOf<Extract<JournalEntry, { kind: 'loss' }>['detail']>().toEqualTypeOf<JournalDetails['loss']>();
  });

  test('no detail has the name of a member of the head, which a matcher looks up first', () => {
    const head = [...Object.keys(JOURNAL_HEAD.properties), 'kind', 'detail'];
    for (const kind of JOURNAL_KINDS) {
      const names = Object.keys(JOURNAL_DETAILS[kind].properties);
      expect({ kind, both: names.filter((name) => head.includes(name)) }).toEqual({ kind, both: [] });
    }
  });

  test('every member says what it means', () => {
    const silent = JOURNAL_KINDS.flatMap((kind) =>
      Object.entries(JOURNAL_DETAILS[kind].properties).flatMap(([name, { description }]) =>
        description ? [] : [`${kind}.${name}`],
      ),
    );
    expect(silent).toEqual([]);
  });

  test('no member is named like a secret', () => {
    const names = JOURNAL_KINDS.flatMap((kind) => Object.keys(JOURNAL_DETAILS[kind].properties));
    expect(names.filter((name) => /password|token|cookie|secret|hash$/i.test(name))).toEqual([]);
  });

  test('codes are listed once, and the format is 2', () => {
    expect(new Set(JOURNAL_CODES).size).toBe(JOURNAL_CODES.length);
    expect(JOURNAL_CODES).toContain('NO_COMMON_VERSION');
    expect(JOURNAL_CODES).toContain('CENTRE_STANDBY');
    expect(JOURNAL_FORMAT).toBe(2);
  });

  test('a filter can name each member of the head', () => {
    const filter: JournalFilter = { connection: 'p-https-3', session: 'p-1', user: 'MAKER1', request: 'p-https-3.7' };
    expect(WHO_MEMBERS).toEqual(expect.arrayContaining(Object.keys(filter)));
  });

  test('what a client chose is cut to 200 characters', () => {
    expect(clientText('a'.repeat(200))).toBe('a'.repeat(200));
    expect(clientText('a'.repeat(201))).toBe(`${'a'.repeat(199)}…`);
  });
});
