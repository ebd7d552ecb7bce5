import { isMarketDate } from '../../domain/calendar/calendar.ts';
import { put, remove } from '../../domain/change.ts';
import type { MarketDate } from '../../domain/nouns/market.ts';
import type { Report } from '../../domain/nouns/reports.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import type { Context } from '../context.ts';
import { changedAt } from '../stored-file.ts';
import { type Catalogue, publish } from './reports.ts';

/** Names a report by participant, business date and form. */
export interface ReportPlace {
  readonly id: string;
  /** A participant ID, or COMMON. */
  readonly participant: string;
  readonly businessDate: MarketDate;
  readonly format: Report['format'];
}

/**
 * Puts the tester's file in a report's place: the newest of that ID, participant, day and form keeps its reference, name and
 * time and gets new bytes; clients that have it open continue to read the old ones. Where there is no report yet, a new one
 * is published at once. A mock convention. NOT_FOUND if the market lacks the participant, BAD_REQUEST if the date is not
 * valid.
 */
export async function publishCustomReport(
  context: Context,
  catalogue: Catalogue,
  place: ReportPlace,
  bytes: Uint8Array,
): Promise<Report | Refusal> {
  const { store } = context;
  if (!isMarketDate(place.businessDate)) return noSuchDay(place.businessDate);
  if (place.participant !== 'COMMON' && !store.books.get('participant', place.participant)) {
    return refuse('NOT_FOUND', {
      en: `The market has no participant ${place.participant}. Name one of the market, or COMMON for a report to everyone.`,
      zh: `市場並無參與者 ${place.participant}。請指定市場參與者，或以 COMMON 代表共用報表。`,
    });
  }
  const kept = await store.blobs.put(inOnePiece(bytes));
  const published = await store.transact((books, at) => {
    const existing = reportAt(books, place);
    if (!existing) {
      const draft = { ...place, ...kept, madeAt: at, availableAt: at, batch: null, inPlaceOf: null };
      const { changes, reports } = publish(books, [draft], catalogue.get(place.id)?.market ?? 'HKMK');
      return { changes, answer: reports[0] };
    }
    const { notMade, ...row } = existing;
    const { sha256, sizeBytes } = row;
    const replaced = { sha256, sizeBytes, ...(notMade && { notMade }) };
    const inPlaceOf = row.inPlaceOf === undefined ? replaced : row.inPlaceOf;
    const modifiedAt = changedAt(row.modifiedAt ?? row.madeAt, at);
    const report: Report = { ...row, ...kept, modifiedAt, inPlaceOf };
    return { changes: [put('report', report)], answer: report };
  });
  if (published === undefined) throw new Error('a draft that was published has no report');
  if (!isRefusal(published)) note(context, published, 'user-published');
  return published;
}

/** Withdraws a custom report: the report is again as the centre made it, or gone if there was none. */
export async function withdrawCustomReport(
  context: Context,
  place: ReportPlace,
): Promise<{ readonly reference: string; readonly restored: boolean } | Refusal> {
  const withdrawn = await context.store.transact((books, at) => {
    const custom = reportAt(books, place);
    if (custom?.inPlaceOf === undefined) return { changes: [], answer: null };
    const { inPlaceOf, ...row } = custom;
    const change = inPlaceOf
      ? put('report', { ...row, ...inPlaceOf, modifiedAt: changedAt(row.modifiedAt ?? row.madeAt, at) })
      : remove('report', custom.reference);
    return { changes: [change], answer: custom };
  });
  if (isRefusal(withdrawn)) return withdrawn;
  if (withdrawn === null) {
    return refuse('NOT_FOUND', {
      en: `You have published no file as ${place.id} (${place.format}) of ${place.participant}, ${place.businessDate}. List the reports: reports --participant ${place.participant}`,
      zh: `${place.participant} ${place.businessDate} 的 ${place.id}（${place.format}）並無自行發布的檔案。查閱報表：reports --participant ${place.participant}`,
    });
  }
  note(context, withdrawn, 'user-withdrawn');
  return { reference: withdrawn.reference, restored: withdrawn.inPlaceOf !== null };
}

/** Refuses a business date that is not a valid date. */
export function noSuchDay(date: string): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${date} is not a valid date. Name the report's business date, such as 2021-07-23.`,
    zh: `${date} 並非日曆上的日期。請指定報表的營業日期，例如 2021-07-23。`,
  });
}

/** The newest in that place. */
function reportAt(books: Books, place: ReportPlace): Report | undefined {
  return books
    .reportsOf(place.participant)
    .findLast(
      (row) =>
        row.participant === place.participant &&
        row.id === place.id &&
        row.businessDate === place.businessDate &&
        row.format === place.format,
    );
}

function note({ journal, centre }: Context, report: Report, what: 'user-published' | 'user-withdrawn'): void {
  const { reference, id, participant, businessDate, format, sizeBytes, sha256 } = report;
  const detail = { what, report: reference, id, businessDate, format, sizeBytes, sha256 };
  journal.note('report', { centre, service: 'ccass', participant }, detail);
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
