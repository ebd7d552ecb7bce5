import { marketDate, previousBusinessDay, startOfDay } from '../../domain/calendar/calendar.ts';
import { type DueRiskRun, dueRiskRuns } from '../../domain/risk/risk-schedule.ts';
import type { Context } from '../context.ts';

/** The risk platform's runs at one centre, one after the other. */
export interface RiskDesk {
  /**
   * Does every run that is due by now and that the books lack. It is asked for when a run is due, and before anybody looks
   * at what the runs made: so a start need not wait for the runs of the day before, and yet they are there from the start.
   */
  catchUp(): Promise<void>;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
}

export function createRiskDesk(context: Context): RiskDesk {
  let turn: Promise<void> = Promise.resolve();
  /** Tried and failed, by a fault of the data or of our own: once is enough, and nobody's log-on is to fail with it. */
  const failed = new Set<string>();

  async function doDue(): Promise<void> {
    const all = lacking(context);
    if (all.length === 0) return;
    // The calculator and what reads and writes its files: a start does without, and so do most tests of clients.
    const { doRiskRun } = await import('./risk-run.ts');
    for (const due of all) {
      // A centre that stopped leading leaves the rest to the other one.
      if (!context.store.leads()) return;
      const name = `${due.key} of ${due.date}`;
      if (failed.has(name)) continue;
      try {
        await doRiskRun(context, due);
      } catch (error) {
        failed.add(name);
        const { journal, centre } = context;
        journal.note('error', { centre }, { what: `the run ${name} failed`, says: String(error) });
      }
    }
  }

  return {
    catchUp() {
      const asked = turn.then(doDue);
      // A fault of ours is told to whoever asked, and not to all who come after.
      turn = asked.catch(() => undefined);
      return asked;
    },
    idle: () => turn,
  };
}

/**
 * Runs of the business day before the books began are made good, earlier ones never were; but the risk parameter file goes
 * one business day further back, since it is what that day's runs computed with.
 */
function lacking({ store, clock, risk }: Context): readonly DueRiskRun[] {
  const { days, since } = risk;
  const first = previousBusinessDay(marketDate(since), days.holidays);
  const fileOfFirst = previousBusinessDay(first, days.holidays);
  return dueRiskRuns(days, startOfDay(fileOfFirst) - 1, clock.now()).filter(
    ({ key, date }) =>
      (date >= first || (key === 'RPF01' && date === fileOfFirst)) && !store.books.get('run', `${key}/${date}`),
  );
}
