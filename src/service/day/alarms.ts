import { addDays, marketDate, previousBusinessDay, startOfDay } from '../../domain/calendar/calendar.ts';
import { isRehearsalDay, type Notice, type RehearsalSession, type RollBack } from '../../domain/calendar/rehearsal.ts';
import {
  type DaysWithReports,
  type DueMarketRun,
  type DueRun,
  dueMarketRuns,
  dueRuns,
  events,
  type TimetableEvent,
} from '../../domain/calendar/timetable-events.ts';
import type { CentreName, Instant, MarketDate } from '../../domain/nouns/market.ts';
import type { Alarm, Clock } from '../../testbed/clock/clock.ts';

export interface MarketDayOptions {
  readonly days: DaysWithReports;
  readonly clock: Clock;
  /**
   * Start of the books: missed runs are done back to the business day before it, and no further; if it is a day of the
   * rehearsal, on which the newest reports are held back, to the one before that.
   */
  readonly since: Instant;
  /** Does a run at the active centre, unless its books show that it was done. */
  readonly run: (due: DueRun) => Promise<void>;
  /** Matches, settles, purges or moves the shares of transfers at the active centre, unless its books show that it was done. */
  readonly marketRun: (due: DueMarketRun) => Promise<void>;
  /** Does the runs of the risk platform that are due and that the active centre's books lack. */
  readonly riskRuns: () => Promise<void>;
  readonly rollBack: (rollBack: RollBack) => Promise<void>;
  readonly switchTo: (centre: CentreName) => Promise<void>;
  readonly notice: (notice: Notice) => Promise<void>;
  /** A session of the rehearsal opened or closed. */
  readonly window: (event: 'opened' | 'closed', session: RehearsalSession) => void;
}

export interface MarketDay {
  /** Does every due run that the active centre's books lack: at the start, after a restart, after a switch. */
  catchUp(): Promise<void>;
  stop(): void;
}

/** Events are looked up this many days at a time. */
const AHEAD_DAYS = 8;

/**
 * Scheduled work: each event of the timetable is an alarm of the clock, set when the one before has rung, so that a move of
 * the clock rings them in order and lists them.
 */
export function startMarketDay(options: MarketDayOptions): MarketDay {
  const { days, clock } = options;
  let alarm: Alarm | undefined;
  let stopped = false;
  let upcoming: TimetableEvent[] = [];
  let lookedUntil = clock.now();

  function next(): void {
    if (stopped) return;
    if (upcoming.length === 0) lookAhead();
    const event = upcoming.shift();
    // No event in this period: look again at its end.
    if (!event) {
      alarm = clock.at(lookedUntil, 'timetable', next);
      return;
    }
    alarm = clock.at(event.at, event.what.en, async () => {
      try {
        await handle(event);
      } finally {
        next();
      }
    });
  }

  function lookAhead(): void {
    const until = startOfDay(addDays(marketDate(lookedUntil), AHEAD_DAYS));
    upcoming = [...events(days, lookedUntil, until)];
    lookedUntil = until;
  }

  async function handle(event: TimetableEvent): Promise<void> {
    switch (event.kind) {
      case 'run':
        return options.run(event.run);
      case 'market-run':
        return options.marketRun(event.marketRun);
      case 'risk-run':
        return options.riskRuns();
      case 'roll-back':
        return options.rollBack(event.rollBack);
      case 'switch':
        return options.switchTo(event.to);
      case 'notice':
        return options.notice(event.notice);
      case 'opens':
      case 'closes':
        if (event.session) options.window(event.kind === 'opens' ? 'opened' : 'closed', event.session);
        return;
      case 'reports':
      case 'packages':
        // Enquiries read these from the timetable; there is nothing to do.
        return;
    }
  }

  function firstDayOfReports(): MarketDate {
    const start = marketDate(options.since);
    const last = previousBusinessDay(start, days.holidays);
    return isRehearsalDay(days.rehearsal, start) ? previousBusinessDay(last, days.holidays) : last;
  }

  next();
  return {
    async catchUp() {
      const from = startOfDay(firstDayOfReports()) - 1;
      for (const due of dueMarketRuns(days, options.since, clock.now())) await options.marketRun(due);
      for (const due of dueRuns(days, from, clock.now())) await options.run(due);
    },
    stop() {
      stopped = true;
      alarm?.cancel();
    },
  };
}
