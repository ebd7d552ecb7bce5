import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JournalDetails, JournalEntry, JournalFilter } from '../../../src/domain/journal/journal.ts';
import { Journal, type JournalOptions } from '../../../src/testbed/journal/journal.ts';
import { type Noted, noted } from '../../support/journal-entries.ts';

let at = 1_000;
let wall = 5_000;
const clock = { now: () => at };
let dir: string;
const opened: Journal[] = [];

beforeEach(() => {
  at = 1_000;
  wall = 5_000;
  dir = mkdtempSync(join(tmpdir(), 'journal-test-'));
});
afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(options: Partial<JournalOptions> = {}): Journal {
  const journal = new Journal({ clock, version: '1.2.3', wallMs: () => wall, ...options });
  opened.push(journal);
  return journal;
}

const REFUSED = { operation: 'logon', code: 'NOT_OPEN', says: { en: 'Closed', zh: '關閉' } } as const;
/** Log-offs, refusals and log-offs of other people in turn. */
function fill(journal: Journal, count: number): void {
  for (let i = 0; i < count; i++) {
    const n = journal.last;
    const centre = n % 2 ? 'primary' : 'backup';
    const who = { centre, participant: `B0990${n % 5}`, request: `p-https-1.${n}` } as const;
    if (n % 3 === 1) journal.note('refusal', who, REFUSED);
    else journal.note(n % 3 === 0 ? 'logoff' : 'admits', who, {});
  }
}
const numbers = (entries: readonly JournalEntry[]) => entries.map(({ seq }) => seq);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i);
const all = async (journal: Journal, filter: JournalFilter = {}) => journal.query({ limit: 1_000_000, ...filter });
const files = () => readdirSync(dir).filter((name) => name.endsWith('.jsonl'));

/** A few entries a page, and two pages in memory. */
const SMALL = { pageBytes: 2_000, pagesInMemory: 2 };
const PLACES = [
  ['in memory', () => ({})],
  ['spilled to a temporary folder', () => SMALL],
  ['kept in a folder', () => ({ ...SMALL, dir })],
  ['kept in a folder, all in memory', () => ({ dir })],
] as const;

