import type { Instant } from '../domain/nouns.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

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
  at(when: Instant, name: string, ring: (at: Instant) => void | Promise<void>): Alarm;
  read(): ClockReading;
}

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
  /** Moves forward to `to`, ringing each alarm on the way in order and waiting for each. Keeps the mode. */
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
  /** Awaited before each alarm rings and before a move ends: until the batches and runs under way are done. */
  readonly idle?: () => Promise<void>;
  /** Told what an alarm (or `idle`, by that name) threw; the clock goes on. Default: a process warning. */
  readonly onError?: (error: unknown, alarm: string) => void;
}

interface Pending extends Alarm {
  readonly order: number;
  readonly ring: (at: Instant) => void | Promise<void>;
}

/** setTimeout takes at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(options: ClockOptions): TestClock {
  const wall = () => Date.now();
  const idle = options.idle ?? (() => Promise.resolve());
  const onError = options.onError ?? ((error, alarm) => process.emitWarning(`the alarm ${alarm} failed: ${error}`));
  let mode = options.mode;
  let rate = checkedRate(options.rate ?? 1);
  let anchorWall = wall();
  let anchor = options.at === 'now' ? anchorWall : options.at;
  let last = anchor;
  /** In the order in which they will ring. */
  let pending: Pending[] = [];
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

  /** Rings what is due up to `until`; then market time stands at `until`, or further if it ran on meanwhile. */
  async function ringUntil(until: Instant): Promise<Fired[]> {
    const fired: Fired[] = [];
    const thisLife = life;
    let at = now();
    held = at;
    for (;;) {
      await guarded('idle', idle);
      const alarm = pending[0];
      if (stopped || life !== thisLife || !alarm || alarm.when > until) break;
      pending.shift();
      at = Math.max(at, alarm.when);
      held = at;
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
    const first = pending[0];
    if (stopped || !first) return;
    const wait = (first.when - flow()) / rate;
    if (mode === 'frozen' && wait > 0) return;
    timer = setTimeout(
      () => {
        void exclusively(() => ringUntil(flow()));
      },
      Math.min(Math.max(wait, 0), LONGEST_TIMER_MS),
    );
  }

  return {
    now,
    read: reading,
    at(when, name, ring) {
      const alarm: Pending = {
        when,
        name,
        ring,
        order: order++,
        cancel() {
          const place = placeOf(pending, alarm);
          if (pending[place] !== alarm) return;
          pending.splice(place, 1);
          if (place === 0) arm();
        },
      };
      if (stopped) return alarm;
      const place = placeOf(pending, alarm);
      pending.splice(place, 0, alarm);
      if (place === 0) arm();
      return alarm;
    },
    freeze: () =>
      exclusively(async () => {
        settle(flow());
        mode = 'frozen';
        const fired = await ringUntil(anchor);
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
        if (to < flow()) return backwards(flow(), to);
        const fired = await ringUntil(to);
        return { ...reading(), fired };
      });
    },
    stop() {
      stopped = true;
      pending = [];
      arm();
    },
    restart(at) {
      life++;
      held = undefined;
      pending = [];
      settle(at);
      arm();
    },
  };
}

/** Where the alarm stands, or would stand, in the order of ringing. */
function placeOf(pending: readonly Pending[], alarm: Pending): number {
  let low = 0;
  let high = pending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = pending[middle];
    if (other && (other.when < alarm.when || (other.when === alarm.when && other.order < alarm.order)))
      low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkedRate(rate: number): number {
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new RangeError(`the clock cannot run at rate ${rate}: give a number above 0, or freeze it`);
}

function backwards(now: Instant, to: Instant): Refusal {
  const late = Math.round((now - to) / 1000);
  return refuse('CLOCK_BACKWARDS', {
    en: `The clock is ${late} s past that instant. Name a later one, or reset the harness.`,
    zh: `市場時間已超過該時刻 ${late} 秒。請指定較後的時刻，或重設系統。`,
  });
}

/** Wall time, for what outside parties judge by their own clocks: the validity of certificates. */
export function wallTime(): Instant {
  return Date.now();
}
