import { formatHkt } from '../../domain/calendar/calendar.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { AlarmQueue, type Pending } from './alarm-queue.ts';

/**
 * Market time, and the only place that may ask the machine for the time or set a timer.
 * `running` follows wall time at `rate`; `frozen` stands still. It only goes forward.
 */
export interface Clock {
  now(): Instant;
  /**
   * Rings once when market time reaches `when` (at once, on the next turn, if it is past). Alarms ring in order of time,
   * then of setting. An alarm must not await a move of the clock: the move waits for the alarm.
   */
  at(when: Instant, name: string, ring: Ring): Alarm;
  /**
   * As `at`, but market time does not stop for it: it rings where time stands next, at `when` or later and before the
   * alarms of that instant, and nothing that is under way is waited for. For what clients cause all the time.
   */
  inPassing(when: Instant, name: string, ring: Ring): Alarm;
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
   * Moves forward to `to`, ringing each alarm on the way in order and waiting for each. Keeps the mode. It ends when what
   * was under way as it began is done and what fell due on the way has rung, whatever clients do meanwhile.
   */
  moveTo(to: Instant): Promise<ClockMoved | Refusal>;
  /** Ends all alarms; the clock stays readable. */
  stop(): void;
  /** Back to another start: only reset and restore may call it. Alarms are dropped. */
  restart(at: Instant): void;
}

export interface ClockOptions {
  readonly at: Instant | 'now';
  readonly mode: 'running' | 'frozen';
  readonly rate?: number;
  /**
   * Asked as a move begins: what is under way now? The answer is awaited before each alarm rings and before the move ends,
   * until all of that is done. What comes under way later is not waited for, or clients could hold a move up for ever.
   */
  readonly underWay?: () => () => Promise<void>;
  /** Told what an alarm (or waiting for what is under way, named so) threw; the clock goes on. Default: a process warning. */
  readonly onError?: (error: unknown, alarm: string) => void;
}

interface Waiting extends Alarm, Pending {
  readonly ring: Ring;
}

/** setTimeout takes at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(options: ClockOptions): TestClock {
  const wall = () => Date.now();
  const underWay = options.underWay ?? (() => () => Promise.resolve());
  const onError = options.onError ?? ((error, alarm) => process.emitWarning(`the alarm ${alarm} failed: ${error}`));
  let mode = options.mode;
  let rate = checkedRate(options.rate ?? 1);
  let anchorWall = wall();
  let anchor = options.at === 'now' ? anchorWall : options.at;
  let last = anchor;
  /** At these market time stops; those of `passing` ring in passing. */
  const stops = new AlarmQueue<Waiting>();
  const passing = new AlarmQueue<Waiting>();
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  let moving: Promise<unknown> = Promise.resolve();
  /** While alarms ring, the instant that market time is held at, so that a slow alarm sees its own time. */
  let held: Instant | undefined;
  let stopped = false;
  /** Counts the restarts: a move that was under way must not touch what came after. */
  let life = 0;

  function flow(): Instant {
    if (mode === 'frozen') return anchor;
    const machine = wall();
    const at = Math.floor(anchor + (machine - anchorWall) * rate);
    if (at >= last) {
      last = at;
      return at;
    }
    // The machine's clock was set back; market time goes on from where it stood.
    anchor = last;
    anchorWall = machine;
    return last;
  }
  const now = () => held ?? flow();
  const reading = (): ClockReading => ({ at: now(), mode, rate });

  function settle(at: Instant) {
    anchor = at;
    last = at;
    anchorWall = wall();
  }

  /** One thing at a time moves the clock: a command waits for the alarms that ring already. */
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
        // Whoever is told about errors must not stop the market.
      }
    }
  }

  /**
   * Rings what is due up to `until`; then market time stands at `until`, or further if it ran on meanwhile. A move waits
   * for what is under way; time that runs by itself does so only before an alarm that is no passing one.
   */
  async function ringUntil(until: Instant, isMove: boolean): Promise<Fired[]> {
    const fired: Fired[] = [];
    const thisLife = life;
    let at = now();
    held = at;
    let done: (() => Promise<void>) | undefined;
    for (;;) {
      if (isMove || stops.next <= until) {
        await guarded('what is under way', () => {
          done ??= underWay();
          return done();
        });
      }
      if (stopped || life !== thisLife) break;
      at = Math.max(at, Math.min(stops.next, until));
      held = at;
      const alarm = passing.takeDue(at) ?? (stops.next <= until ? stops.takeDue(at) : undefined);
      if (!alarm) break;
      fired.push({ at, name: alarm.name });
      await guarded(alarm.name, () => alarm.ring(at));
    }
    // Settled in the same turn as the hold ends: no reader ever sees time step back.
    if (life === thisLife) {
      held = undefined;
      const reached = stopped ? at : until;
      if (reached > flow()) settle(reached);
    }
    return fired;
  }

  function arm() {
    clearTimeout(timer);
    timer = undefined;
    const first = Math.min(stops.next, passing.next);
    if (stopped || first === Number.POSITIVE_INFINITY) return;
    const wait = (first - flow()) / rate;
    if (mode === 'frozen' && wait > 0) return;
    timer = setTimeout(
      () => {
        void exclusively(() => ringUntil(flow(), false));
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
    stops.clear();
    passing.clear();
  }

  return {
    now,
    read: reading,
    at: (when, name, ring) => set(stops, when, name, ring),
    inPassing: (when, name, ring) => set(passing, when, name, ring),
    freeze: () =>
      exclusively(async () => {
        settle(flow());
        mode = 'frozen';
        const fired = await ringUntil(anchor, true);
        return { ...reading(), fired };
      }),
    async run(newRate) {
      checkedRate(newRate);
      return exclusively(async () => {
        settle(flow());
        mode = 'running';
        rate = newRate;
        return { ...reading(), fired: [] };
      });
    },
    async moveTo(to) {
      if (!Number.isSafeInteger(to)) throw new RangeError(`${to} is not an instant: give whole milliseconds`);
      return exclusively(async (): Promise<ClockMoved | Refusal> => {
        if (to < flow()) return backwards(flow());
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
      life++;
      held = undefined;
      dropAlarms();
      settle(at);
      arm();
    },
  };
}

function checkedRate(rate: number): number {
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new RangeError(`the clock cannot run at rate ${rate}: give a number above 0, or freeze it`);
}

function backwards(now: Instant): Refusal {
  const time = formatHkt(now, 'seconds');
  return refuse('CLOCK_BACKWARDS', {
    en: `It is ${time} already. Name a later time, or start the harness anew with --at.`,
    zh: `市場時間已是 ${time}。請指定較後的時間，或以 --at 重新啟動。`,
  });
}

/** Wall time, for what outside parties judge by their own clocks: the validity of certificates. */
export function wallTime(): Instant {
  return Date.now();
}