describe('the journal', () => {
  test('numbers, stamps and fills in what the note leaves out', async () => {
    const journal = open();
    at = 2_000;
    wall = 5_000.1;
    journal.note('logoff', { centre: 'backup', session: 'b-3' }, {});
    const head = { service: null, protocol: null, via: null, connection: null, request: null };
    const entry = { seq: 1, at: 2_000, wallMs: 5_000.1, kind: 'logoff', centre: 'backup', session: 'b-3' };
    expect(await journal.query()).toEqual([
      { ...head, ...entry, participant: null, user: null, fault: null, detail: {} },
    ]);
    expect(journal.last).toBe(1);
  });

  test('keeps what was noted, whatever becomes of the object afterwards', async () => {
    const journal = open();
    const warnings = [{ en: 'a', zh: 'b' }];
    const detail = {
      release: 'production',
      userAgent: 'curl',
      takeOver: false,
      credential: 'password',
      warnings,
    } as const;
    journal.note('logon', {}, detail);
    warnings.push({ en: 'c', zh: 'd' });
    expect((await journal.query())[0]?.detail).toEqual({ ...detail, warnings: [{ en: 'a', zh: 'b' }] });
  });

  test('leaves out members that are undefined', async () => {
    const journal = open();
    const detail: JournalDetails['answer'] = { operation: 'logoff', bytes: 1, sent: 'all', ms: 1 };
    journal.note('answer', {}, { ...detail, ...({ rows: undefined } as object) });
    expect((await journal.query())[0]?.detail).toEqual(detail);
  });

  test('wall time is that of the process and does not fall', async () => {
    const journal = new Journal({ clock, version: '1.2.3' });
    opened.push(journal);
    const before = performance.timeOrigin + performance.now() - 0.1;
    fill(journal, 1_000);
    const after = performance.timeOrigin + performance.now() + 0.1;
    const times = (await all(journal)).map(({ wallMs }) => wallMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times.at(-1)).toBeLessThanOrEqual(after);
    expect(times.every((ms) => Number.isInteger(Math.round(ms * 10)) && String(ms).length <= 15)).toBe(true);
  });

  for (const [where, options] of PLACES) {
    test(`filters and pages, ${where}`, async () => {
      const journal = open(options());
      fill(journal, 60);
      expect(numbers(await journal.query())).toEqual(upTo(60));
      expect(numbers(await journal.query({ kinds: ['logoff'], limit: 4 }))).toEqual([1, 4, 7, 10]);
      const two = [51, 53, 54, 56, 57, 59, 60];
      expect(numbers(await journal.query({ kinds: ['refusal', 'admits'], after: 50 }))).toEqual(two);
      expect(numbers(await journal.query({ centre: 'primary', participant: 'B09901' }))).toEqual([
        2, 12, 22, 32, 42, 52,
      ]);
      expect(numbers(await journal.query({ request: 'p-https-1.41' }))).toEqual([42]);
      expect(numbers(await journal.query({ code: 'NOT_OPEN', limit: 2 }))).toEqual([2, 5]);
      expect(await journal.query({ code: 'NO_SESSION' })).toEqual([]);
      expect(await journal.query({ after: 60 })).toEqual([]);
      const paged: number[] = [];
      for (let after = 0; ; ) {
        const page = numbers(await journal.query({ after, limit: 7 }));
        if (page.length === 0) break;
        paged.push(...page);
        after = page.at(-1) ?? 0;
      }
      expect(paged).toEqual(upTo(60));
    });

    test(`clearing hides and never renumbers, ${where}`, async () => {
      const journal = open(options());
      fill(journal, 60);
      journal.clear();
      expect(journal.last).toBe(60);
      expect(journal.hiddenUpTo).toBe(60);
      expect(await journal.query()).toEqual([]);
      fill(journal, 25);
      expect(numbers(await journal.query())).toEqual(upTo(25, 61));
      expect(numbers(await journal.query({ after: 10 }))).toEqual(upTo(25, 61));
      expect(numbers(await journal.query({ hidden: true }))).toEqual(upTo(85));
    });
  }

  test('filters by each member of the head and by code', async () => {
    const journal = open();
    const who = { centre: 'backup', service: 'rap', protocol: 'sftp', via: 'line', connection: 'b-sftp-1' } as const;
    const client = { ...who, request: 'b-sftp-1.4', session: 'b-2', participant: 'B09901', user: 'B09901' };
    const others = { centre: 'primary', service: 'orp', protocol: 'https', via: 'direct', connection: 'p' } as const;
    journal.note(
      'refusal',
      { ...others, request: 'p.1', session: 'p-1', participant: 'C', user: 'C' },
      {
        ...REFUSED,
        code: 'NO_SESSION',
      },
    );
    journal.note('refusal', client, REFUSED);
    for (const [name, value] of Object.entries({ ...client, code: 'NOT_OPEN' })) {
      expect([name, numbers(await journal.query({ [name]: value }))]).toEqual([name, [2]]);
    }
    expect(numbers(await journal.query({ ...client, code: 'NO_SESSION' }))).toEqual([]);
  });

  test('a text that a client chose does not pass for a member', async () => {
    const journal = open();
    journal.note('logoff', { user: '"kind":"logon","participant":"B09901"' }, {});
    expect(await journal.query({ kinds: ['logon'] })).toEqual([]);
    expect(await journal.query({ participant: 'B09901' })).toEqual([]);
  });

  test('a query under way at a clear gives nothing of what was there', async () => {
    const journal = open(SMALL);
    fill(journal, 60);
    const query = journal.query();
    journal.clear();
    fill(journal, 2);
    expect((await query).every(({ seq }) => seq > 60)).toBe(true);
  });

  test('a query gives a thousand unless it asks for more', async () => {
    const journal = open();
    fill(journal, 1_200);
    expect(await journal.query()).toHaveLength(1_000);
    expect(await journal.query({ limit: 5_000 })).toHaveLength(1_200);
  });

  test('a hundred thousand entries leave only the newest in memory, and all are found', async () => {
    const journal = open({ dir });
    fill(journal, 100_000);
    expect(numbers(await journal.query({ after: 40_000, limit: 2_500 }))).toEqual(upTo(2_500, 40_001));
    expect(numbers(await journal.query({ after: 98_990, limit: 20 }))).toEqual(upTo(20, 98_991));
    expect(numbers(await journal.query({ request: 'p-https-1.4711' }))).toEqual([4712]);
    journal.close();
    const lines = files().map((name) => readFileSync(join(dir, name), 'utf8').split('\n').length - 2);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(100_000);
  });

  test('without a folder nothing is written until memory is full, and nothing is left after close', async () => {
    vi.stubEnv('TMPDIR', dir);
    const journal = open(SMALL);
    fill(journal, 10);
    expect(readdirSync(dir)).toEqual([]);
    fill(journal, 20);
    expect(readdirSync(dir)).toHaveLength(1);
    expect(numbers(await journal.query())).toEqual(upTo(30));
    journal.close();
    fill(journal, 30);
    expect(readdirSync(dir)).toEqual([]);
    vi.unstubAllEnvs();
  });

  test('an entry that is larger than a page has one to itself', async () => {
    const journal = open(SMALL);
    fill(journal, 3);
    const userAgent = '統'.repeat(3_000);
    const detail = { release: 'production', userAgent, takeOver: false, credential: 'key', warnings: [] } as const;
    journal.note('logon', {}, detail);
    fill(journal, 30);
    expect(numbers(await journal.query())).toEqual(upTo(34));
    expect((await journal.query({ kinds: ['logon'] }))[0]?.detail).toEqual(detail);
  });
});

