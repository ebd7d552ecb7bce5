import { beforeAll, describe, expect, test } from 'vitest';
import { formatHkt, instant } from '../../../src/domain/calendar/calendar.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { type Fixtures, loadFixtures } from '../../../src/loading/loading.ts';
import { type MarketDayOptions, startMarketDay } from '../../../src/service/day/alarms.ts';
import { createClock } from '../../../src/testbed/clock/clock.ts';

let saturday: Fixtures;
let always: Fixtures;
beforeAll(async () => {
  [saturday, always] = await Promise.all([loadFixtures({ rehearsal: '2021-07-24' }), loadFixtures({})]);
});

/** A market day on a frozen clock, and what it has done, with the time at which it did it. */
function day(days: Fixtures, from: string, overrides: Partial<MarketDayOptions> = {}) {
  const clock = createClock({ at: instant(from), mode: 'frozen' });
  const done: string[] = [];
  const note = (what: string) => void done.push(`${formatHkt(clock.now())} ${what}`);
  const marketDay = startMarketDay({
    days,
    clock,
    since: clock.now(),
    window: () => undefined,
    run: async ({ run, date, availableAt }) => note(`${run} ${date}, from ${formatHkt(availableAt)}`),
    marketRun: async () => undefined,
    riskRuns: async () => undefined,
    rollBack: async ({ to }) => note(`roll-back to ${formatHkt(to)}`),
    switchTo: async (centre) => note(`switch to ${centre}`),
    notice: async ({ kind }) => note(`notice ${kind}`),
    ...overrides,
  });
  const moveTo = async (to: string) => {
    const moved = await clock.moveTo(instant(to));
    if (isRefusal(moved)) throw new Error(moved.detail.en);
    return moved.fired.map(({ name }) => name);
  };
  return {
    clock,
    done,
    marketDay,
    moveTo,
    [Symbol.dispose]() {
      marketDay.stop();
      clock.stop();
    },
  };
}

describe('the circular’s Saturday', () => {
  test('scheduled: the switches with their notices, then the roll-back, and the statements from what it left', async () => {
    using it = day(saturday, '2021-07-24T16:25');
    const fired = await it.moveTo('2021-07-26T08:00');
    expect(it.done).toEqual([
      '2021-07-24 16:30 HKT switch to backup',
      '2021-07-24 16:30 HKT notice activation',
      '2021-07-24 20:30 HKT switch to primary',
      '2021-07-24 20:30 HKT notice notice',
      '2021-07-24 22:30 HKT roll-back to 2021-07-24 16:30 HKT',
      '2021-07-24 22:30 HKT ZSBAL01 2021-07-24, from 2021-07-26 08:00 HKT',
    ]);
    expect(fired.length).toBeGreaterThan(it.done.length);
    expect(fired).toEqual(expect.arrayContaining([expect.stringMatching(/opens/i), expect.stringMatching(/closes/i)]));
  });

  test('the same in one move or minute by minute', async () => {
    using leap = day(saturday, '2021-07-24T16:25');
    await leap.moveTo('2021-07-24T23:00');
    using walk = day(saturday, '2021-07-24T16:25');
    for (let at = instant('2021-07-24T16:25'); at < instant('2021-07-24T23:00'); at += 60_000)
      await walk.clock.moveTo(at);
    await walk.moveTo('2021-07-24T23:00');
    expect(walk.done).toEqual(leap.done);
  });

  test('one event that fails does not stop the others', async () => {
    const errors: string[] = [];
    using it = day(saturday, '2021-07-24T16:25', {
      switchTo: () => Promise.reject(new Error('no')),
      rollBack: () => {
        throw new Error('no');
      },
    });
    const warned = (warning: Error) => errors.push(warning.message);
    process.on('warning', warned);
    await it.moveTo('2021-07-24T23:00');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(it.done).toHaveLength(3);
    expect(errors).toHaveLength(3);
  });

  test('stopped, it does nothing more', async () => {
    using it = day(saturday, '2021-07-24T16:25');
    await it.moveTo('2021-07-24T17:00');
    it.marketDay.stop();
    await it.moveTo('2021-07-26T08:00');
    expect(it.done).toHaveLength(2);
  });
});

describe('the days that are like any other', () => {
  test('a statement on every business day and on no other, over a year end', async () => {
    using it = day(always, '2021-12-23T00:00');
    await it.moveTo('2022-01-04T23:59');
    const dates = it.done.flatMap((what) => /ZSBAL01 (\S+),/.exec(what)?.[1] ?? []);
    expect(dates).toEqual([
      '2021-12-23',
      '2021-12-24',
      '2021-12-28',
      '2021-12-29',
      '2021-12-30',
      '2021-12-31',
      '2022-01-03',
      '2022-01-04',
    ]);
  });

  test.each([
    ['2021-07-23T16:25', ['2021-07-22', '2021-07-23']],
    // On a day of the rehearsal the newest reports are held back.
    ['2021-07-24T16:25', ['2021-07-22', '2021-07-23']],
    ['2021-07-26T07:00', ['2021-07-23', '2021-07-24']],
  ])(
    'catching up from %s does what is due since the last reports that are there, and no more',
    async (start, dates) => {
      const runs: string[] = [];
      using it = day(saturday, start, { run: async ({ run, date }) => void runs.push(`${run} ${date}`) });
      await it.marketDay.catchUp();
      const daily = ['CRMMG01', 'CSEMA08', 'CFIPM01', 'CCNAN05', 'CSEMS08', 'ZSBAL01', 'ZSILS01', 'ZSMOV01'];
      const [before, last] = dates.map((date) => daily.map((id) => `${id} ${date}`));
      if (start.startsWith('2021-07-24')) expect(runs).toEqual([...(before ?? []), ...(last ?? [])]);
      else if (start.startsWith('2021-07-23')) expect(runs).toEqual([...(before ?? []), 'CRMMG01 2021-07-23']);
      else expect(runs).toEqual([...(before ?? []), 'ZSBAL01 2021-07-24']);
      await it.moveTo('2021-07-27T23:00');
      const soFar = runs.length;
      await it.marketDay.catchUp();
      // It calls for all of them again; the runs themselves check what is done.
      expect(runs.slice(soFar)).toEqual(runs.slice(0, soFar));
    },
  );
});
