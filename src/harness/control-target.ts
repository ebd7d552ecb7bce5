import type { DaysWithReports } from '../domain/calendar/timetable-events.ts';
import type { CentreService } from '../service/service.ts';
import type { Books } from '../store/books/books.ts';
import type { TestClock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { Attempts } from './attempts.ts';
import type { Market } from './market.ts';
import type { Reach } from './reach.ts';

/** What local Control works on. */
export interface ControlTarget {
  readonly version: string;
  readonly seed: number;
  readonly days: DaysWithReports;
  readonly clock: TestClock;
  readonly journal: Journal;
  /** A reset replaces it. */
  readonly market: () => Market;
  readonly attempts: Attempts;
  readonly registered: Set<string>;
  readonly reach: () => Reach;
  /** Size of a csv that may be published in RAP. */
  readonly rapCsvBytes: number;
  /** Saves the settings that a restart needs; call it after changing one. */
  readonly remember: () => void;
}

/** The service of the active centre, once every due run of the risk platform is in its books. */
export async function afterRuns(target: ControlTarget): Promise<CentreService> {
  await serviceOf(target).riskRuns.pending();
  return serviceOf(target);
}

/** The service of the active centre. */
export const serviceOf = ({ market }: ControlTarget): CentreService => market().active().service;

export const booksOf = ({ market }: ControlTarget): Books => market().active().store.books;