describe('a journal kept in a folder', () => {
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  test('is there again after a restart, and numbers go on', async () => {
    const before = open({ dir, ...SMALL });
    fill(before, 25);
    before.close();
    const after = open({ dir, ...SMALL });
    expect(after.last).toBe(25);
    fill(after, 5);
    expect(numbers(await after.query())).toEqual(upTo(30));
    after.close();
    expect(numbers(await open({ dir }).query())).toEqual(upTo(30));
  });

  test('is on disk at the end of the turn, each file with its format and version first', async () => {
    fill(open({ dir, ...SMALL }), 25);
    await nextTurn();
    expect(files().length).toBeGreaterThan(2);
    for (const name of files()) {
      const [first, second] = readFileSync(join(dir, name), 'utf8').split('\n');
      expect(first).toBe('{"journal":2,"harness":"1.2.3"}');
      expect(second).toContain(`{"seq":${Number(name.slice(8, 20))},`);
    }
  });

  test('what was cleared stays hidden after a restart', async () => {
    const before = open({ dir });
    fill(before, 5);
    before.clear();
    fill(before, 1);
    before.close();
    const after = open({ dir });
    expect(after.hiddenUpTo).toBe(5);
    expect(numbers(await after.query())).toEqual([6]);
    expect(numbers(await after.query({ hidden: true }))).toEqual(upTo(6));
  });

  test('a half last line after a crash is dropped', async () => {
    const before = open({ dir });
    fill(before, 5);
    before.close();
    appendFileSync(join(dir, files().at(-1) ?? ''), '{"seq":6,"at":1000,"kind":"log');
    const after = open({ dir });
    expect(after.last).toBe(5);
    after.note('trades', {}, { trades: 1 });
    after.close();
    const kinds = (await open({ dir }).query()).map(({ seq, kind }) => `${seq} ${kind}`);
    expect(kinds.slice(-2)).toEqual(['5 refusal', '6 trades']);
  });

  test.each(['{"journal":2,"harness":"1.2.3"}\n{"seq":6,"at":10', '{"journal":2,"harness":"1.2.3"}\n', '{"jour', ''])(
    'a crash at the beginning of a file spoils nothing that follows: %j',
    async (left) => {
      const before = open({ dir });
      fill(before, 5);
      before.close();
      writeFileSync(join(dir, 'journal-000000000006.jsonl'), left);
      const after = open({ dir });
      fill(after, 2);
      after.close();
      expect(numbers(await open({ dir, ...SMALL }).query())).toEqual(upTo(7));
    },
  );

  test('entries that a crash lost do not hide those that get their numbers', async () => {
    const before = open({ dir });
    fill(before, 5);
    before.clear();
    before.close();
    writeFileSync(join(dir, files()[0] ?? ''), '{"journal":2,"harness":"1.2.3"}\n');
    const after = open({ dir });
    fill(after, 2);
    expect(numbers(await after.query())).toEqual([1, 2]);
  });

  test('files of another format are renamed and not read; numbers go on', async () => {
    const old = '{"seq":7,"at":1000,"kind":"enquiry","centre":null,"participant":null,"user":null,"detail":{}}\n';
    writeFileSync(join(dir, 'journal-000000000001.jsonl'), `{"seq":1,"at":1000,"kind":"start"}\n`);
    writeFileSync(join(dir, 'journal-000000000007.jsonl'), old);
    const journal = open({ dir });
    expect(journal.setAside).toEqual(['journal-000000000001.jsonl', 'journal-000000000007.jsonl']);
    expect(journal.last).toBe(7);
    expect(await journal.query()).toEqual([]);
    expect(readFileSync(join(dir, 'journal-000000000007.jsonl.format-1'), 'utf8')).toBe(old);
    journal.close();
    // Nothing was noted: the numbers of the old files are still taken.
    const after = open({ dir });
    expect(after.setAside).toEqual([]);
    fill(after, 2);
    expect(numbers(await after.query())).toEqual([8, 9]);
    after.close();
    writeFileSync(join(dir, 'journal-000000000010.jsonl'), '{"journal":3,"harness":"9.0.0"}\n{"seq":10}\n');
    expect(open({ dir }).last).toBe(10);
    expect(readdirSync(dir)).toContain('journal-000000000010.jsonl.format-3');
  });

  test('a file that is gone leaves a gap that is noted once', async () => {
    const journal = open({ dir, ...SMALL });
    fill(journal, 40);
    await nextTurn();
    const [, second = ''] = files();
    const first = Number(second.slice(8, 20));
    rmSync(join(dir, second));
    const there = numbers(await all(journal));
    expect(there).not.toContain(first);
    await all(journal);
    const gaps = await journal.query({ kinds: ['gap'] });
    expect(gaps.map(({ detail }) => detail)).toEqual([
      { from: first, to: expect.any(Number), says: expect.stringContaining('ENOENT') },
    ]);
  });

  test('entries that could not be written leave a gap, noted once writing works again', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const folder = join(dir, 'journal');
    const journal = open({ dir: folder, ...SMALL });
    rmSync(folder, { recursive: true });
    fill(journal, 60);
    await nextTurn();
    expect(warned).toHaveBeenCalledOnce();
    expect(await journal.query({ kinds: ['gap'] })).toEqual([]);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder);
    fill(journal, 1);
    await nextTurn();
    const [gap] = await journal.query({ kinds: ['gap'] });
    expect(gap?.detail).toMatchObject({ from: 1, says: expect.stringContaining('ENOENT') });
    const there = numbers(await all(journal));
    expect(there[0]).toBe((gap?.kind === 'gap' ? gap.detail.to : 0) + 1);
    expect(there).toEqual(upTo(there.length, there[0]));
    warned.mockRestore();
  });
});

