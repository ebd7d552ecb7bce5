import { addDays, hhmm, isBusinessDay, marketDate, startOfDay, timeOn } from '../calendar/calendar.ts';
import { isRehearsalDay, type Rehearsal, type Status } from '../calendar/rehearsal.ts';
import { type Calendar, type RunDays, takesPlace } from '../calendar/run-days.ts';
import type { Instant, MarketDate } from '../nouns/market.ts';
import type { Snapshot } from '../positions/position-lines.ts';
import type { SeededDays } from './seeded-trades.ts';

/**
 * When the risk platform computes margin, and when its files are in RAP. It is data (fixtures/orp/schedule.json): two sets
 * of report times are published, of 2021 and of 2025, all of them "around" and subject to the system.
 */
export interface RiskSchedule {
  readonly margin: readonly MarginRunRow[];
  readonly reportTimes: readonly ReportTimes[];
  /** The ID of the report times valid on every day; null = the latest whose `from` the day has reached. */
  readonly holds: string | null;
  /** Files that are made once a day. */
  readonly files: readonly DailyFileRow[];
}

/** A margin run of every business day, or of some, at `HH:MM`. */
export interface MarginRunRow {
  readonly at: string;
  readonly on?: RunDays;
  /** How positions due that day are treated. */
  readonly snapshot: Snapshot;
  /** RMAMR03 shows general clearing participants their house account and each non-clearing participant. */
  readonly byAccount?: true;
  readonly status: Status;
  readonly source: string;
}

/** When the reports of each run, by its `HH:MM`, are published. */
export interface ReportTimes {
  readonly id: string;
  readonly from: MarketDate;
  readonly times: readonly { readonly run: string; readonly published: string; readonly status: Status }[];
  readonly source: string;
}

/** A file by its report ID: made at `at`, in RAP at `published`. */
export interface DailyFileRow {
  readonly report: string;
  readonly at: string;
  readonly published: string;
  /** Left out = every business day. */
  readonly on?: 'first business day of the month';
  readonly status: Status;
  readonly source: string;
}

interface Due {
  /** Unique among the runs of a date: `margin 11:00`, or the report's ID. */
  readonly key: string;
  readonly date: MarketDate;
  readonly at: Instant;
  /** HHMM of `at`, as file names have it. */
  readonly snapshot: string;
  readonly availableAt: Instant;
}
export type DueMarginRun = Due & { readonly kind: 'margin'; readonly case: Snapshot; readonly byAccount: boolean };
export type DueDailyFile = Due & { readonly kind: 'file'; readonly report: string };
/** The day's generated trades are entered. */
export type DueSeededTrades = Due & { readonly kind: 'trades' };
/** A scheduled run of the risk platform, or the trades before it: at most one per `key` and `date`. */
export type DueRiskRun = DueMarginRun | DueDailyFile | DueSeededTrades;

export interface RiskDays extends Calendar {
  readonly rehearsal: Rehearsal;
  readonly riskSchedule: RiskSchedule;
  readonly seededDays: SeededDays | null;
}

/** The names by which a rehearsal may list runs of the risk platform for its day. */
export function riskRunKeys({ margin, files }: RiskSchedule): readonly string[] {
  return [...margin.map(({ at }) => marginKey(at)), ...files.map(({ report }) => report)];
}

/**
 * The runs due after `after` and not after `until`, in order: those of the schedule on a business day, those that the
 * rehearsal lists on a rehearsal day.
 */
export function dueRiskRuns(days: RiskDays, after: Instant, until: Instant): readonly DueRiskRun[] {
  const due: DueRiskRun[] = [];
  for (let date = marketDate(after); startOfDay(date) <= until; date = addDays(date, 1)) {
    if (isRehearsalDay(days.rehearsal, date) || !isBusinessDay(date, days.holidays)) continue;
    due.push(...runsOn(days, date));
  }
  due.push(...listedRuns(days));
  return due.filter(({ at }) => at > after && at <= until).sort((a, b) => a.at - b.at);
}

/** At the same instant margin comes first: a file published later is not yet in force for it. */
function runsOn(days: RiskDays, date: MarketDate): readonly DueRiskRun[] {
  const { margin, files } = days.riskSchedule;
  return [
    ...seededTradesOn(days, date),
    ...margin
      .filter(({ on = 'business days' }) => takesPlace(on, date, days))
      .map((row) => marginRun(days, row, timeOn(date, row.at))),
    ...files
      .filter(({ on }) => on === undefined || isFirstOfMonth(date, days.holidays))
      .map((row) => dailyFile(row, timeOn(date, row.at))),
  ];
}

function seededTradesOn({ seededDays }: RiskDays, date: MarketDate): readonly DueSeededTrades[] {
  if (!seededDays || date < seededDays.from) return [];
  const at = timeOn(date, seededDays.at);
  return [{ kind: 'trades', key: SEEDED_TRADES, date, at, snapshot: hhmm(at), availableAt: at }];
}

/** Key of the run that enters the day's generated trades. */
export const SEEDED_TRADES = 'trades of the day';

function listedRuns(days: RiskDays): readonly DueRiskRun[] {
  const { margin, files } = days.riskSchedule;
  return days.rehearsal.runs.flatMap(({ run, at, availableAt }) => {
    const marginRow = margin.find((row) => marginKey(row.at) === run);
    const fileRow = files.find(({ report }) => report === run);
    const due = marginRow ? marginRun(days, marginRow, at) : fileRow ? dailyFile(fileRow, at) : null;
    if (!due) return [];
    return [{ ...due, availableAt: availableAt ?? Math.max(due.availableAt, at) }];
  });
}

function marginRun({ riskSchedule }: RiskDays, row: MarginRunRow, at: Instant): DueMarginRun {
  const date = marketDate(at);
  const published = reportTimesOn(riskSchedule, date).times.find(({ run }) => run === row.at)?.published ?? row.at;
  return {
    kind: 'margin',
    key: marginKey(row.at),
    case: row.snapshot,
    byAccount: row.byAccount === true,
    date,
    at,
    snapshot: hhmm(at),
    availableAt: timeOn(date, published),
  };
}

function dailyFile({ report, published }: DailyFileRow, at: Instant): DueDailyFile {
  const date = marketDate(at);
  const availableAt = timeOn(date, published);
  return { kind: 'file', key: report, report, date, at, snapshot: hhmm(at), availableAt };
}

/** The report times valid on a date: those of `holds`, else the latest that have begun, else the earliest. */
export function reportTimesOn({ reportTimes, holds }: RiskSchedule, date: MarketDate): ReportTimes {
  const inOrder = reportTimes.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const found = holds
    ? reportTimes.find(({ id }) => id === holds)
    : (inOrder.findLast(({ from }) => from <= date) ?? inOrder[0]);
  if (!found) throw new Error(`the schedule has no report times ${holds ?? `on ${date}`}`);
  return found;
}

function isFirstOfMonth(date: MarketDate, holidays: ReadonlySet<MarketDate>): boolean {
  let day = `${date.slice(0, 7)}-01`;
  while (!isBusinessDay(day, holidays)) day = addDays(day, 1);
  return day === date;
}

function marginKey(at: string): string {
  return `margin ${at}`;
}
