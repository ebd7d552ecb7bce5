import { formatHkt } from '../../domain/calendar/calendar.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { AlarmQueue, type Pending } from './alarm-queue.ts';
import { guarded } from './guarded.ts';
import { checkRate, RunningTime } from './running-time.ts';
import { Turns } from './turns.ts';

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

export type Fired = Pick<ClockReading, 'at'> & Pick<Alarm, 'name'>;

export interface ClockMoved extends ClockReading {
  /** The alarms that rang on the way, in order. */
  readonly fired: readonly Fired[];
  /** Market milliseconds by which alarms still held the clock back as the command arrived; 0 = it was on time. */
  readonly behindMs: number;
}

/** Where a move ends: an instant, or what follows from the one at which the command arrives. */
export type Destination = Instant | ((from: Instant) => Instant | Refusal);

/**
 * What a tester may do to the clock; only the harness and its Control hold this. A command counts from the instant at which
 * it arrives: alarms that are due by then ring first, in order, and market time does not pass it (a move: its destination)
 * before the answer. A command that arrives while another is under way counts from where that one ends.
 */
export interface TestClock extends Clock {
  freeze(): Promise<ClockMoved>;
  run(rate: number): Promise<ClockMoved>;
  /**
   * Moves forward, ringing each alarm on the way in order and waiting for each. Keeps the mode. Resolves when the work that
   * was in progress as it arrived is done and every alarm due on the way has rung, no matter what clients do meanwhile.
   */
  moveTo(to: Destination): Promise<ClockMoved | Refusal>;
  /** Ends all alarms; the clock stays readable. */
  stop(): void;
  /** Sets time, mode and rate anew, also backwards, and drops all alarms. Only reset and restore may call it. */
  restart(to: ClockReading): void;
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

/**
 * A running clock whose alarms take longer than its rate allows slows down rather than falls further behind than this: what
 * a second of wall time brings, or an hour of market time if that is more. So a command never waits for an endless backlog.
 */
const MOST_BEHIND_WALL_MS = 1_000;
const MOST_BEHIND_MS = 3_600_000;

/** setTimeout takes at most a signed 32-bit number of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(options: ClockOptions): TestClock {
  return new MarketClock(options);
}

class MarketClock implements TestClock {
  readonly #underWay: () => () => Promise<void>;
  readonly #onError: (error: unknown, alarm: string) => void;
  readonly #time: RunningTime;
  readonly #blocking = new AlarmQueue<Waiting>();
  readonly #background = new AlarmQueue<Waiting>();
  /** A command waits for the alarm that is ringing, and for the commands before it. */
  readonly #turns = new Turns(() => this.#arm());
  #order = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Commands that have arrived and are not done, and where the last of them will leave market time. */
  #commands = 0;
  #destination: Instant;
  /** While alarms ring, market time is held here, so that a slow alarm still sees the time at which it rang. */
  #heldAt: Instant | undefined;
  #stopped = false;
  /** Counts restarts: a command that arrived before a restart must not change the state after it. */
  #generation = 0;

  constructor({ at, mode, rate = 1, underWay, onError }: ClockOptions) {
    this.#underWay = underWay ?? (() => () => Promise.resolve());
    this.#onError = onError ?? ((error, alarm) => process.emitWarning(`the alarm ${alarm} failed: ${error}`));
    this.#time = new RunningTime(at, mode, rate);
    this.#destination = this.#time.now();
  }

  now(): Instant {
    return this.#heldAt ?? this.#time.now();
  }

  read(): ClockReading {
    return { at: this.now(), mode: this.#time.mode, rate: this.#time.rate };
  }

  at(when: Instant, name: string, ring: Ring): Alarm {
    return this.#set(this.#blocking, when, name, ring);
  }

  background(when: Instant, name: string, ring: Ring): Alarm {
    return this.#set(this.#background, when, name, ring);
  }

  async freeze(): Promise<ClockMoved> {
    const from = this.#arrival();
    return this.#command(from, from, () => this.#time.freeze());
  }

  async run(rate: number): Promise<ClockMoved> {
    checkRate(rate);
    const from = this.#arrival();
    return this.#command(from, from, () => this.#time.run(rate), false);
  }

  async moveTo(to: Destination): Promise<ClockMoved | Refusal> {
    const from = this.#arrival();
    const until = typeof to === 'number' ? to : to(from);
    if (typeof until !== 'number') return until;
    if (!Number.isSafeInteger(until)) throw new RangeError(`${until} is not an instant: give whole milliseconds`);
    return until < from ? backwards(from) : this.#command(from, until, () => {});
  }

  stop(): void {
    this.#stopped = true;
    this.#dropAlarms();
    this.#arm();
  }

  restart({ at, mode, rate }: ClockReading): void {
    this.#generation++;
    this.#heldAt = undefined;
    this.#dropAlarms();
    this.#time.restart(at, mode, rate);
    this.#destination = at;
    this.#arm();
  }

  /** From where a command counts that arrives now: market time as it would be had no alarm held it back. */
  #arrival(): Instant {
    return this.#commands > 0 ? this.#destination : this.#time.now();
  }

