import { afterEach, describe, expect, test } from 'vitest';
import { type Change, put } from '../../src/domain/change.ts';
import { type Replication, startReplication } from '../../src/failover/replication.ts';
import { MemoryBlobs } from '../../src/store/blobs/memory-blobs.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createClock, type TestClock } from '../../src/testbed/clock/clock.ts';
import { batch, instruction, rapFile, report } from '../support/rows.ts';
import { diskFull, type TrialLog, trialLog } from '../support/trial-log.ts';

const START = 1_000_000;

interface Trial {
  readonly clock: TestClock;
  readonly active: Store;
  readonly standby: Store;
  readonly log: TrialLog;
  readonly replication: Replication;
  readonly errors: unknown[];
}
const clocks: TestClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock.stop();
});

async function start(lagMs: number, before: (active: Store) => Promise<unknown> = async () => {}): Promise<Trial> {
  const errors: unknown[] = [];
  const clock = createClock({ at: START, mode: 'frozen', onError: (error) => errors.push(error) });
  clocks.push(clock);
  const log = trialLog();
  const active = await openStore({ log: trialLog(), blobs: new MemoryBlobs(), clock });
  const standby = await openStore({ log, blobs: new MemoryBlobs(), clock });
  await active.openEpoch(1, 'primary');
  await before(active);
  const replication = await startReplication({
    from: active,
    to: standby,
    clock,
    lagMs,
    toName: 'backup',
    onError: (error) => errors.push(error),
  });
  return { clock, active, standby, log, replication, errors };
}
const commitAll = (store: Store, ...changes: Change[]) => store.transact(() => ({ changes, answer: 'done' }));
const si = (n: number) => put('instruction', instruction(`D${String(n).padStart(8, '0')}`));
async function* bytes(text: string) {
  yield Buffer.from(text);
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('replication without lag', () => {
  test('an empty commit waits for both logs as any commit does, and changes neither', async () => {
    const { active, standby, log } = await start(0);
    const before = [active.head(), standby.head()];
    log.appends.length = 0;
    log.hold();
    let isOver = false;
    const nothing = active.commitNothing().then(() => {
      isOver = true;
    });
    await log.held();
    for (let i = 0; i < 5; i++) await turn();
    expect(isOver).toBe(false);
    log.letGo();
    await nothing;
    expect(log.appends).toEqual([[]]);
    expect([active.head(), standby.head()]).toEqual(before);
  });

  test('ships a change to the standby before acknowledging it', async () => {
    const { active, standby, log } = await start(0);
    log.hold();
    let answered = false;
    const answer = commitAll(active, si(1)).then(() => {
      answered = true;
    });
    await log.held();
    for (let i = 0; i < 5; i++) await turn();
    expect(active.head().index).toBe(2);
    expect(answered).toBe(false);
    log.letGo();
    await answer;
    expect(standby.head()).toEqual(active.head());
    expect(standby.books.digest()).toBe(active.books.digest());
  });

  test('keeps undo rows only for commits that are behind: a rewind past them reads the log', async () => {
    const { active, replication } = await start(0);
    await commitAll(active, si(1));
    let reads = 0;
    const since = active.since.bind(active);
    active.since = (index) => {
      reads++;
      return since(index);
    };
    await active.fence();
    await replication.stop();
    await active.rewind(1);
    expect(reads).toBe(1);
    expect(active.books.size('instruction')).toBe(0);
  });

  test('begins with the commits that the standby lacks at the start', async () => {
    const { active, standby, replication } = await start(0, (store) => commitAll(store, si(1)));
    expect(standby.head()).toEqual(active.head());
    expect(replication.behind()).toEqual([]);
  });

  test('a failing standby does not block the active centre; it is reported once and catches up', async () => {
    const { active, standby, log, replication, errors } = await start(0);
    log.fail(diskFull());
    log.fail(diskFull());
    expect(await commitAll(active, si(1))).toBe('done');
    expect(await commitAll(active, si(2))).toBe('done');
    expect(errors).toHaveLength(1);
    expect(replication.behind().map(({ index }) => index)).toEqual([2, 3]);
    expect(await commitAll(active, si(3))).toBe('done');
    expect(replication.behind()).toEqual([]);
    expect(standby.books.digest()).toBe(active.books.digest());
    log.fail(diskFull());
    await commitAll(active, si(4));
    expect(errors).toHaveLength(2);
  });

  test('when it stops, a change that waits for the standby is never acknowledged (CENTRE_STANDBY)', async () => {
    const { active, standby, log, replication } = await start(0);
    log.hold();
    const first = commitAll(active, si(1));
    await log.held();
    const second = commitAll(active, si(2));
    while (active.head().index < 3) await turn();
    await active.fence();
    const stopped = replication.stop();
    log.letGo();
    await stopped;
    expect(await first).toBe('done');
    expect(await second).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect(replication.behind().map(({ index }) => index)).toEqual([3]);
    expect(standby.head().index).toBe(2);
  });
});

describe('replication with lag', () => {
  test('ships each commit when the lag has passed since it, in market time', async () => {
    const { clock, active, standby, replication } = await start(1_000);
    await clock.moveTo(START + 1_000);
    for (const n of [1, 2, 3]) {
      await commitAll(active, si(n));
      await clock.moveTo(clock.now() + 100);
    }
    expect(replication.behind().map(({ index }) => index)).toEqual([2, 3, 4]);
    await clock.moveTo(START + 1_999);
    expect(standby.head().index).toBe(1);
    await clock.moveTo(START + 2_000);
    expect(standby.head().index).toBe(2);
    await clock.moveTo(START + 2_100);
    expect(standby.head().index).toBe(3);
    const answer = await clock.moveTo(START + 9_000);
    expect(answer).toMatchObject({ fired: [{ at: START + 9_000, name: 'replication to backup' }] });
    expect(replication.behind()).toEqual([]);
    expect(standby.books.digest()).toBe(active.books.digest());
  });

  test('ships all that is due by an instant before other alarms of that instant', async () => {
    const { clock, active, standby } = await start(1_000);
    let shipped = 0;
    clock.at(START + 1_000, 'cut', () => {
      shipped = standby.head().index;
    });
    await commitAll(active, si(1));
    await clock.moveTo(START + 1_000);
    expect(shipped).toBe(active.head().index);
  });

  test('a client that commits at each step of the standby does not prolong a move of the clock', async () => {
    const { clock, active, standby, log } = await start(1);
    let commits = 0;
    const append = log.append.bind(log);
    let answered: Promise<unknown> = Promise.resolve();
    log.append = async (...given) => {
      await append(...given);
      answered = commitAll(active, si(++commits));
      await answered;
    };
    const day = 86_400_000;
    for (const [place, hour] of [8, 10, 12].entries())
      clock.at(START + hour * 3_600_000, `event ${place}`, () => answered.then(() => undefined));
    await clock.moveTo(START + day);
    expect(commits).toBe(4);
    const at = new Map([...active.books.all('instruction')].map((row) => [row.number, row.inputAt]));
    expect(at.size).toBe(4);
    await clock.moveTo(START + day + 1);
    expect(standby.head().index).toBe(active.head().index - 1);
  });

  test('shipAll ships everything, whatever the clock says', async () => {
    const { active, standby, replication } = await start(1_000);
    await commitAll(active, si(1));
    expect(await replication.shipAll()).toBe(2);
    expect(standby.head()).toEqual(active.head());
    expect(await replication.shipAll()).toBe(0);
  });

  test('a new lag applies to waiting commits too', async () => {
    const { clock, active, standby, replication } = await start(1_000);
    await clock.moveTo(START + 1_000);
    await commitAll(active, si(1));
    await replication.setLag(5_000);
    await clock.moveTo(START + 3_000);
    expect(standby.head().index).toBe(1);
    await replication.setLag(3_000);
    await clock.moveTo(START + 4_000);
    expect(standby.head().index).toBe(2);
    await commitAll(active, si(2));
    await replication.setLag(0);
    expect(standby.head().index).toBe(3);
    await commitAll(active, si(3));
    expect(standby.head().index).toBe(4);
    expect(replication.lagMs()).toBe(0);
  });

  test('a failing standby is reported and retried later, without blocking the clock', async () => {
    const { clock, active, standby, log, errors } = await start(10);
    await clock.moveTo(START + 100);
    await commitAll(active, si(1));
    log.fail(diskFull());
    await clock.moveTo(START + 500);
    expect(errors).toHaveLength(1);
    await clock.moveTo(START + 1_499);
    expect(standby.head().index).toBe(1);
    await clock.moveTo(START + 1_500);
    expect(standby.head()).toEqual(active.head());
  });

  test('shipAll rejects if the standby fails, and the commits stay behind', async () => {
    const { active, log, replication } = await start(1_000);
    await commitAll(active, si(1));
    log.fail(diskFull());
    await expect(replication.shipAll()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(replication.behind().map(({ index }) => index)).toEqual([1, 2]);
    expect(await replication.shipAll()).toBe(2);
  });

  test('ships nothing after a stop', async () => {
    const { clock, active, standby, replication } = await start(1_000);
    await commitAll(active, si(1));
    await replication.stop();
    await clock.moveTo(START + 9_000);
    expect(standby.head().index).toBe(0);
    expect(replication.behind()).toHaveLength(2);
  });

  test('a large backlog goes in bounded steps', async () => {
    const rows = Array.from({ length: 4_000 }, (_, i) => si(i + 1));
    const { active, log, replication } = await start(1_000);
    for (let i = 0; i < 5; i++) await commitAll(active, ...rows);
    log.appends.length = 0;
    await replication.shipAll();
    expect(log.appends.map((commits) => commits.length)).toEqual([3, 2, 1]);
  });
});

describe('blobs', () => {
  test('are at the standby before the change that names them', async () => {
    const { active, standby, log } = await start(0);
    const file = await active.blobs.put(bytes('a batch file'));
    const control = await active.blobs.put(bytes('its control report'));
    const zip = await active.blobs.put(bytes('a RAP file'));
    const there: boolean[] = [];
    const append = log.append;
    log.append = async (commits, expected) => {
      for (const { sha256 } of [file, control, zip]) there.push(await standby.blobs.has(sha256));
      return append(commits, expected);
    };
    await commitAll(
      active,
      put('batch', batch('U00000000001', file)),
      put('report', report('R00000001', control)),
      put('rapFile', rapFile('F01', zip)),
    );
    expect(there).toEqual([true, true, true]);
  });

  test('a change that names a missing blob is a bug: it is not shipped, and an error says so', async () => {
    const { active, standby } = await start(0);
    const lost = put('batch', batch('U00000000001', { sha256: 'f'.repeat(64) }));
    await expect(commitAll(active, lost)).rejects.toThrow(`names blob ${'f'.repeat(64)}`);
    expect(standby.head().index).toBe(1);
  });

  test('with lag that bug reaches the clock, which goes on', async () => {
    const { clock, active, errors } = await start(10);
    await clock.moveTo(START + 10);
    await commitAll(active, put('report', report('R00000001', { sha256: 'e'.repeat(64) })));
    await clock.moveTo(START + 100);
    expect(errors.map(String)).toEqual([expect.stringContaining('MissingBlob')]);
  });
});
