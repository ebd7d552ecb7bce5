import type { Status } from '../calendar/rehearsal.ts';
import type { Words } from '../nouns/market.ts';
import type { RapFolder } from '../nouns/reports.ts';

/** A report that the risk platform publishes in RAP; it is data (fixtures/orp/reports/). */
export interface RiskReportDefinition {
  readonly id: string;
  readonly name: Words;
  readonly channel: 'RAP';
  /** INBOX: one for each clearing participant; COMMON and RPF: one for all. */
  readonly folder: RapFolder;
  readonly columns: readonly RiskColumn[];
  readonly status: Status;
  readonly source: string;
}

/** A column of the csv: its heading, and the name of its value. */
export interface RiskColumn {
  readonly heading: string;
  readonly value: string;
  /** The format of a column of dates. */
  readonly format?: 'DD/MM/YYYY' | 'YYYYMMDD' | 'YYYY-MM-DD';
  readonly status: Status;
}
