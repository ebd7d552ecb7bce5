import type { CentreName, Instant, MarketDate, Words } from '../nouns/market.ts';
import { type Available, availableAt, dailyRuns, type ReportDefinition } from '../report-catalogue.ts';
import { type DueRiskRun, dueRiskRuns, type RiskDays } from '../risk/risk-schedule.ts';
import { addDays, DAY_MS, hhmm, marketDate, startOfDay, timeOn } from './calendar.ts';
import { isRehearsalDay, type Notice, type RehearsalSession, type RollBack, type Status } from './rehearsal.ts';
import { type Calendar, type RunDays, takesPlace } from './run-days.ts';
import { HORIZON_DAYS } from './timetable.ts';
import { CENTRE_WORDS, OPERATION_WORDS, serviceWords } from './timetable-words.ts';
import { type Days, hourWindows } from './windows.ts';

/** The scheduled events of the timetable, in order, so that a driver can set alarms and move to the next one. */
export interface DaysWithReports extends Days, Calendar, RiskDays {
  readonly catalogue: readonly ReportDefinition[];
  readonly marketRuns: readonly MarketRunRow[];
}

/** A daily run at `HH:MM` that matches, settles or purges SIs, or moves the shares of account transfers. */
export interface MarketRunRow {
  readonly run: 'matching' | 'settlement' | 'purge' | 'transfers';
  readonly at: string;
  /** Left out = every business day. */
  readonly on?: RunDays;
  /** The last settlement run of the day; a broadcast message announces its end. */
  readonly final?: boolean;
  readonly status: Status;
  readonly source: string;
}

/** A daily run on one day. */
export interface DueMarketRun {
  readonly kind: MarketRunRow['run'];
  /** Unique among the runs of a date, such as `settlement 10:30`. */
  readonly key: string;
  readonly date: MarketDate;
  readonly at: Instant;
  readonly final: boolean;
}

interface Base {
  readonly at: Instant;
  readonly what: Words;
}
export type TimetableEvent =
  | (Base & {
      readonly kind: 'closes' | 'opens';
      readonly centre: CentreName | null;
      readonly session: RehearsalSession | null;
    })
  | (Base & { readonly kind: 'roll-back'; readonly rollBack: RollBack })
  | (Base & { readonly kind: 'switch'; readonly to: CentreName })
  | (Base & { readonly kind: 'market-run'; readonly marketRun: DueMarketRun })
  | (Base & { readonly kind: 'run'; readonly run: DueRun })
  | (Base & { readonly kind: 'reports'; readonly run: DueRun })
  | (Base & { readonly kind: 'risk-run' | 'packages'; readonly riskRun: DueRiskRun })
  | (Base & { readonly kind: 'notice'; readonly notice: Notice });
export type TimetableEventKind = TimetableEvent['kind'];

/**
 * The order of events at one instant: a session ends, the books roll back, runs use the rolled-back books, the centre
 * changes, its notice goes out, and then it opens.
 */
const ORDER: readonly TimetableEventKind[] = [
  'closes',
  'roll-back',
  'market-run',
  'run',
  'risk-run',
  'reports',
  'packages',
  'switch',
  'notice',
  'opens',
];

/** A scheduled run of a report: at most one per `key` and `date`. */
export interface DueRun {
  /** The report that it makes. */
  readonly run: string;
  /** Unique among the runs of a date: the report's ID, and its time if it is made several times a day, `CRMMG01 14:00`. */
  readonly key: string;
  /** The business date of the report: the market date of `at`. */
  readonly date: MarketDate;
  readonly at: Instant;
  readonly availableAt: Instant;
}

/**
 * The runs due after `after` and not after `until`, in order: those of the catalogue on a business day, those that the
 * rehearsal lists on a rehearsal day.
 */
export function dueRuns(days: DaysWithReports, after: Instant, until: Instant): readonly DueRun[] {
  const { rehearsal, catalogue } = days;
  const due = ({ at }: DueRun) => at > after && at <= until;
  const ofDays = datesBetween(after, until)
    .filter((date) => !isRehearsalDay(rehearsal, date))
    .flatMap((date) => catalogue.flatMap((report) => runsOn(days, report, date)));
  return [...ofDays, ...listedRuns(days)].filter(due).sort((a, b) => a.at - b.at);
}

