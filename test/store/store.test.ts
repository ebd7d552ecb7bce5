import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, type Commit, put, remove } from '../../src/domain/change.ts';
import { isRefusal, type Refusal, refuse } from '../../src/domain/refusal.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { anyChanges, instruction, PlainBooks } from '../support/rows.ts';
import { diskFull, type TrialLog, trialLog } from '../support/trial-log.ts';

interface Trial {
  readonly log: TrialLog;
  readonly store: Store;
  readonly clock: { at: number; now(): number };
}

async function open(log = trialLog()): Promise<Trial> {
  const clock = { at: 1_000, now: () => clock.at };
  return { log, clock, store: await openStore({ log, blobs: new MemoryBlobs(), clock }) };
}
async function leading(): Promise<Trial> {
  const trial = await open();
  await trial.store.openEpoch(1, 'primary');
  return trial;
}
async function all(store: Store, after = 0): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const commit of store.since(after)) commits.push(commit);
  return commits;
}
const si = (n: number, quantity = 400) =>
  put('instruction', instruction(`D${String(n).padStart(8, '0')}`, { quantity }));
/** Inputs an SI under the next number, so the decision depends on pending ones. */
function input(store: Store): Promise<number | Refusal> {
  return store.transact((books) => {
    const next = books.counter('instruction');
    return { changes: [si(next), put('counter', { name: 'instruction', next: next + 1 })], answer: next };
  });
}
const commitAll = (store: Store, changes: readonly Change[]) => store.transact(() => ({ changes, answer: 'done' }));

