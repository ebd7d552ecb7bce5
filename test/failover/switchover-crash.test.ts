import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { put, type SwitchMode } from '../../src/domain/change.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { reconcile } from '../../src/failover/recovery.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import type { ChangeLog } from '../../src/store/log/log.ts';
import { openSqliteLog } from '../../src/store/log/sqlite-log.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { commits } from '../support/commits.ts';
import { commitAll, openPair, START } from '../support/pair.ts';
import { instruction } from '../support/rows.ts';
import { trialLog } from '../support/trial-log.ts';

let root: string;
let folders = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'crash-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A process that dies at one step, counted over both logs' writes (before and after each) and the hooks. */
class Mortal {
  steps = 0;
  dead = false;
  readonly diesAt: number;
  armed = false;
  constructor(diesAt: number) {
    this.diesAt = diesAt;
  }
  live(): void {
    if (this.armed && ++this.steps === this.diesAt) this.dead = true;
    if (this.dead) throw new Error('the process is dead');
  }
  mortal(log: ChangeLog): ChangeLog {
    return {
      ...log,
      append: async (added, expected) => {
        this.live();
        await log.append(added, expected);
        this.live();
      },
      truncate: async (after) => {
        this.live();
        const dropped = await log.truncate(after);
        this.live();
        return dropped;
      },
    };
  }
}

const openLogs = (folder: string): { [name in CentreName]: ChangeLog } => ({
  primary: openSqliteLog({ file: `${folder}-primary.sqlite`, program: 'test' }),
  backup: openSqliteLog({ file: `${folder}-backup.sqlite`, program: 'test' }),
});
const openStores = async (logs: { [name in CentreName]: ChangeLog }) => {
  const clock = { now: () => START };
  const open = (name: CentreName) => openStore({ log: logs[name], blobs: new MemoryBlobs(), clock });
  return { primary: await open('primary'), backup: await open('backup') };
};
const numbers = (store: Store) => [...store.books.all('instruction')].map((row) => row.number).sort();

/** Runs a switch in a process that dies at a step; returns whether it survived the switch. */
async function crashAt(
  diesAt: number,
  mode: SwitchMode,
  lagMs: number,
): Promise<{ readonly outlived: boolean; readonly recovered: CentreName; readonly lost: number }> {
  const folder = join(root, String(++folders));
  const process = new Mortal(diesAt);
  const before = openLogs(folder);
  const acknowledged: string[] = [];
  const pair = await openPair({
    lagMs,
    logs: { primary: process.mortal(before.primary), backup: process.mortal(before.backup) },
    onStep: () => process.live(),
  });
  for (let i = 1; i <= 4; i++) {
    const number = `D0000000${i}`;
    const changes = [put('instruction', instruction(number)), put('counter', { name: 'instruction', next: i + 1 })];
    expect(await commitAll(pair.active(), ...changes)).toBe('done');
    acknowledged.push(number);
    await pair.clock.moveTo(pair.clock.now() + 40);
  }
  process.armed = true;
  await pair.switchover.switchTo('backup', mode).catch(() => undefined);
  const outlived = !process.dead;
  await pair.close();
  await before.primary.close();
  await before.backup.close();

  const after = openLogs(folder);
  const stores = await openStores(after);
  const recovery = await reconcile(stores);
  expect(stores.backup.books.digest()).toBe(stores.primary.books.digest());
  expect(stores.backup.head()).toEqual(stores.primary.head());
  expect(stores[recovery.active].leads()).toBe(true);
  const active = stores[recovery.active];
  if (lagMs === 0 || mode === 'drain') {
    expect(numbers(active)).toEqual(acknowledged);
    expect(recovery.lost).toEqual([]);
  } else {
    const reported = recovery.lost.map(({ key }) => key);
    const dropped = acknowledged.filter((number) => !numbers(active).includes(number));
    // Commits that the dying process had rewound are in its own count already.
    if (reported.length > 0) expect(reported).toEqual(dropped);
    expect(dropped.length === 0 || recovery.active === 'backup').toBe(true);
  }
  expect(active.books.counter('instruction')).toBe(5);
  expect(await commitAll(active, put('instruction', instruction('D00000009')))).toBe('done');
  const again = await reconcile(await openStores(after));
  expect(again).toMatchObject({ active: recovery.active, epoch: recovery.epoch, rewound: null });
  await after.primary.close();
  await after.backup.close();
  return { outlived, recovered: recovery.active, lost: recovery.lost.length };
}

