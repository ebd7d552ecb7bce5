import { afterEach, describe, expect, test } from 'vitest';
import { put, remove } from '../../src/domain/change.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { Store } from '../../src/store/store.ts';
import { commitAll, openPair, type Pair, type PairOptions, START, switched, trialLogs } from '../support/pair.ts';
import { batch, instruction, user } from '../support/rows.ts';
import { diskFull } from '../support/trial-log.ts';

const pairs: Pair[] = [];
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});
async function open(options: PairOptions = {}): Promise<Pair> {
  const pair = await openPair(options);
  pairs.push(pair);
  return pair;
}
function input(store: Store): Promise<string | Refusal> {
  return store.transact((books) => {
    const next = books.counter('instruction');
    const number = `D${String(next).padStart(8, '0')}`;
    const changes = [put('instruction', instruction(number)), put('counter', { name: 'instruction', next: next + 1 })];
    return { changes, answer: number };
  });
}
function expectEqual({ stores }: Pair): void {
  expect(stores.backup.books.digest()).toBe(stores.primary.books.digest());
  expect(stores.backup.head()).toEqual(stores.primary.head());
}

describe('a drain', () => {
  test('takes the steps in order, ships the commits that waited for the lag, and loses nothing', async () => {
    const pair = await open({ lagMs: 60_000 });
    for (let i = 0; i < 3; i++) await input(pair.active());
    expect(pair.standby().head().index).toBe(1);
    const report = await switched(pair.switchover.switchTo('backup', 'drain'));
    expect(report).toEqual({
      from: 'primary',
      to: 'backup',
      mode: 'drain',
      epoch: 2,
      at: START,
      shipped: 3,
      lost: [],
      lostBatches: [],
    });
    expect(pair.steps).toEqual([
      'primary stopAdmitting',
      'primary finishRequests',
      'primary pauseBatches',
      'line backup',
      'primary dropConnections drain',
      'primary endSessions',
      'backup resume',
    ]);
    expect(pair.notes.map(({ kind, centre }) => `${kind} ${centre}`)).toEqual(['switch backup']);
    expect(pair.stores.backup.books.size('instruction')).toBe(3);
    expectEqual(pair);
    expect(await input(pair.stores.primary)).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect(await input(pair.stores.backup)).toBe('D00000004');
  });

  test('waits for requests under way: what they acknowledged is in the books', async () => {
    const answers: unknown[] = [];
    const pair: Pair = await open({
      lagMs: 60_000,
      onStep: async (step) => {
        if (step === 'primary finishRequests') answers.push(await input(pair.stores.primary));
      },
    });
    expect((await switched(pair.switchover.switchTo('backup', 'drain'))).shipped).toBe(1);
    expect(answers).toEqual(['D00000001']);
    expectEqual(pair);
  });

  test('that cannot ship is abandoned: the old centre stays active, and the next try succeeds', async () => {
    const logs = trialLogs();
    const pair = await open({ lagMs: 60_000, logs });
    await input(pair.active());
    logs.backup.fail(diskFull());
    expect(await pair.switchover.switchTo('backup', 'drain')).toMatchObject({ refusal: 'STORAGE_FULL' });
    expect(pair.switchover.active()).toBe('primary');
    expect(pair.switchover.isSwitching()).toBe(false);
    expect(pair.steps).not.toContain('line backup');
    expect(pair.steps.at(-1)).toBe('primary resume');
    expect(await input(pair.active())).toBe('D00000002');
    expect((await switched(pair.switchover.switchTo('backup', 'drain'))).shipped).toBe(2);
    expectEqual(pair);
  });

  test('that fails before anything is fenced is abandoned too', async () => {
    let broken = true;
    const pair = await open({
      onStep: (step) => {
        if (broken && step === 'primary finishRequests') throw new Error('a request will not end');
      },
    });
    await expect(pair.switchover.switchTo('backup', 'drain')).rejects.toThrow('will not end');
    expect(await input(pair.active())).toBe('D00000001');
    expectEqual(pair);
    broken = false;
    await switched(pair.switchover.switchTo('backup', 'drain'));
  });

  test('a failing hook after the switch is journalled, and the other hooks still run', async () => {
    const pair = await open({
      onStep: (step) => {
        if (step === 'backup resume') throw new Error('run failed');
      },
    });
    await switched(pair.switchover.switchTo('backup', 'drain'));
    expect(pair.notes.find(({ kind }) => kind === 'error')?.detail).toEqual({
      what: 'resume',
      says: 'Error: run failed',
    });
    expect(await input(pair.active())).toBe('D00000001');
    expectEqual(pair);
  });
});

