import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRefusal, type Refusal } from '../../../src/domain/refusal.ts';
import { type ClockMoved, createClock, type TestClock } from '../../../src/testbed/clock/clock.ts';

/** A command counts from the instant at which it arrives (semantics of the clock), however late its turn comes. */

const START = Date.UTC(2021, 6, 26, 1, 0);
const RATE = 100_000;
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const wall = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A clock whose alarms, one for each hour, take 200 ms of wall time: more than its rate leaves them. */
function overloaded(): { clock: TestClock; rang: number[] } {
  const clock = createClock({ at: START, mode: 'running', rate: RATE });
  const rang: number[] = [];
  const hourly = async (at: number) => {
    rang.push((at - START) / HOUR);
    await wall(200);
    clock.at(at + HOUR, 'hourly', hourly);
  };
  clock.at(START + HOUR, 'hourly', hourly);
  return { clock, rang };
}

/** Lets wall time pass in steps of 50 ms until the answer is there, and checks that market time never passes `limit`. */
async function answerOf<T>(clock: TestClock, answer: Promise<T>, limit: number): Promise<Exclude<T, Refusal>> {
  let isDone = false;
  void answer.finally(() => {
    isDone = true;
  });
  for (let step = 0; !isDone; step++) {
    if (step === 10_000) throw new Error('no answer within 500 s');
    await vi.advanceTimersByTimeAsync(isDone ? 0 : 50);
    if (!isDone) expect(clock.now()).toBeLessThanOrEqual(limit);
  }
  const value = await answer;
  if (isRefusal(value)) throw new Error(value.detail.en);
  return value as Exclude<T, Refusal>;
}

describe('a command counts from the instant at which it arrives, while alarms hold the clock back', () => {
  test('freeze: alarms that are due by then ring first, none of the time after it, and behindMs says how far the clock was behind', async () => {
    const { clock, rang } = overloaded();
    await vi.advanceTimersByTimeAsync(136);
    const from = START + 136 * RATE;
    expect(clock.now()).toBe(START + HOUR);
    const { at, mode, behindMs, fired } = await answerOf(clock, clock.freeze(), from);
    expect({ at, mode, behindMs }).toEqual({ at: from, mode: 'frozen', behindMs: from - START - HOUR });
    expect(rang).toEqual([1, 2, 3]);
    expect(fired).toEqual([2, 3].map((hours) => ({ at: START + hours * HOUR, name: 'hourly' })));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(clock.read()).toEqual({ at: from, mode: 'frozen', rate: RATE });
  });

  test('rate: the new one counts from there, once what is due by then has rung', async () => {
    const { clock, rang } = overloaded();
    await vi.advanceTimersByTimeAsync(136);
    const from = START + 136 * RATE;
    const { at, mode, rate, behindMs } = await answerOf(clock, clock.run(1), from);
    expect({ mode, rate, behindMs }).toEqual({ mode: 'running', rate: 1, behindMs: from - START - HOUR });
    expect(at - from).toBeLessThan(50);
    expect(rang).toEqual([1, 2, 3]);
    const before = clock.now();
    await vi.advanceTimersByTimeAsync(10);
    expect(clock.now()).toBe(before + 10);
  });

  test('set: to that instant and no later; an earlier one is refused by what the time was as it arrived (CLOCK_BACKWARDS)', async () => {
    const { clock, rang } = overloaded();
    await vi.advanceTimersByTimeAsync(136);
    const from = START + 136 * RATE;
    expect(await clock.moveTo(from - 1)).toMatchObject({ refusal: 'CLOCK_BACKWARDS' });
    const to = START + 5 * HOUR;
    const { at, mode, fired } = await answerOf(clock, clock.moveTo(to), to);
    expect([mode, rang]).toEqual(['running', [1, 2, 3, 4, 5]]);
    expect(at - to).toBeLessThan(50 * RATE);
    expect(fired.map((alarm) => alarm.at - START)).toEqual([2, 3, 4, 5].map((hours) => hours * HOUR));
  });

  test('advance: by so much from there, never refused for what the clock has yet to catch up with', async () => {
    const { clock } = overloaded();
    await vi.advanceTimersByTimeAsync(136);
    const from = START + 136 * RATE;
    expect(clock.now() + 1_000).toBeLessThan(from);
    const moved = await answerOf(
      clock,
      clock.moveTo((at) => at + 1_000),
      from + 1_000,
    );
    expect(moved.fired.map((alarm) => alarm.at - START)).toEqual([2 * HOUR, 3 * HOUR]);
  });

  test('one that arrives while another is under way counts from where that one ends', async () => {
    const { clock, rang } = overloaded();
    await vi.advanceTimersByTimeAsync(50);
    const from = START + 50 * RATE;
    const [frozen, first, second] = await answerOf(
      clock,
      Promise.all([
        clock.freeze(),
        clock.moveTo((at) => at + HOUR),
        clock.moveTo((at) => at + HOUR),
      ] as Promise<ClockMoved>[]),
      from + 2 * HOUR,
    );
    expect([frozen?.at, first?.at, second?.at]).toEqual([from, from + HOUR, from + 2 * HOUR]);
    expect(rang).toEqual([1, 2, 3]);
  });

  test('a command waits for the work in progress as it arrived, and for none that came later', async () => {
    let begun = 0;
    const underWay = () => {
      begun++;
      return () => wall(10);
    };
    const clock = createClock({ at: START, mode: 'running', rate: RATE, underWay });
    for (let minute = 1; minute <= 600; minute++) clock.at(START + minute * 60_000, 'minute', () => {});
    await vi.advanceTimersByTimeAsync(100);
    const from = START + 100 * RATE;
    const before = begun;
    const { at, fired } = await answerOf(clock, clock.freeze(), from);
    expect(at).toBe(from);
    expect(fired.length).toBeGreaterThan(50);
    expect(begun).toBe(before + 1);
  });
});

test('a running clock that cannot keep up slows down: after an hour it is no further behind than a second of its rate and one alarm', async () => {
  const { clock } = overloaded();
  await vi.advanceTimersByTimeAsync(HOUR);
  const freeze = clock.freeze();
  await vi.advanceTimersByTimeAsync(60_000);
  const { behindMs } = await freeze;
  expect(behindMs).toBeGreaterThan(0);
  expect(behindMs).toBeLessThanOrEqual(1_000 * RATE + 200 * RATE);
});
