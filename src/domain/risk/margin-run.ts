import type { MarginablePosition, MarginParams, MarginResult } from '../margin/calculation.ts';
import type { Instant, MarketDate } from '../nouns.ts';
import type { MtmFigures } from '../positions/position-lines.ts';

/** The figures of one scheduled run for one clearing participant, as its reports and on-line enquiries show them. */
export interface MarginRun {
  /** The key of the run among those of a date, such as `margin 11:00`. */
  readonly run: string;
  readonly participant: string;
  readonly businessDate: MarketDate;
  /** HHMM of the snapshot. */
  readonly snapshot: string;
  /** When the run was due. */
  readonly at: Instant;
  /** When its reports are published; on-line enquiries show it from then on. */
  readonly availableAt: Instant;
  /** The lines of RMAMP01. */
  readonly positions: readonly MarginablePosition[];
  readonly params: MarginParams;
  readonly result: MarginResult;
  readonly mtm: MtmFigures;
  /** The risk parameter file that was in force: its business date, and the SHA-256 of its data zip in RAP. */
  readonly imrpf: { readonly businessDate: MarketDate; readonly sha256: string };
}