describe('a cut', () => {
  test('loses what was not shipped, reports exactly what, and uses no number twice', async () => {
    const pair = await open({ lagMs: 1_000 });
    await pair.clock.moveTo(START + 1_000);
    await input(pair.active());
    await pair.clock.moveTo(START + 1_500);
    await input(pair.active());
    await commitAll(pair.active(), remove('instruction', 'D00000001'));
    await commitAll(pair.active(), put('user', user('B09901', 'MAKER1')), put('batch', batch('U00000000007')));
    await pair.clock.moveTo(START + 2_000);
    const report = await switched(pair.switchover.switchTo('backup', 'cut'));
    const at = START + 1_500;
    const { passwordHash, ...shown } = user('B09901', 'MAKER1');
    expect(report).toEqual({
      from: 'primary',
      to: 'backup',
      mode: 'cut',
      epoch: 2,
      at: START + 2_000,
      shipped: 0,
      lost: [
        { epoch: 1, index: 3, at, table: 'instruction', key: 'D00000002', row: instruction('D00000002') },
        { epoch: 1, index: 4, at, table: 'instruction', key: 'D00000001', row: null },
        { epoch: 1, index: 5, at, table: 'user', key: 'B09901/MAKER1', row: shown },
        { epoch: 1, index: 5, at, table: 'batch', key: 'U00000000007', row: batch('U00000000007') },
      ],
      lostBatches: ['U00000000007'],
    });
    expect(pair.steps).toEqual([
      'primary stopAdmitting',
      'line backup',
      'primary dropConnections cut',
      'primary endSessions',
      'primary pauseBatches',
      'backup resume',
    ]);
    expect(pair.notes.map(({ kind }) => kind)).toEqual(['switch', 'loss', 'loss']);
    expect(JSON.stringify(pair.notes)).not.toContain(passwordHash);
    expect(pair.notes[0]?.detail).toMatchObject({ lost: { changes: 4, batches: 1, instructions: 1 } });
    const { participant, user: input_, reference } = instruction('D00000002');
    const content = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(pair.notes.slice(1)).toMatchObject([
      { participant, user: input_, detail: { what: 'instruction', id: 'D00000002', reference, content } },
      { participant: batch('U00000000007').participant, detail: { what: 'batch', id: 'U00000000007' } },
    ]);
    expectEqual(pair);
    expect([...pair.active().books.all('instruction')].map((row) => row.number)).toEqual(['D00000001']);
    expect(await input(pair.active())).toBe('D00000003');
  });

  test('without lag loses only what was never acknowledged', async () => {
    const logs = trialLogs();
    const pair = await open({ logs });
    await input(pair.active());
    logs.backup.hold();
    const shipping = input(pair.active());
    await logs.backup.held();
    const waiting = input(pair.active());
    while (pair.stores.primary.head().index < 4) await new Promise((resolve) => setImmediate(resolve));
    const queued = input(pair.active());
    const cut = switched(pair.switchover.switchTo('backup', 'cut'));
    logs.backup.letGo();
    expect(await shipping).toBe('D00000002');
    expect(await waiting).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect(await queued).toMatchObject({ refusal: 'CENTRE_STANDBY' });
    expect((await cut).lost.map(({ key }) => key)).toEqual(['D00000003']);
    expectEqual(pair);
    expect([...pair.active().books.all('instruction')].map((row) => row.number)).toEqual(['D00000001', 'D00000002']);
    expect(await input(pair.active())).toBe('D00000004');
  });

  test('to a centre that cannot write is abandoned, and nothing is lost', async () => {
    const logs = trialLogs();
    const pair = await open({ lagMs: 1_000, logs });
    await input(pair.active());
    logs.backup.fail(diskFull());
    expect(await pair.switchover.switchTo('backup', 'cut')).toMatchObject({ refusal: 'STORAGE_FULL' });
    expect(pair.switchover.active()).toBe('primary');
    expect(await input(pair.active())).toBe('D00000002');
    await switched(pair.switchover.switchTo('backup', 'drain'));
    expectEqual(pair);
    expect(pair.active().books.size('instruction')).toBe(2);
  });

  test('whose old centre cannot rewind leaves it without replication; the next switch resyncs it first', async () => {
    const logs = trialLogs();
    const pair = await open({ lagMs: 1_000, logs });
    await input(pair.active());
    const truncate = logs.primary.truncate;
    logs.primary.truncate = () => Promise.reject(new Error('read-only file system'));
    await switched(pair.switchover.switchTo('backup', 'cut'));
    expect(pair.switchover.replication()).toBeUndefined();
    expect(pair.notes.at(-1)?.detail).toEqual({ what: 'replication', says: 'Error: read-only file system' });
    expect(await input(pair.active())).toBe('D00000002');
    await expect(pair.switchover.switchTo('primary', 'cut')).rejects.toThrow('read-only');
    expect(await input(pair.active())).toBe('D00000003');
    logs.primary.truncate = truncate;
    const report = await switched(pair.switchover.switchTo('primary', 'drain'));
    expect(report.lost).toEqual([]);
    expectEqual(pair);
    expect([...pair.active().books.all('instruction')].map((row) => row.number)).toEqual(['D00000002', 'D00000003']);
  });

  test('back and forth at once, with nothing shipped in between, leaves the books equal', async () => {
    const pair = await open({ lagMs: 1_000 });
    await input(pair.active());
    await switched(pair.switchover.switchTo('backup', 'cut'));
    const back = await switched(pair.switchover.switchTo('primary', 'cut'));
    expect(back).toMatchObject({ epoch: 3, lost: [] });
    expectEqual(pair);
    expect(await input(pair.active())).toBe('D00000002');
  });
});

