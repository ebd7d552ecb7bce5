import type { Instant, MarketDate } from '../nouns/market.ts';

/**
 * Hong Kong time and business days. Hong Kong has been UTC+8 without summer time since 1979, so the offset is a constant
 * for every instant a rehearsal can reach. A business day is Monday to Friday and not a general holiday (half days and
 * weather are not modelled: mock convention).
 */

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
const HKT_OFFSET_MS = 8 * 3_600_000;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const WALL = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{3}))?)?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const HHMM = /^(\d{2}):(\d{2})$/;

/** The Hong Kong calendar date at an instant. */
export function marketDate(at: Instant): MarketDate {
  return new Date(at + HKT_OFFSET_MS).toISOString().slice(0, 10);
}

/** `1630`, Hong Kong time, as in file names. */
export function hhmm(at: Instant): string {
  return hhmmss(at).slice(0, 4);
}

/** `163000`, Hong Kong time. */
export function hhmmss(at: Instant): string {
  return new Date(at + HKT_OFFSET_MS).toISOString().slice(11, 19).replaceAll(':', '');
}

/** `2021-07-24T16:30:00+08:00`, with milliseconds unless they are zero, as in JSON answers. */
export function isoHkt(at: Instant): string {
  return `${new Date(at + HKT_OFFSET_MS).toISOString().slice(0, 23).replace('.000', '')}+08:00`;
}

/** `2021-07-24 16:30 HKT`; with `seconds`, `2021-07-24 16:30:00 HKT`. */
export function formatHkt(at: Instant, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const text = new Date(at + HKT_OFFSET_MS).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, precision === 'seconds' ? 19 : 16)} HKT`;
}

/**
 * The instant of a Hong Kong wall-clock text: `2021-07-24`, `2021-07-24T16:30`, `…:30:15` or `….250`.
 * @throws RangeError if the text is not such a time or the day does not exist; use `parseInstant` for external text.
 */
export function instant(text: string): Instant {
  const at = wallInstant(text);
  if (at === null) throw new RangeError(`not a Hong Kong time such as 2021-07-24T16:30: ${text}`);
  return at;
}

/** Like `instant`, but also takes ISO 8601 with a zone (`2021-07-24T08:30Z`); null if the text is neither. */
export function parseInstant(text: string): Instant | null {
  if (!ZONED.test(text)) return wallInstant(text);
  if (!isMarketDate(text.slice(0, 10))) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function wallInstant(text: string): Instant | null {
  const match = WALL.exec(text);
  const [, date, hour = '00', minute = '00', second = '00', milli = '000'] = match ?? [];
  if (date === undefined || !isMarketDate(date)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return Date.parse(`${date}T${hour}:${minute}:${second}.${milli}Z`) - HKT_OFFSET_MS;
}

/** Whether a text is a real calendar date `YYYY-MM-DD`. */
export function isMarketDate(text: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const at = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return new Date(at).toISOString().slice(0, 10) === text;
}

/** The start of a day, 00:00 in Hong Kong. */
export function startOfDay(date: MarketDate): Instant {
  return instant(date);
}

/** The instant of `HH:MM` (00:00 to 24:00) on a day. @throws RangeError if it is not a valid time. */
export function timeOn(date: MarketDate, time: string): Instant {
  const minutes = minutesOf(time);
  if (minutes === null) throw new RangeError(`not a time of day such as 08:00: ${time}`);
  return instant(date) + minutes * MINUTE_MS;
}

/** Minutes after midnight of `HH:MM`, 00:00 to 24:00; null if it is not a valid time. */
export function minutesOf(time: string): number | null {
  const match = HHMM.exec(time);
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  return minute < 60 && hour * 60 + minute <= 24 * 60 ? hour * 60 + minute : null;
}

/** The date `days` calendar days later (earlier if negative). */
export function addDays(date: MarketDate, days: number): MarketDate {
  return marketDate(instant(date) + days * DAY_MS);
}

export function isSaturday(date: MarketDate): boolean {
  return weekdayOf(date) === 6;
}

/** 0 = Sunday. */
function weekdayOf(date: MarketDate): number {
  return new Date(instant(date) + HKT_OFFSET_MS).getUTCDay();
}

/** Monday to Friday and not in `holidays`. */
export function isBusinessDay(date: MarketDate, holidays: ReadonlySet<MarketDate>): boolean {
  const weekday = weekdayOf(date);
  return weekday !== 0 && weekday !== 6 && !holidays.has(date);
}

/** The first business day after a date. */
export function nextBusinessDay(date: MarketDate, holidays: ReadonlySet<MarketDate>): MarketDate {
  return firstBusinessDay(addDays(date, 1), holidays);
}

/** The last business day before a date. */
export function previousBusinessDay(date: MarketDate, holidays: ReadonlySet<MarketDate>): MarketDate {
  let day = addDays(date, -1);
  while (!isBusinessDay(day, holidays)) day = addDays(day, -1);
  return day;
}

/** The date itself if it is a business day, else the first one after it. */
export function firstBusinessDay(date: MarketDate, holidays: ReadonlySet<MarketDate>): MarketDate {
  let day = date;
  while (!isBusinessDay(day, holidays)) day = addDays(day, 1);
  return day;
}

/** `2021-07-24` as `20210724`, as in files. */
export function compactDate(date: MarketDate): string {
  return date.replaceAll('-', '');
}

/** `20210724` as `2021-07-24`; null if it is not eight digits or the day does not exist. */
export function fromCompactDate(text: string): MarketDate | null {
  if (!/^\d{8}$/.test(text)) return null;
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return isMarketDate(date) ? date : null;
}

/** Formats the date of an HTTP header (RFC 9110, GMT). Every answer needs it, so the text is kept for its second. */
export function httpDates(): (at: Instant) => string {
  let second = Number.NaN;
  let text = '';
  return (at) => {
    const current = Math.floor(at / 1000);
    if (current !== second) [second, text] = [current, new Date(at).toUTCString()];
    return text;
  };
}
