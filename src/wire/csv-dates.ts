import { isMarketDate } from '../domain/calendar/calendar.ts';
import type { MarketDate } from '../domain/nouns/market.ts';

/** How a column of a csv writes dates. */
export type CsvDateFormat = 'DD/MM/YYYY' | 'YYYYMMDD' | 'YYYY-MM-DD';

export function dateText(date: MarketDate, format: CsvDateFormat): string {
  const [year, month, day] = date.split('-');
  if (format === 'DD/MM/YYYY') return `${day}/${month}/${year}`;
  return format === 'YYYYMMDD' ? `${year}${month}${day}` : date;
}

const DATES = [
  /^(?<day>\d{1,2})\/(?<month>\d{1,2})\/(?<year>\d{4})$/,
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)$/,
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/,
];

/**
 * A date in any of the formats, which are unambiguous: the guide prints one column in two of them. Leading zeros may be
 * missing, as in its samples. Null if it is not a date of the calendar.
 */
export function readDate(text: string): MarketDate | null {
  for (const format of DATES) {
    const { year, month, day } = format.exec(text)?.groups ?? {};
    if (year === undefined || month === undefined || day === undefined) continue;
    const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    return isMarketDate(date) ? date : null;
  }
  return null;
}