describe('a crash at any step of a switch', () => {
  for (const mode of ['drain', 'cut'] as const) {
    for (const lagMs of [0, 100]) {
      test(`${mode}, lag ${lagMs}: after recovery both books are equal, and nothing safe is missing`, async () => {
        const ends: Awaited<ReturnType<typeof crashAt>>[] = [];
        do ends.push(await crashAt(ends.length + 1, mode, lagMs));
        while (!ends.at(-1)?.outlived);
        // Not every crash came too early to matter.
        expect(new Set(ends.map(({ recovered }) => recovered))).toEqual(new Set(['primary', 'backup']));
        expect(ends.some(({ lost }) => lost > 0)).toBe(mode === 'cut' && lagMs > 0);
      });
    }
  }
});

describe('reconciling', () => {
  const fresh = () => openStores({ primary: trialLog(), backup: trialLog() });

  test('two empty logs opens epoch 1 at the first centre, in both logs', async () => {
    const stores = await fresh();
    expect(await reconcile(stores)).toEqual({
      active: 'primary',
      epoch: 1,
      shipped: 1,
      rewound: null,
      lost: [],
      lostBatches: [],
    });
    expect(stores.backup.head()).toEqual({ epoch: 1, index: 1 });
    const others = await fresh();
    expect((await reconcile(others, { first: 'backup' })).active).toBe('backup');
    expect(others.backup.leads()).toBe(true);
    expect(others.primary.leads()).toBe(false);
  });

  test('an empty log, such as after a disk was replaced, is filled from the other, whichever is active', async () => {
    const stores = await fresh();
    await reconcile(stores);
    await commitAll(stores.primary, put('instruction', instruction('D00000001')));
    await stores.primary.fence();
    await reconcile(stores);
    const clock = { now: () => START };
    const primary = await openStore({ log: trialLog(), blobs: new MemoryBlobs(), clock });
    await stores.primary.fence();
    const recovery = await reconcile({ primary, backup: stores.backup });
    expect(recovery).toMatchObject({ active: 'primary', shipped: 2, rewound: null });
    expect(primary.books.digest()).toBe(stores.backup.books.digest());
    expect(primary.leads()).toBe(true);
  });

  test('names what a cut had dropped before the crash', async () => {
    const stores = await fresh();
    await reconcile(stores);
    await commitAll(stores.primary, put('instruction', instruction('D00000001')));
    await stores.primary.fence();
    await stores.backup.openEpoch(2, 'backup');
    await stores.backup.fence();
    const recovery = await reconcile(stores);
    expect(recovery).toMatchObject({ active: 'backup', epoch: 2, shipped: 1, rewound: 'primary' });
    expect(recovery.lost).toMatchObject([{ epoch: 1, index: 2, table: 'instruction', key: 'D00000001' }]);
    expect(stores.primary.books.digest()).toBe(stores.backup.books.digest());
  });

  test('two logs with nothing in common are refused, and neither is touched', async () => {
    const [one, two] = [await fresh(), await fresh()];
    await reconcile(one);
    await two.backup.openEpoch(7, 'backup');
    await two.backup.fence();
    await one.primary.fence();
    const mixed = { primary: one.primary, backup: two.backup };
    await expect(reconcile(mixed)).rejects.toThrow('no commit in common');
    expect(one.primary.head()).toEqual({ epoch: 1, index: 1 });
    expect(two.backup.head()).toEqual({ epoch: 7, index: 1 });
  });

  test('a long backlog is copied in steps', async () => {
    const stores = await fresh();
    await stores.primary.openEpoch(1, 'primary');
    await stores.primary.fence();
    await stores.primary.applyCommits(commits(150, 2));
    expect((await reconcile(stores)).shipped).toBe(151);
    expect(stores.backup.books.digest()).toBe(stores.primary.books.digest());
  });
});
