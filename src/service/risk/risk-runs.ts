import { marketDate, previousBusinessDay, startOfDay } from '../../domain/calendar/calendar.ts';
import { type DueRiskRun, dueRiskRuns } from '../../domain/risk/risk-schedule.ts';
import type { Context } from '../context.ts';

/** The risk platform's runs at one centre, one after the other. */
export interface RiskRuns {
  /**
   * Starts every run that is due and that the books lack; resolves when they are done. Null if there is none, which costs
   * a look at the clock. The timetable calls it for each run, and the gate for each verb that shows what runs made. It
   * never rejects: a run that fails is in the journal, and is not tried again.
   */
  pending(): Promise<void> | null;
  /** The books may lack runs that they had, or never had: after a start and after a switch. The next `pending` starts them. */
  recheck(): void;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
}

/** How far ahead the next run is looked for; after so long, it is looked for again. */
const AHEAD_MS = 8 * 86_400_000;

export function createRiskRuns(context: Context): RiskRuns {
  const { store, clock, journal, centre, risk } = context;
  let underWay: Promise<void> | null = null;
  /** Before this instant of market time, `pending` has nothing to start. */
  let nextAt = Number.NEGATIVE_INFINITY;
  /** Runs that failed, because of the data or of a bug. They are not tried again, and no request fails because of them. */
  const failed = new Set<string>();

  const lacking = () => lackingIn(context).filter((due) => !failed.has(nameOf(due)));

  async function doAll(all: readonly DueRiskRun[]): Promise<void> {
    for (const due of all) {
      // A centre that stopped leading leaves the rest to the other one.
      if (!store.leads()) break;
      try {
        // The calculator and its files' readers and writers: a start does not need them, nor do most tests of clients.
        const { doRiskRun } = await import('./risk-run.ts');
        await doRiskRun(context, due);
      } catch (error) {
        failed.add(nameOf(due));
        journal.note('error', { centre }, { what: `the run ${nameOf(due)} failed`, says: String(error) });
      }
    }
    // The disk may be full, or the other centre leads: the next request or alarm tries again.
    if (lacking().length > 0) nextAt = Number.NEGATIVE_INFINITY;
  }

  function start(all: readonly DueRiskRun[]): void {
    const work = (underWay ?? Promise.resolve())
      .then(() => doAll(all))
      .finally(() => {
        if (underWay === work) underWay = null;
      });
    underWay = work;
  }

  return {
    pending() {
      const now = clock.now();
      if (now >= nextAt && store.leads()) {
        nextAt = dueRiskRuns(risk.days, now, now + AHEAD_MS)[0]?.at ?? now + AHEAD_MS;
        const all = lacking();
        if (all.length > 0) start(all);
      }
      return underWay;
    },
    recheck() {
      nextAt = Number.NEGATIVE_INFINITY;
    },
    idle: () => underWay ?? Promise.resolve(),
  };
}

const nameOf = ({ key, date }: DueRiskRun) => `${key} of ${date}`;

/**
 * Runs that are due and not in the books, back to the business day before the books began and no further; but the risk
 * parameter file goes one business day further back, since it is what that day's runs computed with.
 */
function lackingIn({ store, clock, risk }: Context): readonly DueRiskRun[] {
  const { days, since } = risk;
  const first = previousBusinessDay(marketDate(since), days.holidays);
  const fileOfFirst = previousBusinessDay(first, days.holidays);
  return dueRiskRuns(days, startOfDay(fileOfFirst) - 1, clock.now()).filter(
    ({ key, date }) =>
      (date >= first || (key === 'RPF01' && date === fileOfFirst)) && !store.books.get('run', `${key}/${date}`),
  );
}
