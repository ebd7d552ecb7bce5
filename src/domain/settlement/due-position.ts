import type { DuePosition, MarketDate } from '../nouns/market.ts';

/** Whether a due position that was due before a date is still there: it is overdue. */
export function isOverdue({ settlementDate, unsettled }: DuePosition, date: MarketDate): boolean {
  return settlementDate < date && unsettled === true;
}

/**
 * Whether a due position is there on a date: due on it or later, or overdue. The books settle no due positions, so that each
 * counts as settled with the end of its settlement date, unless it says that it did not settle (mock convention).
 */
export function isOutstanding(position: DuePosition, date: MarketDate): boolean {
  return position.settlementDate >= date || isOverdue(position, date);
}
