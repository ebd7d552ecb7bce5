import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Instant } from '../domain/nouns.ts';

/**
 * Market time, and the only place that may ask the machine for the time or set a timer.
 * `running` follows wall time at `rate`; `frozen` stands still. It only goes forward.
 */
export interface Clock {
  now(): Instant;
  /** Rings once when market time reaches `when` (at once, on the next turn, if it is past). Alarms ring in order of time, then of setting. */
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
  let mode = options.mode;
  let rate = options.rate ?? 1;
  let anchorWall = wall();
  let anchor = options.at === 'now' ? anchorWall : options.at;
  let pending: Pending[] = [];
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  let moving: Promise<unknown> = Promise.resolve();
  /** While alarms ring, the instant that market time is held at, so that a slow alarm sees its own time. */
  let held: Instant | undefined;
  let stopped = false;

  const flow = () => (mode === 'frozen' ? anchor : Math.floor(anchor + (wall() - anchorWall) * rate));
  const now = () => held ?? flow();
  const reading = (): ClockReading => ({ at: now(), mode, rate });

  function settle(at: Instant) {
    anchor = at;
    anchorWall = wall();
  }

  /** One thing at a time moves the clock: a command waits for the alarms that ring already. */
  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = moving.then(work, work);
    moving = next.catch(() => undefined);
    return next.finally(arm);
  }

  function nextDue(until: Instant): Pending | undefined {
    let first: Pending | undefined;
    for (const alarm of pending) {
      if (alarm.when > until) continue;
      if (!first || alarm.when < first.when || (alarm.when === first.when && alarm.order < first.order)) first = alarm;
    }
    return first;
  }

  async function ringUntil(until: Instant): Promise<Fired[]> {
    const fired: Fired[] = [];
    const from = now();
    try {
      held = from;
      for (;;) {
        await idle();
        const alarm = nextDue(until);
        if (!alarm || stopped) break;
        pending = pending.filter((other) => other !== alarm);
        held = Math.max(held, alarm.when);
        await alarm.ring(held);
        fired.push({ at: held, name: alarm.name });
      }
    } finally {
      held = undefined;
    }
    return fired;
  }

  function arm() {
    clearTimeout(timer);
    timer = undefined;
    if (stopped || pending.length === 0) return;
    const first = pending.reduce((least, alarm) => Math.min(least, alarm.when), Number.POSITIVE_INFINITY);
    const wait = (first - flow()) / rate;
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
          pending = pending.filter((other) => other !== alarm);
        },
      };
      pending.push(alarm);
      arm();
      return alarm;
    },
    freeze: () =>
      exclusively(async () => {
        settle(flow());
        mode = 'frozen';
        const fired = await ringUntil(anchor);
        return { ...reading(), fired };
      }),
    run: (newRate) =>
      exclusively(async () => {
        settle(flow());
        mode = 'running';
        rate = newRate;
        return { ...reading(), fired: [] };
      }),
    moveTo: (to) =>
      exclusively(async (): Promise<ClockMoved | Refusal> => {
        if (to < flow()) return backwards(flow(), to);
        const fired = await ringUntil(to);
        settle(Math.max(to, flow()));
        return { ...reading(), fired };
      }),
    stop() {
      stopped = true;
      pending = [];
      arm();
    },
    restart(at) {
      pending = [];
      settle(at);
      arm();
    },
  };
}

function backwards(now: Instant, to: Instant): Refusal {
  const late = Math.round((now - to) / 1000);
  return refuse('CLOCK_BACKWARDS', {
    en: `The clock is ${late} s past that instant. Name a later one, or reset the harness.`,
    zh: `市場時間已超過該時刻 ${late} 秒。請指定較後的時刻，或重設系統。`,
  });
}

