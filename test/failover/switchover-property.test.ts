import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, put, type SwitchMode, type SwitchReport } from '../../src/domain/change.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { openPair, type Pair, switched } from '../support/pair.ts';
import { anyChanges, instruction, PlainBooks } from '../support/rows.ts';

type Command =
  | { readonly do: 'commit'; readonly changes: readonly Change[] }
  | { readonly do: 'input' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'lag'; readonly ms: number }
  | { readonly do: 'switch'; readonly mode: SwitchMode };

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  // Counters only rise, as in every verb; blobs have their own test.
  { weight: 4, arbitrary: anyChanges(5).map((changes) => ({ do: 'commit' as const, changes: changes.filter(plain) })) },
  { weight: 3, arbitrary: fc.constant({ do: 'input' as const }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 80 }).map((ms) => ({ do: 'advance' as const, ms })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 10, 50, 1_000).map((ms) => ({ do: 'lag' as const, ms })) },
  { weight: 2, arbitrary: fc.constantFrom('drain', 'cut').map((mode) => ({ do: 'switch' as const, mode }) as Command) },
);
function plain({ table }: Change): boolean {
  return !['counter', 'batch', 'report', 'rapFile', 'instruction'].includes(table);
}

/** The model, as simple as possible: the list of acknowledged commits, and which of them shipped. */
interface Truth {
  commits: { readonly at: number; readonly changes: readonly Change[]; shipped: boolean }[];
  readonly numbers: string[];
  next: number;
  lag: number;
}

function noteShipped(truth: Truth, now: number): void {
  for (const commit of truth.commits) {
    if (commit.at + truth.lag > now) break;
    commit.shipped = true;
  }
}

function expectSame(store: Store, truth: Truth, digestOf: (rows: readonly Change[]) => Promise<string>): Promise<void> {
  const model = new PlainBooks();
  for (const { changes } of truth.commits) model.apply(changes);
  if (truth.next > 1) model.apply([put('counter', { name: 'instruction', next: truth.next })]);
  return digestOf([...model.rows.values()]).then((digest) => expect(store.books.digest()).toBe(digest));
}

async function digestOf(rows: readonly Change[]): Promise<string> {
  const store = await openStore({ log: createMemoryLog(), blobs: new MemoryBlobs(), clock: { now: () => 0 } });
  await store.openEpoch(1, 'primary', rows);
  return store.books.digest();
}

async function obey(pair: Pair, truth: Truth, command: Command): Promise<void> {
  const at = pair.clock.now();
  if (command.do === 'commit') {
    const answer = await pair.active().transact(() => ({ changes: command.changes, answer: 'done' }));
    expect(answer).toBe('done');
    if (command.changes.length > 0) truth.commits.push({ at, changes: command.changes, shipped: false });
  } else if (command.do === 'input') {
    const number = await pair.active().transact((books) => {
      const next = books.counter('instruction');
      const row = instruction(`D${String(next).padStart(8, '0')}`);
      const changes = [put('instruction', row), put('counter', { name: 'instruction', next: next + 1 })];
      return { changes, answer: row.number };
    });
    if (isRefusal(number)) throw new Error(number.detail.en);
    truth.numbers.push(number);
    truth.next++;
    truth.commits.push({ at, changes: [put('instruction', instruction(number))], shipped: false });
  } else if (command.do === 'advance') {
    await pair.clock.moveTo(at + command.ms);
  } else if (command.do === 'lag') {
    await pair.switchover.setLag(command.ms);
    truth.lag = command.ms;
    // Fires the alarms that the new lag made due.
    await pair.clock.moveTo(at);
  } else {
    const to: CentreName = pair.switchover.active() === 'primary' ? 'backup' : 'primary';
    const report = await switched(pair.switchover.switchTo(to, command.mode));
    expectLoss(report, truth, command.mode);
    await expectSame(pair.active(), truth, digestOf);
    expect(pair.standby().books.digest()).toBe(pair.active().books.digest());
    expect(pair.standby().head()).toEqual(pair.active().head());
    for (const commit of truth.commits) commit.shipped = true;
  }
  noteShipped(truth, pair.clock.now());
}

