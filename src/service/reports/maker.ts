import type { Instant, MarketDate, Participant } from '../../domain/nouns/market.ts';
import type { Books } from '../../store/books/books.ts';
import type { FieldValues } from '../../wire/field-value.ts';
import type { TextColumn } from '../../wire/text-report.ts';

/** Whose report it is, of which day; `at` is the time that its run is due. */
export interface ReportOf {
  readonly participant: Participant;
  readonly businessDate: MarketDate;
  readonly at: Instant;
}

/** What one report says to one participant, ready for both forms. */
export interface ReportContent {
  /** There is nothing to say, and no file says so. Left out = a file without rows. */
  readonly none?: boolean;
  /** The detail records, as the report's layout names their fields. Left out where there is a printed form only. */
  readonly records?: () => Iterable<FieldValues>;
  /** What every printed page says above its columns, after the business date. */
  readonly about?: readonly (readonly [label: string, value: string])[];
  readonly columns: readonly TextColumn[];
  /** The printed rows, one text a column. */
  readonly rows: () => Iterable<readonly string[]>;
  /** Counts and totals under the last row. */
  readonly footer: readonly (readonly [label: string, value: string])[];
}

/**
 * Reads the books for one participant. Whatever it needs of them it takes before it returns: `records` and `rows` are
 * asked for later, when the books may have moved on. Rows of the books are never changed in place, so keeping them is enough.
 */
export type ReportMaker = (books: Books, of: ReportOf) => ReportContent;
