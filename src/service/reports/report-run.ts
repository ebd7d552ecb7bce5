import { belongsTo } from '../../domain/calendar/rehearsal.ts';
import { put } from '../../domain/change.ts';
import type { Instant, MarketDate, Participant } from '../../domain/nouns/market.ts';
import type { Report } from '../../domain/nouns/reports.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { ReportDefinition } from '../../domain/report-catalogue.ts';
import type { Books } from '../../store/books/books.ts';
import type { Layout } from '../../wire/layout.ts';
import { writeRecords } from '../../wire/report-file.ts';
import { printReport, type TextReport } from '../../wire/text-report.ts';
import { runStamp } from '../batches/control-report.ts';
import type { Context } from '../context.ts';
import type { ReportContent } from './maker.ts';
import { keepReportFile, type Pieces } from './report-file.ts';
import { REPORT_MAKERS } from './report-makers.ts';
import { type MadeReport, noteMisfits, publish } from './reports.ts';

/** A report that a run can make. */
export interface ScheduledReport {
  readonly definition: ReportDefinition;
  /** Null where it has a printed form only. */
  readonly layout: Layout | null;
}

export interface ReportRun {
  /** Names it among the runs of a date; each is done at most once. */
  readonly key: string;
  readonly businessDate: MarketDate;
  /** When it is due; the reports show this as the time they were made. */
  readonly at: Instant;
  readonly availableAt: Instant;
}

/** The receiver of a report that is common to all. */
export const EVERYONE: Participant = {
  id: 'COMMON',
  name: { en: 'ALL PARTICIPANTS', zh: '所有參與者' },
  type: 'custodian',
};

/**
 * Makes one report for every participant of its audience from the books as they are now, once per key and business date: the
 * run is a change, so the active centre knows whether it was done. Resolves with how many files were published: not
 * those that could not be made, which are in their participant's list with the reason.
 */
export async function runReport(context: Context, report: ScheduledReport, run: ReportRun): Promise<number> {
  const { store, clock, journal, centre } = context;
  const { definition } = report;
  const { businessDate, availableAt } = run;
  const key = `${run.key}/${businessDate}`;
  if (store.books.get('run', key)) return 0;
  const made = await makeReports(context, report, run);
  const published = await store.transact((books) => {
    if (books.get('run', key)) return { changes: [], answer: [] };
    const drafts = made.map(({ draft }) => draft);
    const { changes, reports } = publish(books, drafts, definition.market);
    return {
      changes: [...changes, put('run', { run: run.key, date: businessDate, doneAt: clock.now() })],
      answer: reports,
    };
  });
  if (isRefusal(published) || published.length === 0) return 0;
  noteMisfits(context, made, published);
  const done = { reports: published.filter(({ notMade }) => notMade === undefined).length };
  journal.note('run', { centre }, { run: run.key, date: businessDate, done, availableAt });
  return done.reports;
}

/** The files of every participant of the audience, each by itself: what one of them cannot have costs the others nothing. */
async function makeReports(context: Context, report: ScheduledReport, run: ReportRun): Promise<MadeReport[]> {
  const { definition } = report;
  const { books } = context.store;
  const receivers = definition.common
    ? [EVERYONE]
    : [...books.all('participant')].filter(({ type }) => belongsTo(definition.audience, type));
  // All contents are read before the first byte is written, so that every participant's report shows the same moment.
  const contents = receivers
    .map((participant) => ({ participant, content: contentOrError(books, definition.id, participant, run) }))
    .filter(({ content }) => content instanceof Error || !content.none);
  const { businessDate, at: madeAt, availableAt } = run;
  const made: MadeReport[] = [];
  for (const { participant, content } of contents) {
    const facts = { id: definition.id, participant: participant.id };
    for (const format of definition.formats) {
      const { tooWide, ...kept } = await keepReportFile(context, facts, (onTooWide) => {
        if (content instanceof Error) throw content;
        return reportPieces(report, format, participant, content, run, onTooWide);
      });
      made.push({ draft: { ...facts, businessDate, madeAt, availableAt, format, ...kept, batch: null }, tooWide });
    }
  }
  return made;
}

function contentOrError(books: Books, id: string, participant: Participant, run: RunTime): ReportContent | Error {
  try {
    return reportContent(books, id, participant, run);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

type RunTime = Pick<ReportRun, 'businessDate' | 'at'>;

/** The content of a report to a participant, from the books as they are now. */
export function reportContent(
  books: Books,
  id: string,
  participant: Participant,
  { businessDate, at }: RunTime,
): ReportContent {
  const make = REPORT_MAKERS[id];
  if (!make) throw new Error(`no run makes ${id}`);
  return make(books, { participant, businessDate, at });
}

/** The file of one form, piece by piece. */
export function reportPieces(
  report: ScheduledReport,
  format: Report['format'],
  participant: Participant,
  content: ReportContent,
  run: RunTime,
  onTooWide: NonNullable<TextReport['onTooWide']> = () => undefined,
): Pieces {
  return format === 'data'
    ? data(report, participant, content, run)
    : text(report, participant, content, run, onTooWide);
}

function data({ definition, layout }: ScheduledReport, { id }: Participant, content: ReportContent, run: RunTime) {
  if (!layout || !content.records) throw new Error(`${definition.id} has no data file; its formats can only be text`);
  const header = { participant: id, market: definition.market, businessDate: run.businessDate };
  return writeRecords(layout, header, content.records());
}

function text(
  { definition }: ScheduledReport,
  { id, name }: Participant,
  content: ReportContent,
  run: RunTime,
  onTooWide: NonNullable<TextReport['onTooWide']>,
) {
  return printReport({
    reportId: definition.id,
    title: definition.name.en,
    participant: id,
    participantName: name.en,
    ...runStamp(run.at),
    about: [['BUSINESS DATE', run.businessDate], ...(content.about ?? [])],
    columns: content.columns,
    rows: content.rows(),
    footer: () => content.footer,
    onTooWide,
  });
}
