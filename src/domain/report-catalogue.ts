import { addDays, marketDate, timeOn } from './calendar/calendar.ts';
import type { Audience, ReportsDay, Status } from './calendar/rehearsal.ts';
import type { RunDays } from './calendar/run-days.ts';
import type { Instant, MarketDate, Words } from './nouns/market.ts';
import type { Report } from './nouns/reports.ts';

/**
 * One report that the harness can make. The catalogue is data (fixtures/reports/), one file a report; times that HKEX does
 * not publish are mock conventions and say so in `status` and `source`.
 */
export interface ReportDefinition {
  /** X(7). Those that start with Z are ours. */
  readonly id: string;
  readonly name: Words;
  /** The ID of its record layout in fixtures/layouts/; left out if it is printed only. */
  readonly layout?: string;
  readonly audience: Audience;
  /** One file for everybody, under COMMON. */
  readonly common?: boolean;
  readonly formats: readonly Report['format'][];
  /** X(4), such as HKMK. */
  readonly market: string;
  /** At once when its subject is done, or in a run at `HH:MM` of every business day, or in several runs a day. */
  readonly made: 'at once' | { readonly daily: string | readonly DailyRun[] };
  /** When the report is available, unless its run has another time. */
  readonly available: Available;
  /** Calendar days that it stays available. */
  readonly daysKept: number;
  readonly status: Status;
  readonly source: string;
}

/** At once when it is made, or at `HH:MM` of the same or of the next calendar day. */
export type Available = 'at once' | { readonly sameDay: string } | { readonly nextDay: string };

/** One of a report's runs of a day. */
export interface DailyRun {
  /** `HH:MM`, Hong Kong time; different for each run of a report. */
  readonly at: string;
  /** Left out = every business day. */
  readonly on?: RunDays;
  /** Left out = that of the report. */
  readonly available?: Available;
}

/** The runs of a day, each with its days; none if the report is made at once. */
export function dailyRuns({ made, available }: ReportDefinition): readonly Required<DailyRun>[] {
  if (made === 'at once') return [];
  const runs = typeof made.daily === 'string' ? [{ at: made.daily }] : made.daily;
  return runs.map((run) => ({ on: 'business days', available, ...run }));
}

/**
 * When a report made at `made.at` for `made.businessDate` becomes available. A rehearsal may move the reports of a day
 * (circular: those of 24 July are available on Monday 26 July): those that are dated that day, and those of an earlier day
 * that would become available on it (assumed). It does not move reports that are available at once.
 */
export function availableAt(
  { available }: Pick<ReportDefinition, 'available'>,
  made: { readonly at: Instant; readonly businessDate: MarketDate },
  moved: readonly ReportsDay[] = [],
): Instant {
  if (available === 'at once') return made.at;
  const at = planned(available, made.businessDate);
  const day = moved.find(({ dated }) => dated === made.businessDate || dated === marketDate(at));
  return Math.max(made.at, day ? day.available : at);
}

function planned(available: Exclude<Available, 'at once'>, date: MarketDate): Instant {
  return 'sameDay' in available ? timeOn(date, available.sameDay) : timeOn(addDays(date, 1), available.nextDay);
}

/** When a report stops being kept: the day it became available is the first of `daysKept`. */
export function keptUntil(report: ReportDefinition, available: MarketDate): Instant {
  return timeOn(addDays(available, report.daysKept), '00:00');
}