describe('a switch', () => {
  test('to the active centre, and a second one at the same time, are refused (ALREADY_ACTIVE, SWITCH_UNDER_WAY)', async () => {
    const pair = await open();
    expect(await pair.switchover.switchTo('primary', 'drain')).toMatchObject({ refusal: 'ALREADY_ACTIVE' });
    const first = pair.switchover.switchTo('backup', 'drain');
    expect(pair.switchover.isSwitching()).toBe(true);
    expect(await pair.switchover.switchTo('primary', 'cut')).toMatchObject({ refusal: 'SWITCH_UNDER_WAY' });
    await switched(first);
    expect(pair.switchover.active()).toBe('backup');
  });

  test('keeps the lag, which can change at any time', async () => {
    const pair = await open({ lagMs: 1_000 });
    await switched(pair.switchover.switchTo('backup', 'drain'));
    expect(pair.switchover.lagMs()).toBe(1_000);
    await input(pair.active());
    expect(pair.switchover.replication()?.behind()).toHaveLength(1);
    await pair.switchover.setLag(0);
    expectEqual(pair);
    await input(pair.active());
    expectEqual(pair);
  });

  test('started by an alarm of the clock does not wait for the clock', async () => {
    const pair = await open({ lagMs: 1_000 });
    await input(pair.active());
    pair.clock.at(START + 500, 'switch', async () => {
      await switched(pair.switchover.switchTo('backup', 'drain'));
    });
    await pair.clock.moveTo(START + 5_000);
    expect(pair.switchover.active()).toBe('backup');
    expectEqual(pair);
  });
});
