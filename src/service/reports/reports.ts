import { compactDate, formatHkt, hhmmss, marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put } from '../../domain/change.ts';
import type { DownloadEnd } from '../../domain/journal/kinds/files.ts';
import type { Instant, MarketDate, Words } from '../../domain/nouns/market.ts';
import type { Report } from '../../domain/nouns/reports.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { keptUntil, type ReportDefinition } from '../../domain/report-catalogue.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import type { Books } from '../../store/books/books.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import { type StoredFile, storedFile } from '../stored-file.ts';

/** The reports that exist, by ID (fixtures/reports/). */
export type Catalogue = ReadonlyMap<string, ReportDefinition>;

/** A report that may be read, and its bytes. */
export interface OpenReport extends StoredFile {
  readonly report: Report;
  /** Notes in the journal what was sent; the listener calls it at the end of the transfer, complete or not. */
  sent(first: number, last: number, ended: DownloadEnd): void;
}

/**
 * What is available to a participant now, its reports and the common ones, the newest first. Those with `notMade` are not
 * files: each says why there is none.
 */
export function listReports(
  context: Context,
  session: Session,
  query: { readonly id?: string; readonly businessDate?: MarketDate },
  catalogue: Catalogue,
): readonly Report[] {
  const at = context.clock.now();
  return context.store.books
    .reportsOf(session.participant)
    .filter((report) => isAvailable(report, at, catalogue))
    .filter((report) => query.id === undefined || report.id === query.id)
    .filter((report) => query.businessDate === undefined || report.businessDate === query.businessDate)
    .sort((a, b) => b.madeAt - a.madeAt || (a.reference < b.reference ? 1 : -1));
}

export function openReport(
  context: Context,
  session: Session,
  reference: string,
  caller: Caller,
  catalogue: Catalogue,
): OpenReport | Refusal {
  const report = findReport(context, session, reference, catalogue);
  if (isRefusal(report)) return report;
  return {
    report,
    ...storedFile(context, report.sha256),
    sent(first, last, ended) {
      const { reference, id, businessDate, fileName, sizeBytes, sha256 } = report;
      const bytes = Math.max(0, last + 1 - first);
      context.journal.note('download', requestHead(context, caller, session), {
        ...{ report: reference, id, businessDate, fileName, sizeBytes, sha256, bytes, ended },
        ranges: bytes === 0 ? [] : [{ first, last }],
        whole: ended === 'closed-by-client' && bytes === sizeBytes,
      });
    },
  };
}

export function reportName(catalogue: Catalogue, id: string): Words {
  return catalogue.get(id)?.name ?? { en: id, zh: id };
}

function findReport(context: Context, session: Session, reference: string, catalogue: Catalogue): Report | Refusal {
  const at = context.clock.now();
  const report = context.store.books.get('report', reference);
  const mine = report && (report.participant === session.participant || report.participant === 'COMMON');
  if (mine && report.availableAt > at) {
    const when = formatHkt(report.availableAt);
    return refuse(
      'NOT_OPEN',
      {
        en: `Report ${reference} is available from ${when}. Come back then.`,
        zh: `報表 ${reference} 於 ${when} 起可供查閱，請屆時再試。`,
      },
      { retryAt: report.availableAt },
    );
  }
  if (mine && isAvailable(report, at, catalogue))
    return report.notMade ? refuse('REPORT_NOT_MADE', report.notMade) : report;
  return refuse('NOT_FOUND', {
    en: `You have no report ${reference}, or it is no longer kept. List yours: GET /ccass/v1/reports`,
    zh: `閣下並無報表 ${reference}，或該報表已不再保留。查閱報表：GET /ccass/v1/reports`,
  });
}

function isAvailable(report: Report, at: Instant, catalogue: Catalogue): boolean {
  const definition = catalogue.get(report.id);
  return report.availableAt <= at && (!definition || at < keptUntil(definition, marketDate(report.availableAt)));
}

/** A report whose bytes are stored and that has no reference yet. */
export type DraftReport = Omit<Report, 'reference' | 'fileName'>;

/** A draft, and for the journal the figures that its printed form has no room for. */
export interface MadeReport {
  readonly draft: DraftReport;
  readonly tooWide: Words | null;
}

/** Tells the tester what participants will miss: data files that were not made, printed figures that show as `*`. */
export function noteMisfits(
  { journal, centre }: Pick<Context, 'journal' | 'centre'>,
  made: readonly MadeReport[],
  published: readonly Report[],
): void {
  published.forEach(({ reference, participant, id, businessDate, format, sizeBytes, batch, notMade }, n) => {
    const reason = notMade ?? made[n]?.tooWide;
    if (!reason) return;
    const what = notMade ? 'not-made' : 'too-wide';
    const facts = { id, businessDate, format, sizeBytes, ...(batch !== null && { batch }) };
    journal.note('report', { centre, service: 'ccass', participant }, { what, report: reference, ...facts, reason });
  });
}

/**
 * The changes that publish drafts, with references from the books' counter. To be called inside `transact`.
 * File names follow the one published pattern, `<ReportID>_<COMMON or participant>_<market>_<date and time>.TXT`
 * (CCNAN05), the date being the business date, so that names of several days differ; the batch reference in a control report's
 * name and `.PRN` for the printed form are mock conventions.
 */
export function publish(
  books: Books,
  drafts: readonly DraftReport[],
  market: string,
): { changes: Change[]; reports: Report[] } {
  let next = books.counter('report');
  const reports = drafts.map((draft): Report => {
    const stamp = `${compactDate(draft.businessDate)}${hhmmss(draft.madeAt)}`;
    const extension = draft.format === 'data' ? 'TXT' : 'PRN';
    return {
      ...draft,
      reference: seriesKey(SERIES.report, next++),
      fileName: `${[draft.id, draft.participant, market, stamp, ...(draft.batch ? [draft.batch] : [])].join('_')}.${extension}`,
    };
  });
  return {
    changes: [...reports.map((report) => put('report', report)), put('counter', { name: 'report', next })],
    reports,
  };
}
