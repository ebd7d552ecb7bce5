import type { MarketDate } from '../nouns/market.ts';
import { isBusinessDay } from './calendar.ts';

/**
 * The days on which a daily run takes place: every business day, the last full trading day before each designated long
 * holiday (which those are is data, fixtures/market/holidays.json), or dates that are named one by one.
 */
export type RunDays = 'business days' | 'before long holidays' | readonly MarketDate[];

/** What tells the days apart. */
export interface Calendar {
  readonly holidays: ReadonlySet<MarketDate>;
  /** The last full trading day before each designated long holiday. */
  readonly beforeLongHolidays: ReadonlySet<MarketDate>;
}

/** Whether a run of these days takes place on `date`; never on another than a business day. */
export function takesPlace(days: RunDays, date: MarketDate, calendar: Calendar): boolean {
  if (!isBusinessDay(date, calendar.holidays)) return false;
  if (days === 'business days') return true;
  if (days === 'before long holidays') return calendar.beforeLongHolidays.has(date);
  return days.includes(date);
}
