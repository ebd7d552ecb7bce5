import type { Instant, MarketDate, Participant } from '../../domain/nouns/market.ts';
import type { Books } from '../../store/books/books.ts';
import type { FieldValues } from '../../wire/field-value.ts';
import type { TextColumn } from '../../wire/text-report.ts';

/** The participant and business date of a report; `at` is when its run is due. */
export interface ReportOf {
  readonly participant: Participant;
  readonly businessDate: MarketDate;
  readonly at: Instant;
}

/** The content of one report to one participant, for both forms. */
export interface ReportContent {
  /** True: there is nothing to report, and no file is made. Left out: the file may have no rows. */
  readonly none?: boolean;
  /** The detail records, as the report's layout names their fields. Left out where there is a printed form only. */
  readonly records?: () => Iterable<FieldValues>;
  /** Printed on every page above the columns, after the business date. */
  readonly about?: readonly (readonly [label: string, value: string])[];
  readonly columns: readonly TextColumn[];
  /** The printed rows, one text a column. */
  readonly rows: () => Iterable<readonly string[]>;
  /** Counts and totals under the last row. */
  readonly footer: readonly (readonly [label: string, value: string])[];
}

/**
 * Reads the books for one participant. It must take all that it needs before it returns: `records` and `rows` are called
 * later, when the books may have changed. Rows of the books are never changed in place, so holding on to them is enough.
 */
export type ReportMaker = (books: Books, of: ReportOf) => ReportContent;