function runsOn(days: DaysWithReports, report: ReportDefinition, date: MarketDate): readonly DueRun[] {
  const runs = dailyRuns(report);
  return runs
    .filter(({ on }) => takesPlace(on, date, days))
    .map((run) => dueRun(days, { id: report.id, available: run.available }, timeOn(date, run.at), runs.length > 1));
}

function listedRuns(days: DaysWithReports): readonly DueRun[] {
  const { rehearsal, catalogue } = days;
  return rehearsal.runs.flatMap(({ run, at, availableAt: listed }) => {
    const report = catalogue.find(({ id }) => id === run);
    if (!report) return [];
    const same = rehearsal.runs.filter((one) => one.run === run && marketDate(one.at) === marketDate(at));
    const due = dueRun(days, report, at, same.length > 1);
    return [listed === null ? due : { ...due, availableAt: listed }];
  });
}

function dueRun(
  { rehearsal }: DaysWithReports,
  report: { readonly id: string; readonly available: Available },
  at: Instant,
  several: boolean,
): DueRun {
  const date = marketDate(at);
  const time = hhmm(at);
  return {
    run: report.id,
    key: several ? `${report.id} ${time.slice(0, 2)}:${time.slice(2)}` : report.id,
    date,
    at,
    availableAt: availableAt(report, { at, businessDate: date }, rehearsal.reports),
  };
}

/** The matching, settlement, purging and transfer runs due after `after` and not after `until`, in order. */
export function dueMarketRuns(days: DaysWithReports, after: Instant, until: Instant): readonly DueMarketRun[] {
  const { rehearsal, marketRuns } = days;
  return datesBetween(after, until)
    .filter((date) => !isRehearsalDay(rehearsal, date))
    .flatMap((date) =>
      marketRuns
        .filter(({ on = 'business days' }) => takesPlace(on, date, days))
        .map(({ run, at, final = false }) => ({
          kind: run,
          key: `${run} ${at}`,
          date,
          at: timeOn(date, at),
          final,
        })),
    )
    .filter(({ at }) => at > after && at <= until)
    .sort((a, b) => a.at - b.at);
}

/** The run of a day that is marked as its last settlement run; null if there is none. */
export function finalRun(days: DaysWithReports, date: MarketDate): DueMarketRun | null {
  const start = startOfDay(date);
  return dueMarketRuns(days, start - 1, start + DAY_MS - 1).findLast(({ final }) => final) ?? null;
}

