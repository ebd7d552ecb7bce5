import type { MarketDate } from '../nouns/market.ts';
import { isBusinessDay } from './calendar.ts';

/**
 * The days of a daily run: every business day, the last full trading day before each designated long holiday (listed in
 * fixtures/market/holidays.json), or single dates.
 */
export type RunDays = 'business days' | 'before long holidays' | readonly MarketDate[];

/** Holidays, and the days before the long ones. */
export interface Calendar {
  readonly holidays: ReadonlySet<MarketDate>;
  /** The last full trading day before each designated long holiday. */
  readonly beforeLongHolidays: ReadonlySet<MarketDate>;
}

/** Whether a run of these days takes place on `date`; only ever on a business day. */
export function takesPlace(days: RunDays, date: MarketDate, calendar: Calendar): boolean {
  if (!isBusinessDay(date, calendar.holidays)) return false;
  if (days === 'business days') return true;
  if (days === 'before long holidays') return calendar.beforeLongHolidays.has(date);
  return days.includes(date);
}