  /** Stops market time at `from`, takes it to `until` in its turn, and lets it go on as `settle` says. */
  #command(from: Instant, until: Instant, settle: () => void, waits = true): Promise<ClockMoved> {
    const startedIn = this.#generation;
    if (this.#commands++ === 0) this.#time.pauseAt(from);
    this.#destination = until;
    const behindMs = Math.max(0, this.#time.now() - Math.min(this.now(), this.#blocking.next));
    let done: (() => Promise<void>) | undefined;
    void this.#guarded('work in progress', () => {
      if (waits) done = this.#underWay();
    });
    return this.#turns.run(async () => {
      let fired: Fired[] = [];
      if (this.#generation === startedIn) fired = await this.#ringUntil(until, done, true);
      if (this.#generation === startedIn) settle();
      if (--this.#commands === 0) this.#time.resume();
      return { ...this.read(), fired, behindMs };
    });
  }

  /** Rings what is due by now, as running time does by itself. */
  async #catchUp(): Promise<void> {
    if (this.#commands > 0) return;
    await this.#ringUntil(this.#time.now(), undefined, false);
  }

  /** Running time may be no further ahead of an alarm that has rung at `at`. */
  #slowDown(at: Instant): void {
    if (this.#commands > 0) return;
    this.#time.slowDown(at + Math.max(MOST_BEHIND_MS, MOST_BEHIND_WALL_MS * this.#time.rate));
  }

  /**
   * Rings what is due up to `until`; then market time is `until`, or later if it ran on meanwhile. Without `done`, the work
   * in progress is waited for only before a blocking alarm.
   */
  async #ringUntil(until: Instant, done: (() => Promise<void>) | undefined, isCommand: boolean): Promise<Fired[]> {
    const fired: Fired[] = [];
    const startedIn = this.#generation;
    let work = done;
    let at = this.now();
    this.#heldAt = at;
    for (;;) {
      if (done || this.#blocking.next <= until) {
        await this.#guarded('work in progress', () => {
          work ??= this.#underWay();
          return work();
        });
      }
      if (this.#stopped || this.#generation !== startedIn) break;
      // A command has arrived: it rings the rest, and time stays held until then.
      if (!isCommand && this.#commands > 0) return fired;
      at = Math.max(at, Math.min(this.#blocking.next, until));
      this.#heldAt = at;
      const alarm = this.#background.takeDue(at) ?? this.#blocking.takeDue(Math.min(at, until));
      if (!alarm) break;
      fired.push({ at, name: alarm.name });
      await this.#guarded(alarm.name, () => alarm.ring(at));
      if (this.#generation === startedIn) this.#slowDown(at);
    }
    if (this.#generation !== startedIn) return fired;
    // Settled in the same turn in which the hold ends, so that no reader sees time go back.
    this.#heldAt = undefined;
    this.#time.setForward(this.#stopped ? at : until);
    return fired;
  }

  #guarded(name: string, work: () => void | Promise<void>): Promise<void> {
    return guarded((error) => this.#onError(error, name), work);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#turns.busy) return;
    const first = Math.min(this.#blocking.next, this.#background.next);
    if (this.#stopped || first === Number.POSITIVE_INFINITY) return;
    const wait = (first - this.#time.now()) / this.#time.rate;
    if (this.#time.mode === 'frozen' && wait > 0) return;
    const ring = () => void this.#turns.run(() => this.#catchUp());
    this.#timer = setTimeout(ring, Math.min(Math.max(wait, 0), LONGEST_TIMER_MS));
  }

  #set(queue: AlarmQueue<Waiting>, when: Instant, name: string, ring: Ring): Alarm {
    const cancel = () => {
      queue.remove(alarm);
      this.#arm();
    };
    const alarm: Waiting = { when, name, ring, order: this.#order++, cancel };
    if (this.#stopped) return alarm;
    queue.add(alarm);
    if (queue.next === when) this.#arm();
    return alarm;
  }

  #dropAlarms(): void {
    this.#blocking.clear();
    this.#background.clear();
  }
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
