import { formatHkt } from '../../domain/calendar/calendar.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { AlarmQueue, type Pending } from './alarm-queue.ts';
import { RunningTime } from './running-time.ts';

/**
 * Market time, and the only place that may read the machine's time or set a timer.
 * `running` follows wall time at `rate`; `frozen` does not move. Market time never goes back.
 */
export interface Clock {
  now(): Instant;
  /**
   * Sets a blocking alarm: it rings once when market time reaches `when` (on the next turn if that is past), and market
   * time stops there until `ring` is done. Alarms ring in order of time, then in the order in which they were set. An
   * alarm must not await a move of the clock: the move waits for the alarm.
   */
  at(when: Instant, name: string, ring: Ring): Alarm;
  /**
   * Sets a background alarm: market time does not stop for it. It rings at the next instant where time stops, at `when` or
   * later and before the blocking alarms of that instant, without waiting for work in progress. For what clients cause all
   * the time.
   */
  background(when: Instant, name: string, ring: Ring): Alarm;
  read(): ClockReading;
}

export type Ring = (at: Instant) => void | Promise<void>;

export interface Alarm {
  readonly when: Instant;
  readonly name: string;
  cancel(): void;
}

export interface ClockReading {
  readonly at: Instant;
  readonly mode: 'running' | 'frozen';
  /** Market milliseconds per wall millisecond while running. */
  readonly rate: number;
}

export interface Fired {
  readonly at: Instant;
  readonly name: string;
}

export interface ClockMoved extends ClockReading {
  /** The alarms that rang on the way, in order. */
  readonly fired: readonly Fired[];
}

/** What a tester may do to the clock; only the harness and its Control hold this. */
export interface TestClock extends Clock {
  freeze(): Promise<ClockMoved>;
  run(rate: number): Promise<ClockMoved>;
  /**
   * Moves forward to `to`, ringing each alarm on the way in order and waiting for each. Keeps the mode. Resolves when the
   * work in progress at its start is done and every alarm due on the way has rung, no matter what clients do meanwhile.
   */
  moveTo(to: Instant): Promise<ClockMoved | Refusal>;
  /** Ends all alarms; the clock stays readable. */
  stop(): void;
  /** Sets another start time and drops all alarms. Only reset and restore may call it. */
  restart(at: Instant): void;
}

export interface ClockOptions {
  readonly at: Instant | 'now';
  readonly mode: 'running' | 'frozen';
  readonly rate?: number;
  /**
   * Called as a move begins; returns a function that waits for the work in progress at that moment. It is awaited before
   * each alarm rings and before the move ends. Later work is not waited for, or clients could delay a move for ever.
   */
  readonly underWay?: () => () => Promise<void>;
  /** Gets what an alarm (or the wait for work in progress, under that name) threw; the clock goes on. Default: a process warning. */
  readonly onError?: (error: unknown, alarm: string) => void;
}

interface Waiting extends Alarm, Pending {
  readonly ring: Ring;
}