function expectLoss(report: SwitchReport, truth: Truth, mode: SwitchMode): void {
  const lost = mode === 'cut' ? truth.commits.filter(({ shipped }) => !shipped) : [];
  truth.commits = truth.commits.filter((commit) => !lost.includes(commit));
  const expected = lost.flatMap(({ at, changes }) =>
    changes.map(({ table, key, row }) => ({ at, table, key, gone: row === null })),
  );
  expect(report.lost.map(({ at, table, key, row }) => ({ at, table, key, gone: row === null }))).toEqual(expected);
  for (const { table, key, row } of report.lost) {
    if (table === 'instruction') expect(row).toEqual(instruction(key));
    if (row !== null) expect(row).not.toHaveProperty('passwordHash');
  }
}

async function play(commands: readonly Command[], lag: number): Promise<void> {
  const pair = await openPair({ lagMs: lag });
  const truth: Truth = { commits: [], numbers: [], next: 1, lag };
  try {
    for (const command of commands) await obey(pair, truth, command);
    await expectSame(pair.active(), truth, digestOf);
    expect(new Set(truth.numbers).size).toBe(truth.numbers.length);
    await pair.switchover.setLag(0);
    expect(pair.standby().books.digest()).toBe(pair.active().books.digest());
  } finally {
    await pair.close();
  }
}

test('after any commands and switches, the books are equal and the loss is what was reported', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCommand, { minLength: 1, maxLength: 40 }), fc.constantFrom(0, 20, 200), play),
    { numRuns: 60 },
  );
});

test('a hundred fail-overs back and forth', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(anyCommand, { maxLength: 4 }), fc.constantFrom('drain', 'cut')), {
        minLength: 100,
        maxLength: 100,
      }),
      (rounds) =>
        play(
          rounds.flatMap(([commands, mode]): Command[] => [...commands, { do: 'switch', mode: mode as SwitchMode }]),
          50,
        ),
    ),
    { numRuns: 3 },
  );
});

test('a hundred fail-overs under load: every acknowledged number exists or was reported lost, and none is used twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          mode: fc.constantFrom<SwitchMode>('drain', 'cut'),
          turns: fc.nat(3),
          lag: fc.constantFrom(0, 0, 30),
        }),
        {
          minLength: 100,
          maxLength: 100,
        },
      ),
      async (rounds) => {
        const pair = await openPair();
        const acknowledged: string[] = [];
        const lost = new Set<string>();
        let working = true;
        const client = async () => {
          while (working) {
            const answer = await pair.active().transact((books) => {
              const next = books.counter('instruction');
              const row = instruction(`D${String(next).padStart(8, '0')}`);
              const changes = [put('instruction', row), put('counter', { name: 'instruction', next: next + 1 })];
              return { changes, answer: row.number };
            });
            if (!isRefusal(answer)) acknowledged.push(answer);
            else await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const clients = [client(), client(), client()];
        for (const { mode, turns, lag } of rounds) {
          await pair.switchover.setLag(lag);
          for (let i = 0; i <= turns; i++) await new Promise((resolve) => setImmediate(resolve));
          const to = pair.switchover.active() === 'primary' ? 'backup' : 'primary';
          const report = await switched(pair.switchover.switchTo(to, mode));
          if (mode === 'drain') expect(report.lost).toEqual([]);
          for (const { key } of report.lost) {
            if (lag === 0) expect(acknowledged).not.toContain(key);
            lost.add(key);
          }
        }
        working = false;
        await Promise.all(clients);
        await pair.switchover.setLag(0);
        expect(pair.standby().books.digest()).toBe(pair.active().books.digest());
        expect(new Set(acknowledged).size).toBe(acknowledged.length);
        const there = new Set([...pair.active().books.all('instruction')].map((row) => row.number));
        const missing = acknowledged.filter((number) => there.has(number) === lost.has(number));
        expect(missing).toEqual([]);
        expect([...lost].filter((number) => there.has(number))).toEqual([]);
        // There was load: more inputs than switches, and cuts lost some of them.
        expect(acknowledged.length).toBeGreaterThan(100);
        await pair.close();
      },
    ),
    { numRuns: 2 },
  );
});