/** Every event after `after` and not after `until`, in order of time and then of `ORDER`. */
export function events(days: DaysWithReports, after: Instant, until: Instant): readonly TimetableEvent[] {
  const { rehearsal, catalogue } = days;
  const found: TimetableEvent[] = [];
  for (const session of rehearsal.sessions) {
    const { centre, name, from, to } = session;
    const at = CENTRE_WORDS[centre];
    found.push({
      kind: 'opens',
      at: from,
      centre,
      session,
      what: { en: `${name.en} opens at ${at.en}`, zh: `${name.zh}於${at.zh}開始` },
    });
    found.push({ kind: 'closes', at: to, centre, session, what: { en: `${name.en} closes`, zh: `${name.zh}結束` } });
  }
  for (const date of datesBetween(after, until)) found.push(...hourEvents(days, date));
  for (const { at, to } of rehearsal.switches) {
    const words = CENTRE_WORDS[to];
    found.push({
      kind: 'switch',
      at,
      to,
      what: { en: `the line leads to ${words.en}`, zh: `連接地址轉至${words.zh}` },
    });
  }
  const { rollBack } = rehearsal;
  if (rollBack)
    found.push({
      kind: 'roll-back',
      at: rollBack.at,
      rollBack,
      what: { en: 'the books return to their state before the rehearsal', zh: '賬目還原至演習前的狀態' },
    });
  for (const marketRun of dueMarketRuns(days, after, until)) {
    const words = MARKET_RUN_WORDS[marketRun.kind];
    found.push({ kind: 'market-run', at: marketRun.at, marketRun, what: words });
  }
  for (const notice of rehearsal.notices) found.push({ kind: 'notice', at: notice.at, notice, what: notice.subject });
  // A report may become available long after its run. Reports are kept for a few days, so it is enough to look back that far.
  for (const run of dueRuns(days, after - HORIZON_DAYS_BACK * DAY_MS, until)) {
    const name = catalogue.find((report) => report.id === run.run)?.name ?? { en: run.run, zh: run.run };
    found.push({ kind: 'run', at: run.at, run, what: { en: `${run.run} is made`, zh: `製作 ${run.run}` } });
    if (run.availableAt > run.at)
      found.push({
        kind: 'reports',
        at: run.availableAt,
        run,
        what: { en: `${name.en} of ${run.date} is available`, zh: `${run.date} ${name.zh}可供查閱` },
      });
  }
  found.push(...riskEvents(days, after, until));
  return found
    .filter(({ at }) => at > after && at <= until)
    .sort((a, b) => a.at - b.at || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** The runs of the risk platform, and the instants at which their files are in RAP. */
function riskEvents(days: DaysWithReports, after: Instant, until: Instant): readonly TimetableEvent[] {
  return dueRiskRuns(days, after - DAY_MS, until).flatMap((riskRun): TimetableEvent[] => {
    const { key, date, at, availableAt } = riskRun;
    const what = RISK_RUN_WORDS[riskRun.kind](key);
    const there = { en: `${key} of ${date} is in RAP`, zh: `${date} ${key} 可於 RAP 取得` };
    return [
      { kind: 'risk-run', at, riskRun, what },
      ...(availableAt > at ? [{ kind: 'packages' as const, at: availableAt, riskRun, what: there }] : []),
    ];
  });
}

const RISK_RUN_WORDS: Readonly<Record<DueRiskRun['kind'], (key: string) => Words>> = {
  file: (key) => ({ en: `${key} is made`, zh: `製作 ${key}` }),
  margin: (key) => ({ en: `${key} run`, zh: `按金計算（${key.slice(-5)}）` }),
  trades: () => ({ en: "the day's generated trades are entered", zh: '當日的模擬買賣入賬' }),
};

const HORIZON_DAYS_BACK = 14;

const MARKET_RUN_WORDS: Readonly<Record<MarketRunRow['run'], Words>> = {
  matching: { en: 'settlement instructions are matched', zh: '配對交收指示' },
  settlement: { en: 'batch settlement run', zh: '多批交收處理程序' },
  purge: { en: 'old settlement instructions are purged', zh: '清除逾期交收指示' },
  transfers: { en: 'the shares of account transfers are moved', zh: '執行戶口轉移' },
};

/** The first event after an instant, optionally of these kinds; null if there is none within 400 days. */
export function nextEvent(
  days: DaysWithReports,
  after: Instant,
  kinds?: readonly TimetableEventKind[],
): TimetableEvent | null {
  const STEP_DAYS = 8;
  for (let n = 0; n < HORIZON_DAYS; n += STEP_DAYS) {
    const from = after + n * DAY_MS;
    const found = events(days, from, from + STEP_DAYS * DAY_MS).find((event) => !kinds || kinds.includes(event.kind));
    if (found) return found;
  }
  return null;
}

function hourEvents(days: Days, date: MarketDate): readonly TimetableEvent[] {
  return hourWindows(days, date).flatMap(({ service, offer, from, to }) => {
    const operations = offer.operations === 'all' ? [] : offer.operations;
    const name = serviceWords(service, from);
    const en = `${name.en} (${operations.map((operation) => OPERATION_WORDS[operation].en).join(', ')})`;
    const zh = `${name.zh}（${operations.map((operation) => OPERATION_WORDS[operation].zh).join('、')}）`;
    const common = { centre: null, session: null };
    return [
      { kind: 'opens' as const, at: from, ...common, what: { en: `${en} opens`, zh: `${zh}開放` } },
      { kind: 'closes' as const, at: to, ...common, what: { en: `${en} closes`, zh: `${zh}關閉` } },
    ];
  });
}

/** Every date whose events may be after `after` and not after `until`. */
function datesBetween(after: Instant, until: Instant): readonly MarketDate[] {
  const dates: MarketDate[] = [];
  // A window that ends at 24:00 ends at the first instant of the next day, so begin a day early.
  for (let date = addDays(marketDate(after), -1); date <= marketDate(until); date = addDays(date, 1)) dates.push(date);
  return dates;
}
