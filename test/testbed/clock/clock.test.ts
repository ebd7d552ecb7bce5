import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { type Alarm, type ClockMoved, createClock, type TestClock } from '../../../src/testbed/clock/clock.ts';

const START = Date.UTC(2021, 6, 24, 8, 25);

function frozen(more: Partial<Parameters<typeof createClock>[0]> = {}): TestClock {
  return createClock({ at: START, mode: 'frozen', ...more });
}
async function moved(move: Promise<unknown>): Promise<ClockMoved> {
  const answer = await move;
  if (isRefusal(answer)) throw new Error(answer.detail.en);
  return answer as ClockMoved;
}

describe('a frozen clock', () => {
  test('does not run, and moves only forward (CLOCK_BACKWARDS)', async () => {
    const clock = frozen();
    expect(clock.read()).toEqual({ at: START, mode: 'frozen', rate: 1 });
    expect((await moved(clock.moveTo(START + 5))).at).toBe(START + 5);
    const back = await clock.moveTo(START + 4);
    expect(back).toMatchObject({ refusal: 'CLOCK_BACKWARDS' });
    expect(isRefusal(back) && back.detail).toEqual({
      en: 'It is already 2021-07-24 16:25:00 HKT. Name a later time, or restart the harness with --at.',
      zh: '市場時間已是 2021-07-24 16:25:00 HKT。請指定較後的時間，或以 --at 重新啟動。',
    });
    expect(clock.now()).toBe(START + 5);
  });

  test('rings alarms in order of time, then as set, each at its own time, awaiting each', async () => {
    const clock = frozen();
    const seen: string[] = [];
    const note = (name: string) => async (at: number) => {
      seen.push(`${name} begins at ${at - START}, now ${clock.now() - START}`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
    };
    clock.at(START + 20, 'late', note('late'));
    clock.at(START + 10, 'early', note('early'));
    clock.at(START + 10, 'early too', note('early too'));
    clock.at(START + 31, 'beyond', note('beyond'));
    const answer = await moved(clock.moveTo(START + 30));
    expect(seen).toEqual([
      'early begins at 10, now 10',
      'early ends',
      'early too begins at 10, now 10',
      'early too ends',
      'late begins at 20, now 20',
      'late ends',
    ]);
    expect(answer).toEqual({
      at: START + 30,
      mode: 'frozen',
      rate: 1,
      behindMs: 0,
      fired: [
        { at: START + 10, name: 'early' },
        { at: START + 10, name: 'early too' },
        { at: START + 20, name: 'late' },
      ],
    });
  });

  test('an alarm that an alarm sets for later in the same move rings in it', async () => {
    const clock = frozen();
    const rang: number[] = [];
    const every = (at: number) => {
      rang.push(at - START);
      clock.at(at + 10, 'every', every);
    };
    clock.at(START + 10, 'every', every);
    expect((await moved(clock.moveTo(START + 35))).fired.map(({ at }) => at - START)).toEqual([10, 20, 30]);
    expect(rang).toEqual([10, 20, 30]);
  });

  test('an alarm set in the past during a move rings in it, and time does not go back', async () => {
    const clock = frozen();
    clock.at(START + 20, 'sets', () => void clock.at(START + 3, 'past', () => {}));
    expect((await moved(clock.moveTo(START + 20))).fired).toEqual([
      { at: START + 20, name: 'sets' },
      { at: START + 20, name: 'past' },
    ]);
  });

  test('an alarm set in the past rings on the next turn, not at once', async () => {
    const clock = frozen();
    let rang: number | undefined;
    const ringing = new Promise<void>((resolve) => {
      clock.at(START - 5, 'past', (at) => {
        rang = at;
        resolve();
      });
    });
    expect(rang).toBeUndefined();
    await ringing;
    expect(rang).toBe(START);
    clock.stop();
  });

  test('a cancelled alarm does not ring, whether cancelled before or by an alarm of the same move', async () => {
    const clock = frozen();
    const alarms: Alarm[] = [];
    for (const name of ['a', 'b', 'c']) alarms.push(clock.at(START + alarms.length, name, () => alarms[2]?.cancel()));
    alarms[1]?.cancel();
    alarms[1]?.cancel();
    expect((await moved(clock.moveTo(START + 9))).fired.map(({ name }) => name)).toEqual(['a']);
  });

  test('an alarm that throws is reported; the others ring and the move ends', async () => {
    const errors: string[] = [];
    const clock = frozen({ onError: (error, alarm) => errors.push(`${alarm}: ${error}`) });
    clock.at(START + 1, 'throws', () => {
      throw new Error('one');
    });
    clock.at(START + 2, 'rejects', () => Promise.reject(new Error('two')));
    const rang = vi.fn();
    clock.at(START + 3, 'rings', rang);
    expect((await moved(clock.moveTo(START + 5))).at).toBe(START + 5);
    expect(errors).toEqual(['throws: Error: one', 'rejects: Error: two']);
    expect(rang).toHaveBeenCalledOnce();
    await moved(clock.moveTo(START + 6));
  });

  test('a move waits for work in progress at its start, before each alarm and before it ends', async () => {
    const seen: string[] = [];
    const underWay = () => {
      seen.push(`asked at ${clock.now() - START}`);
      return async () => void seen.push(`done at ${clock.now() - START}`);
    };
    const clock = frozen({ underWay });
    clock.at(START + 1, 'one', () => void seen.push('one'));
    clock.at(START + 2, 'two', () => void seen.push('two'));
    await moved(clock.moveTo(START + 3));
    expect(seen).toEqual(['asked at 0', 'done at 0', 'one', 'done at 1', 'two', 'done at 2']);
  });

  test('a move ends although each finished piece of work starts more', async () => {
    let [begun, finished] = [1, 0];
    const underWay = () => {
      const asked = begun;
      return async () => {
        // Each one that ends starts two more.
        for (; finished < asked; finished++) begun += 2;
      };
    };
    const clock = frozen({ underWay });
    for (let n = 1; n <= 1_000; n++) clock.at(START + n, 'alarm', () => {});
    expect((await moved(clock.moveTo(START + 1_000))).fired).toHaveLength(1_000);
    expect([begun, finished]).toEqual([3, 1]);
  });

  test('does not stop for a background alarm: it rings where time next stops, before the blocking alarm', async () => {
    const clock = frozen();
    const again = (at: number) => {
      clock.background(at + 1, 'background', again);
    };
    again(START);
    clock.at(START + 10, 'ten', () => {});
    clock.at(START + 20, 'twenty', () => {});
    clock.background(START + 31, 'beyond', () => {});
    const cancelled = clock.background(START + 2, 'cancelled', () => {});
    cancelled.cancel();
    const { fired } = await moved(clock.moveTo(START + 30));
    expect(fired.map(({ at, name }) => `${name} ${at - START}`)).toEqual([
      ...['background 10', 'ten 10', 'background 20', 'twenty 20', 'background 30'],
    ]);
  });

  test('no reader sees market time go back, not even between the last alarm and the end of a move', async () => {
    const clock = frozen();
    clock.at(START + 10, 'ten', () => {});
    const readings: number[] = [];
    let moving = true;
    const reading = (async () => {
      while (moving) {
        readings.push(clock.now());
        await null;
      }
    })();
    await clock.moveTo(START + 20);
    moving = false;
    await reading;
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
    expect(readings).toContain(START + 10);
  });

  test('concurrent moves run one after the other', async () => {
    const clock = frozen();
    const [first, second] = await Promise.all([moved(clock.moveTo(START + 10)), moved(clock.moveTo(START + 20))]);
    expect([first.at, second.at]).toEqual([START + 10, START + 20]);
  });

  test('rejects a bad instant and a bad rate', async () => {
    const clock = frozen();
    await expect(clock.moveTo(Number.NaN)).rejects.toThrow(RangeError);
    await expect(clock.moveTo(START + 0.5)).rejects.toThrow(RangeError);
    for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(clock.run(rate)).rejects.toThrow(RangeError);
    expect(() => frozen({ rate: 0 })).toThrow(RangeError);
  });

  test('a restart drops the alarms and goes back; a move in progress does not affect it', async () => {
    const clock = frozen();
    let letGo = () => {};
    const ringing = new Promise<void>((rings) => {
      clock.at(START + 10, 'slow', () => {
        rings();
        return new Promise<void>((resolve) => {
          letGo = resolve;
        });
      });
    });
    const rang = vi.fn();
    clock.at(START + 11, 'dropped', rang);
    const move = clock.moveTo(START + 20);
    await ringing;
    clock.restart({ at: START - 1000, mode: 'frozen', rate: 1 });
    expect(clock.now()).toBe(START - 1000);
    letGo();
    await move;
    expect(clock.now()).toBe(START - 1000);
    await moved(clock.moveTo(START + 30));
    expect(rang).not.toHaveBeenCalled();
  });

  test('after stop nothing rings and the clock stays readable', async () => {
    const clock = frozen();
    const rang = vi.fn();
    clock.at(START + 1, 'stops', () => clock.stop());
    clock.at(START + 2, 'later', rang);
    await clock.moveTo(START + 3);
    clock.at(START, 'after', rang);
    expect(clock.now()).toBe(START + 1);
    expect(rang).not.toHaveBeenCalled();
  });
});

describe('a running clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('follows wall time at its rate', async () => {
    const clock = createClock({ at: START, mode: 'running', rate: 60 });
    vi.setSystemTime(1_000_500);
    expect(clock.now()).toBe(START + 30_000);
    await clock.run(1);
    vi.setSystemTime(1_001_500);
    expect(clock.now()).toBe(START + 31_000);
    await clock.freeze();
    vi.setSystemTime(1_009_000);
    expect(clock.read()).toEqual({ at: START + 31_000, mode: 'frozen', rate: 1 });
  });

  test('starts at the wall time if given now', () => {
    expect(createClock({ at: 'now', mode: 'running' }).now()).toBe(1_000_000);
  });

  test('alarms ring at the wall time that the rate gives', async () => {
    const clock = createClock({ at: START, mode: 'running', rate: 10 });
    const rang: number[] = [];
    clock.at(START + 1_000, 'one', (at) => void rang.push(at - START));
    clock.at(START + 2_000, 'two', (at) => void rang.push(at - START));
    await vi.advanceTimersByTimeAsync(99);
    expect(rang).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(rang).toEqual([1_000]);
    await vi.advanceTimersByTimeAsync(100);
    expect(rang).toEqual([1_000, 2_000]);
  });

  test('a background alarm rings too, without waiting for work in progress', async () => {
    const never = () => new Promise<void>(() => {});
    const clock = createClock({ at: START, mode: 'running', underWay: () => never });
    const rang: string[] = [];
    clock.background(START + 10, 'background', (at) => void rang.push(`background ${at - START}`));
    clock.at(START + 20, 'waits', () => void rang.push('waits'));
    await vi.advanceTimersByTimeAsync(100);
    expect(rang).toEqual(['background 10']);
    clock.stop();
  });

  test('an alarm beyond the longest timer rings at its time', async () => {
    const clock = createClock({ at: START, mode: 'running' });
    const days = 40 * 86_400_000;
    const rang: number[] = [];
    clock.at(START + days, 'far', (at) => void rang.push(at));
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(rang).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(rang).toEqual([START + days]);
  });

  test('an alarm that throws kills neither the process nor the clock', async () => {
    const errors: unknown[] = [];
    const clock = createClock({
      at: START,
      mode: 'running',
      onError: (error) => {
        errors.push(error);
        throw error;
      },
    });
    const rang = vi.fn();
    clock.at(START + 1, 'throws', () => Promise.reject(new Error('no')));
    clock.at(START + 2, 'rings', rang);
    await vi.advanceTimersByTimeAsync(5);
    expect(errors).toHaveLength(1);
    expect(rang).toHaveBeenCalledOnce();
  });

  test('a slow alarm sees its own time, and alarms that became due meanwhile ring after it', async () => {
    const clock = createClock({ at: START, mode: 'running' });
    const seen: number[] = [];
    clock.at(START + 10, 'slow', async () => {
      seen.push(clock.now() - START);
      await new Promise((resolve) => setTimeout(resolve, 100));
      seen.push(clock.now() - START);
    });
    clock.at(START + 50, 'meanwhile', (at) => void seen.push(at - START));
    await vi.advanceTimersByTimeAsync(200);
    expect(seen.slice(0, 2)).toEqual([10, 10]);
    expect(seen[2]).toBeGreaterThanOrEqual(110);
    expect(clock.now()).toBe(START + 200);
  });

  test('moves ahead of wall time and runs on from there', async () => {
    const clock = createClock({ at: START, mode: 'running' });
    expect((await moved(clock.moveTo(START + 3_600_000))).mode).toBe('running');
    vi.setSystemTime(1_000_010);
    expect(clock.now()).toBe(START + 3_600_010);
  });

  test('goes on from its last value when the machine is set back', () => {
    const clock = createClock({ at: START, mode: 'running' });
    vi.setSystemTime(1_000_500);
    expect(clock.now()).toBe(START + 500);
    vi.setSystemTime(900_000);
    expect(clock.now()).toBe(START + 500);
    vi.setSystemTime(900_100);
    expect(clock.now()).toBe(START + 600);
  });

  test('freezing rings what is due, and after that alarms wait for a move', async () => {
    const clock = createClock({ at: START, mode: 'running' });
    const rang = vi.fn();
    clock.at(START + 10, 'due', rang);
    vi.setSystemTime(1_000_020);
    expect((await clock.freeze()).fired).toEqual([{ at: START + 20, name: 'due' }]);
    clock.at(START + 30, 'waits', rang);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(rang).toHaveBeenCalledOnce();
    const running = await clock.run(2);
    expect(running).toMatchObject({ at: START + 20, mode: 'running', rate: 2 });
    await vi.advanceTimersByTimeAsync(5);
    expect(rang).toHaveBeenCalledTimes(2);
  });
});
