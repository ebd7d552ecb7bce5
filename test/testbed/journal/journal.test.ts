import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry, JournalKind } from '../../../src/domain/journal/journal-entry.ts';
import { createJournal, type Journal, type JournalOptions } from '../../../src/testbed/journal/journal.ts';

let at = 1_000;
const clock = { now: () => at };
let dir: string;
const opened: Journal[] = [];

beforeEach(() => {
  at = 1_000;
  dir = mkdtempSync(join(tmpdir(), 'journal-test-'));
});
afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(options: Partial<JournalOptions> = {}): Journal {
  const journal = createJournal({ clock, ...options });
  opened.push(journal);
  return journal;
}
function fill(journal: Journal, count: number): void {
  const kinds: JournalKind[] = ['logon', 'enquiry', 'upload'];
  for (let i = 0; i < count; i++) {
    const n = journal.size;
    journal.note({
      kind: kinds[n % 3] ?? 'logon',
      centre: n % 2 ? 'primary' : 'backup',
      participant: `B0990${n % 5}`,
      detail: { n },
    });
  }
}
const numbers = (entries: readonly JournalEntry[]) => entries.map(({ seq }) => seq);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i);

describe('the journal', () => {
  test('numbers, stamps and fills in what the note leaves out', async () => {
    const journal = open();
    at = 2_000;
    const entry = journal.note({ kind: 'start' });
    expect(entry).toEqual({
      seq: 1,
      at: 2_000,
      kind: 'start',
      centre: null,
      participant: null,
      user: null,
      detail: {},
    });
    expect(await journal.query()).toEqual([entry]);
    expect(journal.size).toBe(1);
  });

  test('keeps what was noted, whatever becomes of the object afterwards', async () => {
    const journal = open();
    const detail = { list: [{ n: 1 }], gone: undefined };
    journal.note({ kind: 'run', detail });
    detail.list.push({ n: 2 });
    expect((await journal.query())[0]?.detail).toEqual({ list: [{ n: 1 }] });
  });

  test.each([
    ['a function', { a: () => 1 }],
    ['a big integer', { a: { b: 1n } }],
    ['a date', { a: [new Date(0)] }],
    ['a map', { a: new Map() }],
    ['no number', { a: Number.NaN }],
    ['undefined in a list', { a: [undefined] }],
  ])('refuses %s in the detail and names the place', (_, detail) => {
    expect(() => open().note({ kind: 'run', detail })).toThrow(/detail\.a.* is no plain JSON/);
  });

  for (const [where, options] of [
    ['in memory', () => ({})],
    ['spilled to a temporary folder', () => ({ keep: 10 })],
    ['kept in a folder', () => ({ keep: 10, dir })],
    ['kept in a folder, all in memory', () => ({ dir })],
  ] as const) {
    test(`filters and pages, ${where}`, async () => {
      const journal = open(options());
      fill(journal, 60);
      expect(numbers(await journal.query())).toEqual(upTo(60));
      expect(numbers(await journal.query({ kinds: ['logon'], limit: 4 }))).toEqual([1, 4, 7, 10]);
      expect(numbers(await journal.query({ kinds: ['logon', 'upload'], after: 50 }))).toEqual([
        51, 52, 54, 55, 57, 58, 60,
      ]);
      expect(numbers(await journal.query({ centre: 'primary', participant: 'B09901' }))).toEqual([
        2, 12, 22, 32, 42, 52,
      ]);
      expect(await journal.query({ after: 60 })).toEqual([]);
      const paged: number[] = [];
      for (let after = 0; ; ) {
        const page = numbers(await journal.query({ after, limit: 7 }));
        if (page.length === 0) break;
        paged.push(...page);
        after = page.at(-1) ?? 0;
      }
      expect(paged).toEqual(upTo(60));
      expect((await journal.query({ after: 3, limit: 1 }))[0]?.detail).toEqual({ n: 3 });
    });

    test(`is cleared, ${where}`, async () => {
      const journal = open(options());
      fill(journal, 60);
      journal.clear();
      expect(journal.size).toBe(0);
      expect(await journal.query()).toEqual([]);
      fill(journal, 25);
      expect(numbers(await journal.query())).toEqual(upTo(25));
    });
  }

  test('a query under way at a clear gives nothing of what was there', async () => {
    const journal = open({ keep: 10 });
    fill(journal, 60);
    const query = journal.query();
    journal.clear();
    fill(journal, 2);
    expect((await query).length).toBeLessThanOrEqual(2);
  });

  test('a query gives a thousand unless told otherwise', async () => {
    const journal = open();
    fill(journal, 1_200);
    expect(await journal.query()).toHaveLength(1_000);
    expect(await journal.query({ limit: 5_000 })).toHaveLength(1_200);
  });

  test('a hundred thousand entries leave only the newest in memory, and all are found', async () => {
    const journal = open({ keep: 1_000, dir });
    fill(journal, 100_000);
    expect(numbers(await journal.query({ after: 40_000, limit: 2_500 }))).toEqual(upTo(2_500, 40_001));
    expect(numbers(await journal.query({ after: 98_990, limit: 20 }))).toEqual(upTo(20, 98_991));
    const lines = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8').split('\n').length - 1);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(100_000);
  });

  test('without a folder nothing is written until memory is full, and nothing is left after close', async () => {
    vi.stubEnv('TMPDIR', dir);
    const journal = open({ keep: 10 });
    fill(journal, 10);
    expect(readdirSync(dir)).toEqual([]);
    fill(journal, 1);
    expect(readdirSync(dir)).toHaveLength(1);
    expect(numbers(await journal.query())).toEqual(upTo(11));
    journal.close();
    fill(journal, 30);
    expect(readdirSync(dir)).toEqual([]);
    vi.unstubAllEnvs();
  });
});