describe('following', () => {
  test('gives what is there, then what comes, in order and once', async () => {
    const journal = open(SMALL);
    fill(journal, 12);
    const seen: number[] = [];
    for await (const entry of journal.follow({ after: 2, limit: 20 })) {
      seen.push(entry.seq);
      // While the follower is busy, more than memory keeps comes in.
      if (entry.seq === 6) fill(journal, 12);
      if (entry.seq === 22) queueMicrotask(() => fill(journal, 1));
    }
    expect(seen).toEqual(upTo(20, 3));
  });

  test('gives only what matches', async () => {
    const journal = open();
    setImmediate(() => fill(journal, 9));
    const seen: number[] = [];
    for await (const entry of journal.follow({ kinds: ['logoff'], limit: 3 })) seen.push(entry.seq);
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

  test('begins after what is hidden, and goes on after a clear', async () => {
    const journal = open();
    fill(journal, 3);
    journal.clear();
    fill(journal, 1);
    const seen: number[] = [];
    for await (const { seq } of journal.follow({ limit: 2 })) {
      seen.push(seq);
      if (seq === 4) {
        setImmediate(() => {
          journal.clear();
          fill(journal, 1);
        });
      }
    }
    for await (const { seq } of journal.follow({ limit: 5, hidden: true })) seen.push(seq);
    expect(seen).toEqual([4, 5, 1, 2, 3, 4, 5]);
  });
});

describe('listeners', () => {
  test('hear at once and in order, what they note themselves too', () => {
    const journal = open();
    const first: number[] = [];
    const second: number[] = [];
    const off = journal.on((entry) => {
      first.push(entry.seq);
      if (entry.kind === 'logoff') journal.note('admits', {}, {});
    });
    journal.on((entry) => void second.push(entry.seq));
    journal.note('logoff', {}, {});
    expect(first).toEqual([1, 2]);
    expect(second).toEqual([1, 2]);
    off();
    journal.note('admits', {}, {});
    expect(first).toEqual([1, 2]);
    expect(second).toEqual([1, 2, 3]);
  });

  test('one that throws is removed and an entry says so; the others go on', async () => {
    const journal = open();
    const seen: string[] = [];
    journal.on(() => {
      throw new Error('verdict broken');
    });
    journal.on((entry) => void seen.push(entry.kind));
    journal.note('logoff', {}, {});
    journal.note('admits', {}, {});
    expect(seen).toEqual(['logoff', 'error', 'admits']);
    expect((await journal.query({ kinds: ['error'] }))[0]?.detail).toEqual({
      ...{ what: 'journal listener', says: 'Error: verdict broken', entry: 1 },
    });
  });
});

describe('what goes in comes out', () => {
  const expected = ([kind, who, detail]: Noted, seq: number) => {
    const head = { centre: null, service: null, protocol: null, via: null, connection: null, request: null };
    return {
      seq,
      at,
      wallMs: wall,
      kind,
      ...head,
      session: null,
      participant: null,
      user: null,
      fault: null,
      ...who,
      detail,
    };
  };
  const note = (journal: Journal, [kind, who, detail]: Noted) => journal.note(kind, who, detail as never);

  test('any kind and any strings, over pages, spilling, restarts and a crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(noted, { minLength: 1, maxLength: 60 }),
        fc.array(noted, { maxLength: 20 }),
        fc.record({ pageBytes: fc.constantFrom(500, 3_000, 100_000), pagesInMemory: fc.constantFrom(1, 3) }),
        fc.boolean(),
        async (first, second, size, isKept) => {
          const folder = mkdtempSync(join(dir, 'run-'));
          let journal = open({ ...size, ...(isKept ? { dir: folder } : {}) });
          for (const one of first) note(journal, one);
          if (isKept) {
            journal.close();
            const newest = readdirSync(folder).sort().at(-1) ?? '';
            appendFileSync(join(folder, newest), `{"seq":${first.length + 1},"at":1`);
            journal = open({ ...size, dir: folder });
          }
          for (const one of second) note(journal, one);
          const noted = [...first, ...second];
          expect(await all(journal)).toEqual(noted.map((one, index) => expected(one, index + 1)));
          const [kind, { participant = null }] = noted[0] ?? (['logoff', {}] as const);
          const filter = { kinds: [kind], ...(participant === null ? {} : { participant }) };
          const same = ({ seq }: JournalEntry) => {
            const [ofKind, who] = noted[seq - 1] ?? [];
            return ofKind === kind && (participant === null || who?.participant === participant);
          };
          expect(await all(journal, filter)).toEqual((await all(journal)).filter(same));
          journal.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