/** setTimeout takes at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(options: ClockOptions): TestClock {
  const underWay = options.underWay ?? (() => () => Promise.resolve());
  const onError = options.onError ?? ((error, alarm) => process.emitWarning(`the alarm ${alarm} failed: ${error}`));
  const time = new RunningTime(options.at, options.mode, checkedRate(options.rate ?? 1));
  const blocking = new AlarmQueue<Waiting>();
  const background = new AlarmQueue<Waiting>();
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  let moving: Promise<unknown> = Promise.resolve();
  /** While alarms ring, market time is held here, so that a slow alarm still sees the time at which it rang. */
  let heldAt: Instant | undefined;
  let stopped = false;
  /** Counts restarts: a move that began before a restart must not change the state after it. */
  let generation = 0;

  const now = () => heldAt ?? time.now();
  const reading = (): ClockReading => ({ at: now(), mode: time.mode, rate: time.rate });

  /** Only one caller moves the clock at a time: a command waits for alarms that are already ringing. */
  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = moving.then(work, work);
    moving = next.catch(() => undefined);
    return next.finally(arm);
  }

  async function guarded(name: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      try {
        onError(error, name);
      } catch {
        // An error handler that throws must not stop the market.
      }
    }
  }

  /**
   * Rings what is due up to `until`; then market time is `until`, or later if it ran on meanwhile. A move always waits for
   * work in progress; running time waits for it only before a blocking alarm.
   */
  async function ringUntil(until: Instant, isMove: boolean): Promise<Fired[]> {
    const fired: Fired[] = [];
    const startedIn = generation;
    let at = now();
    heldAt = at;
    let done: (() => Promise<void>) | undefined;
    for (;;) {
      if (isMove || blocking.next <= until) {
        await guarded('work in progress', () => {
          done ??= underWay();
          return done();
        });
      }
      if (stopped || generation !== startedIn) break;
      at = Math.max(at, Math.min(blocking.next, until));
      heldAt = at;
      const alarm = background.takeDue(at) ?? (blocking.next <= until ? blocking.takeDue(at) : undefined);
      if (!alarm) break;
      fired.push({ at, name: alarm.name });
      await guarded(alarm.name, () => alarm.ring(at));
    }
    // Settled in the same turn in which the hold ends, so that no reader sees time go back.
    if (generation === startedIn) {
      heldAt = undefined;
      const reached = stopped ? at : until;
      if (reached > time.now()) time.set(reached);
    }
    return fired;
  }

  function arm() {
    clearTimeout(timer);
    timer = undefined;
    const first = Math.min(blocking.next, background.next);
    if (stopped || first === Number.POSITIVE_INFINITY) return;
    const wait = (first - time.now()) / time.rate;
    if (time.mode === 'frozen' && wait > 0) return;
    timer = setTimeout(
      () => {
        void exclusively(() => ringUntil(time.now(), false));
      },
      Math.min(Math.max(wait, 0), LONGEST_TIMER_MS),
    );
  }

  function set(queue: AlarmQueue<Waiting>, when: Instant, name: string, ring: Ring): Alarm {
    const cancel = () => {
      queue.remove(alarm);
      arm();
    };
    const alarm: Waiting = { when, name, ring, order: order++, cancel };
    if (stopped) return alarm;
    queue.add(alarm);
    if (queue.next === when) arm();
    return alarm;
  }

  function dropAlarms() {
    blocking.clear();
    background.clear();
  }

  return {
    now,
    read: reading,
    at: (when, name, ring) => set(blocking, when, name, ring),
    background: (when, name, ring) => set(background, when, name, ring),
    freeze: () =>
      exclusively(async () => {
        const at = time.freeze();
        const fired = await ringUntil(at, true);
        return { ...reading(), fired };
      }),
    async run(newRate) {
      checkedRate(newRate);
      return exclusively(async () => {
        time.run(newRate);
        return { ...reading(), fired: [] };
      });
    },
    async moveTo(to) {
      if (!Number.isSafeInteger(to)) throw new RangeError(`${to} is not an instant: give whole milliseconds`);
      return exclusively(async (): Promise<ClockMoved | Refusal> => {
        if (to < time.now()) return backwards(time.now());
        const fired = await ringUntil(to, true);
        return { ...reading(), fired };
      });
    },
    stop() {
      stopped = true;
      dropAlarms();
      arm();
    },
    restart(at) {
      generation++;
      heldAt = undefined;
      dropAlarms();
      time.set(at);
      arm();
    },
  };
}

function checkedRate(rate: number): number {
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new RangeError(`the clock cannot run at rate ${rate}: give a number above 0, or freeze the clock`);
}

function backwards(now: Instant): Refusal {
  const time = formatHkt(now, 'seconds');
  return refuse('CLOCK_BACKWARDS', {
    en: `It is already ${time}. Name a later time, or restart the harness with --at.`,
    zh: `市場時間已是 ${time}。請指定較後的時間，或以 --at 重新啟動。`,
  });
}

/** Wall time, for what others check against their own clocks: the validity of certificates. */
export function wallTime(): Instant {
  return Date.now();
}
