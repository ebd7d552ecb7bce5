import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { journalEntry } from '../../src/api/journal.ts';
import { JOURNAL_KINDS } from '../../src/domain/journal/journal.ts';

const ajv = new Ajv({ strict: true, discriminator: true });
const fits = ajv.compile(journalEntry);

const HEAD = {
  ...{ seq: 1, at: 1_627_115_400_000, wallMs: 1_700_000_000_000.1, centre: null, service: null, protocol: null },
  ...{ via: null, connection: null, request: null, session: null, participant: null, user: null, fault: null },
};

describe('the JSON Schema of an entry', () => {
  test('has every kind', () => {
    expect(journalEntry).toMatchObject({ oneOf: JOURNAL_KINDS.map((kind) => ({ title: kind })) });
  });

  test('takes an entry and nothing beside it', () => {
    const entry = { ...HEAD, kind: 'session-ended', detail: { why: 'idle' } };
    expect(fits(entry)).toBe(true);
    expect(fits({ ...entry, more: 1 })).toBe(false);
    expect(fits({ ...entry, detail: { why: 'tired' } })).toBe(false);
    expect(fits({ ...entry, detail: { why: 'idle', more: 1 } })).toBe(false);
    expect(fits({ ...entry, kind: 'logoff' })).toBe(false);
    expect(fits({ ...entry, kind: 'enquiry' })).toBe(false);
    const { user, ...headless } = entry;
    expect(user).toBeNull();
    expect(fits(headless)).toBe(false);
  });
});