describe('a transaction', () => {
  test('becomes one commit, stamped with market time, and is answered when it is durable', async () => {
    const { store, log, clock } = await leading();
    clock.at = 5_000;
    expect(await commitAll(store, [si(1), si(2)])).toBe('done');
    expect(log.head()).toEqual({ epoch: 1, index: 2 });
    expect((await all(store, 1))[0]).toEqual({ epoch: 1, index: 2, at: 5_000, changes: [si(1), si(2)] });
    expect(store.head()).toEqual(log.head());
  });

  test('sees pending ones as it decides, and is in the books at once', async () => {
    const { store, log } = await leading();
    log.hold();
    const answers = Promise.all([input(store), input(store), input(store)]);
    expect(store.books.counter('instruction')).toBe(4);
    expect(store.head().index).toBe(1);
    await log.held();
    log.letGo();
    expect(await answers).toEqual([1, 2, 3]);
  });

  test('waits for the log before it is answered; those queued meanwhile go into one append', async () => {
    const { store, log } = await leading();
    log.appends.length = 0;
    log.hold();
    const answered: unknown[] = [];
    const first = input(store).then((answer) => answered.push(answer));
    await log.held();
    const others = [2, 3, 4].map(() => input(store).then((answer) => answered.push(answer)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toEqual([]);
    log.letGo();
    await Promise.all([first, ...others]);
    expect(answered).toEqual([1, 2, 3, 4]);
    expect(log.appends.map((commits) => commits.length)).toEqual([1, 3]);
  });

  test('an empty commit waits in the queue and leaves no trace, with others or alone', async () => {
    const { store, log } = await leading();
    log.appends.length = 0;
    const heard: number[] = [];
    store.onCommit((commits) => void heard.push(commits.length));
    await Promise.all([store.commitNothing(), input(store), store.commitNothing(), input(store)]);
    await store.commitNothing();
    expect(log.appends.map((commits) => commits.length)).toEqual([2, 0]);
    expect(heard).toEqual([2, 0]);
    expect(store.head()).toEqual({ epoch: 1, index: 3 });
    expect((await all(store, 1)).map(({ index }) => index)).toEqual([2, 3]);
  });

  test('large ones are appended in bounded groups', async () => {
    const { store, log } = await leading();
    log.appends.length = 0;
    const rows = Array.from({ length: 4_000 }, (_, i) => si(i + 1));
    await Promise.all([1, 2, 3, 4, 5].map((quantity) => commitAll(store, [...rows, si(9_999, quantity)])));
    expect(log.appends.map((commits) => commits.length)).toEqual([2, 2, 1]);
  });

  test('waits for the commit listeners, which get the commits in order', async () => {
    const { store } = await leading();
    const gate = Promise.withResolvers<void>();
    const heard: number[] = [];
    const off = store.onCommit((commits) => {
      heard.push(...commits.map(({ index }) => index));
      return gate.promise;
    });
    const answered: unknown[] = [];
    const both = [input(store), input(store)].map(async (answer) => answered.push(await answer));
    while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([2, 3]);
    expect(store.head().index).toBe(3);
    expect(answered).toEqual([]);
    gate.resolve();
    await Promise.all(both);
    expect(answered).toEqual([1, 2]);
    off();
    await input(store);
    expect(heard).toEqual([2, 3]);
  });

  test('without changes is answered without an append; a refusal or an error leaves nothing', async () => {
    const { store, log } = await leading();
    const no = refuse('NOT_FOUND', { en: 'no', zh: '無' });
    expect(await store.transact(() => ({ changes: [], answer: 7 }))).toBe(7);
    expect(await store.transact(() => no)).toBe(no);
    await expect(
      store.transact(() => {
        throw new Error('our bug');
      }),
    ).rejects.toThrow('our bug');
    expect(log.head().index).toBe(1);
    expect(await input(store)).toBe(1);
  });

  test('is refused in both languages at a store that does not lead (CENTRE_STANDBY)', async () => {
    const { store } = await open();
    expect(await input(store)).toMatchObject({
      refusal: 'CENTRE_STANDBY',
      detail: { en: expect.stringContaining('line address'), zh: expect.stringContaining('連接地址') },
    });
    expect(() => store.lead()).toThrow('open one');
  });
});

describe('when the log fails', () => {
  test('on a full disk, all pending decisions are undone and refused (STORAGE_FULL); the next one works', async () => {
    const { store, log } = await leading();
    await input(store);
    const digest = store.books.digest();
    log.hold();
    const failing = [input(store), input(store)];
    await log.held();
    failing.push(input(store));
    log.fail(diskFull());
    log.letGo();
    for (const answer of await Promise.all(failing)) expect(answer).toMatchObject({ refusal: 'STORAGE_FULL' });
    expect(store.books.digest()).toBe(digest);
    expect(await input(store)).toBe(2);
    expect((await all(store)).map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  test('on another error, the transactions reject, and the books match the log', async () => {
    const { store, log } = await leading();
    const digest = store.books.digest();
    log.fail(new Error('I/O error'));
    await expect(input(store)).rejects.toThrow('I/O error');
    expect(store.books.digest()).toBe(digest);
    await store.idle();
    expect(await input(store)).toBe(1);
  });

  test('because another writer opened a later epoch, this store is fenced (CENTRE_STANDBY)', async () => {
    const { store, log } = await leading();
    const twin = (await open(log)).store;
    await twin.openEpoch(2, 'backup');
    const digest = store.books.digest();
    expect(await Promise.all([input(store), input(store)])).toMatchObject([
      { refusal: 'CENTRE_STANDBY' },
      { refusal: 'CENTRE_STANDBY' },
    ]);
    expect(store.leads()).toBe(false);
    expect(store.books.digest()).toBe(digest);
    expect(await input(twin)).toBe(1);
  });
});

describe('a fence', () => {
  test('lets the append in progress end, and refuses those queued behind it (CENTRE_STANDBY)', async () => {
    const { store, log } = await leading();
    log.hold();
    const first = input(store);
    await log.held();
    const second = input(store);
    const fenced = store.fence();
    expect(await second).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect(await input(store)).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect(store.books.counter('instruction')).toBe(2);
    log.letGo();
    expect(await first).toBe(1);
    await fenced;
    expect(store.head().index).toBe(2);
    store.lead();
    expect(await input(store)).toBe(2);
  });

  test('answers a commit whose listener gave up with: check before you send it again (CENTRE_STANDBY)', async () => {
    const { store } = await leading();
    const gate = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<void>();
    store.onCommit(() => {
      heard.resolve();
      return gate.promise;
    });
    const waiting = input(store);
    await heard.promise;
    await store.fence();
    gate.reject(new Error('stopped'));
    expect(await waiting).toMatchObject({
      refusal: 'CENTRE_STANDBY',
      detail: { en: expect.stringContaining('check whether') },
    });
    expect(store.head().index).toBe(2);
  });

  test('a listener that fails while the store leads is our bug', async () => {
    const { store } = await leading();
    store.onCommit(() => Promise.reject(new Error('no blob')));
    await expect(input(store)).rejects.toThrow('no blob');
  });
});

describe('a follower', () => {
  test('has the commits of the leader, and skips those it has already', async () => {
    const [leader, follower] = [await leading(), await open()];
    await Promise.all([input(leader.store), input(leader.store)]);
    const commits = await all(leader.store);
    await follower.store.applyCommits(commits.slice(0, 2));
    await follower.store.applyCommits(commits);
    expect(await all(follower.store)).toEqual(commits);
    expect(follower.store.books.digest()).toBe(leader.store.books.digest());
    expect(follower.store.epochs()).toEqual([{ epoch: 1, index: 1, active: 'primary' }]);
    await expect(leader.store.applyCommits(commits)).rejects.toThrow('fence it first');
    await expect(follower.store.applyCommits([{ ...(commits[0] as Commit), index: 9 }])).rejects.toThrow(
      'cannot follow',
    );
  });

  test('opens an epoch with changes, and leads', async () => {
    const { store } = await leading();
    await expect(store.openEpoch(2, 'backup')).rejects.toThrow('fence it first');
    await store.fence();
    await expect(store.openEpoch(1, 'backup')).rejects.toThrow('not above');
    await store.openEpoch(4, 'backup', [put('counter', { name: 'instruction', next: 50 })]);
    expect(await input(store)).toBe(50);
    expect(store.head()).toEqual({ epoch: 4, index: 3 });
    expect(store.epochs().map(({ epoch, active }) => `${epoch} ${active}`)).toEqual(['1 primary', '4 backup']);
  });

  test('that could not open an epoch still follows', async () => {
    const { store, log } = await open();
    log.fail(diskFull());
    await expect(store.openEpoch(1, 'primary')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(store.leads()).toBe(false);
    await store.openEpoch(1, 'primary');
  });
});

describe('rewinding', () => {
  test('restores log and books and returns the dropped commits, from the undo list or from the log', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyChanges(6), { minLength: 1, maxLength: 8 }),
        fc.nat(8),
        fc.nat(8),
        fc.boolean(),
        async (lists, cut, shared, reopen) => {
          let { store, log } = await leading();
          const digests = ['', store.books.digest()];
          for (const changes of lists) {
            const before = store.head().index;
            await commitAll(store, changes);
            if (store.head().index > before) digests.push(store.books.digest());
          }
          const head = store.head().index;
          const index = 1 + (cut % head);
          store.shared(shared);
          if (reopen) store = (await open(log)).store;
          else await store.fence();
          const commits = await all(store, index);
          expect(await store.rewind(index)).toEqual(commits);
          expect(store.head().index).toBe(index);
          expect(store.books.digest()).toBe(digests[index]);
          await store.applyCommits(commits);
          expect(store.books.digest()).toBe(digests[head]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('past the start of an epoch removes the epoch', async () => {
    const { store } = await leading();
    await store.fence();
    await store.openEpoch(2, 'backup');
    await store.fence();
    const books = store.books;
    await store.rewind(1);
    expect(store.epochs()).toHaveLength(1);
    expect(store.head()).toEqual({ epoch: 1, index: 1 });
    await store.rewind(0);
    expect(store.books).toBe(books);
    expect(store.epochs()).toEqual([]);
  });

  test('does not read the log if the undo list suffices', async () => {
    const { store, log } = await leading();
    for (let i = 0; i < 5; i++) await input(store);
    await store.fence();
    let read = 0;
    const reading = log.read;
    log.read = (after) => {
      read++;
      return reading(after);
    };
    expect(await store.rewind(3)).toHaveLength(3);
    expect(store.books.counter('instruction')).toBe(3);
    expect(read).toBe(0);
  });
});

describe('the past', () => {
  test('an instant gives the last index before it', async () => {
    const { store, clock } = await open();
    clock.at = 100;
    await store.openEpoch(1, 'primary');
    for (const at of [200, 200, 300]) {
      clock.at = at;
      await input(store);
    }
    expect(await Promise.all([100, 101, 200, 201, 300, 999].map((at) => store.lastIndexBefore(at)))).toEqual([
      0, 1, 1, 3, 3, 4,
    ]);
  });

  test('the changes back to an index restore the named tables, and leave the others', async () => {
    const restored = ['instruction', 'holding', 'user'] as const;
    await fc.assert(
      fc.asyncProperty(anyChanges(30), anyChanges(10), anyChanges(30), async (before, between, after) => {
        const { store } = await leading();
        await commitAll(store, before);
        const { index } = store.head();
        await commitAll(store, between);
        await commitAll(store, after);
        const model = new PlainBooks();
        model.apply([...before, ...between, ...after]);
        const then = new PlainBooks();
        then.apply(before);
        for (const table of restored) {
          for (const { key } of model.of(table)) model.apply([remove(table, key)]);
          model.apply(then.of(table));
        }
        await commitAll(store, await store.changesBackTo(index, restored));
        const expected = (await leading()).store;
        await commitAll(expected, [...model.rows.values()]);
        expect(store.books.digest()).toBe(expected.books.digest());
        expect(await store.changesBackTo(index, restored)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('is read from the log after a restart', async () => {
    const { store, log } = await leading();
    for (let i = 0; i < 4; i++) await input(store);
    const again = (await open(log)).store;
    expect(again.books.digest()).toBe(store.books.digest());
    expect(again.leads()).toBe(false);
    again.lead();
    expect(await input(again)).toBe(5);
    expect(isRefusal(await input(again))).toBe(false);
  });
});
