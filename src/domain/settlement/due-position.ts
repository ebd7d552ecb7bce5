import type { DuePosition, MarketDate } from '../nouns/market.ts';

type Dated = Pick<DuePosition, 'settlementDate' | 'unsettled'>;

/** Whether a due position is overdue on a date: it was due before and has not settled. */
export function isOverdue({ settlementDate, unsettled }: Dated, date: MarketDate): boolean {
  return settlementDate < date && unsettled === true;
}

/**
 * Whether a due position is outstanding on a date: due on it or later, or overdue. The books do not settle due positions, so
 * each counts as settled at the end of its settlement date, unless it is marked `unsettled` (mock convention).
 */
export function isOutstanding(position: Dated, date: MarketDate): boolean {
  return position.settlementDate >= date || isOverdue(position, date);
}