describe('a journal kept in a folder', () => {
  test('is there again after a restart, and numbers go on', async () => {
    const before = open({ dir, keep: 10 });
    fill(before, 25);
    before.close();
    const after = open({ dir, keep: 10 });
    expect(after.size).toBe(25);
    fill(after, 5);
    expect(numbers(await after.query())).toEqual(upTo(30));
    after.close();
    expect(numbers(await open({ dir }).query())).toEqual(upTo(30));
  });

  test('a half last line after a crash is dropped', async () => {
    const before = open({ dir });
    fill(before, 5);
    before.close();
    const file = readdirSync(dir).at(-1) ?? '';
    appendFileSync(join(dir, file), '{"seq":6,"at":1000,"kind":"log');
    const after = open({ dir });
    expect(after.size).toBe(5);
    after.note({ kind: 'start' });
    after.close();
    expect((await open({ dir }).query()).map(({ seq, kind }) => `${seq} ${kind}`).slice(-2)).toEqual([
      '5 enquiry',
      '6 start',
    ]);
  });

  test('a crash in the first line of a file spoils nothing that follows', async () => {
    const before = open({ dir });
    fill(before, 5);
    before.close();
    appendFileSync(join(dir, 'journal-000000000006.jsonl'), '{"seq":6,"at":10');
    const after = open({ dir });
    fill(after, 2);
    after.close();
    expect(numbers(await open({ dir, keep: 1 }).query())).toEqual(upTo(7));
  });

  test('what was cleared does not come back', () => {
    const before = open({ dir });
    fill(before, 5);
    before.clear();
    before.close();
    expect(open({ dir }).size).toBe(0);
  });
});

describe('following', () => {
  test('gives what is there, then what comes, in order and once', async () => {
    const journal = open({ keep: 5 });
    fill(journal, 12);
    const seen: number[] = [];
    for await (const entry of journal.follow({ after: 2, limit: 20 })) {
      seen.push(entry.seq);
      // While the follower is busy, more than memory keeps comes in.
      if (entry.seq === 6) fill(journal, 12);
      if (entry.seq === 22) queueMicrotask(() => journal.note({ kind: 'start' }));
    }
    expect(seen).toEqual(upTo(20, 3));
  });

  test('gives only what fits', async () => {
    const journal = open();
    setImmediate(() => fill(journal, 9));
    const seen: number[] = [];
    for await (const entry of journal.follow({ kinds: ['logon'], limit: 3 })) seen.push(entry.seq);
    expect(seen).toEqual([1, 4, 7]);
  });

  test('ends when the signal aborts, and when the journal closes', async () => {
    const journal = open();
    fill(journal, 2);
    const abort = new AbortController();
    const seen: number[] = [];
    for await (const entry of journal.follow({}, abort.signal)) {
      seen.push(entry.seq);
      if (entry.seq === 2) setImmediate(() => abort.abort());
    }
    for await (const entry of journal.follow()) {
      seen.push(entry.seq);
      if (entry.seq === 2) setImmediate(() => journal.close());
    }
    expect(seen).toEqual([1, 2, 1, 2]);
  });

  test('begins anew after a clear', async () => {
    const journal = open();
    fill(journal, 3);
    const seen: string[] = [];
    for await (const { seq, kind } of journal.follow({ limit: 4 })) {
      seen.push(`${seq} ${kind}`);
      if (seen.length === 3) {
        setImmediate(() => {
          journal.clear();
          journal.note({ kind: 'start' });
        });
      }
    }
    expect(seen).toEqual(['1 logon', '2 enquiry', '3 upload', '1 start']);
  });
});

describe('listeners', () => {
  test('are told at once and in order, what they note themselves too', () => {
    const journal = open();
    const first: number[] = [];
    const second: number[] = [];
    const off = journal.on((entry) => {
      first.push(entry.seq);
      if (entry.kind === 'logon') journal.note({ kind: 'enquiry' });
    });
    journal.on((entry) => void second.push(entry.seq));
    journal.note({ kind: 'logon' });
    expect(first).toEqual([1, 2]);
    expect(second).toEqual([1, 2]);
    off();
    journal.note({ kind: 'logoff' });
    expect(first).toEqual([1, 2]);
    expect(second).toEqual([1, 2, 3]);
  });

  test('one that throws is taken off and journalled; the others go on', async () => {
    const journal = open();
    const seen: string[] = [];
    journal.on(() => {
      throw new Error('verdict broken');
    });
    journal.on((entry) => void seen.push(entry.kind));
    journal.note({ kind: 'logon' });
    journal.note({ kind: 'logoff' });
    expect(seen).toEqual(['logon', 'error', 'logoff']);
    expect((await journal.query({ kinds: ['error'] }))[0]?.detail).toMatchObject({
      error: 'Error: verdict broken',
      entry: 1,
    });
  });
});
