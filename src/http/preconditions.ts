import type { FastifyRequest } from 'fastify';

/** What a precondition compares with: the strong ETag of the bytes, and when they last changed (Unix milliseconds). */
export interface Validators {
  readonly etag: string;
  readonly modifiedAt: number;
}

/**
 * The preconditions of a GET or HEAD, in the order of RFC 9110, 13.2.2. `failed` = 412, `not-modified` = 304. A header that is
 * not valid is ignored, as the RFC has it.
 */
export function checkPreconditions(
  headers: FastifyRequest['headers'],
  { etag, modifiedAt }: Validators,
): 'passed' | 'failed' | 'not-modified' {
  const ifMatch = headers['if-match'];
  const unmodifiedSince = httpDate(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    if (!tagsIn(ifMatch).some((tag) => tag === '*' || tag === etag)) return 'failed';
  } else if (unmodifiedSince !== null && wholeSeconds(modifiedAt) > unmodifiedSince) return 'failed';

  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = httpDate(headers['if-modified-since']);
  if (ifNoneMatch !== undefined) {
    // Weak comparison: a compressed form matches too.
    if (tagsIn(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag)) return 'not-modified';
  } else if (modifiedSince !== null && wholeSeconds(modifiedAt) <= modifiedSince) return 'not-modified';
  return 'passed';
}

/**
 * Whether a range may be sent (RFC 9110, 13.1.5): without If-Range, or if it names the bytes as they are. A date counts if it is
 * exactly that of Last-Modified and at least a second old at `now`, so that no second change can hide behind it.
 */
export function mayBePartial(ifRange: string | undefined, { etag, modifiedAt }: Validators, now: number): boolean {
  if (ifRange === undefined || ifRange === etag) return true;
  const date = httpDate(ifRange);
  return date !== null && date === wholeSeconds(modifiedAt) && wholeSeconds(now) > date;
}

/** The entity tags of a list, `*` as itself. */
function tagsIn(header: string): string[] {
  return header.trim() === '*' ? ['*'] : (header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []);
}

const wholeSeconds = (ms: number) => Math.floor(ms / 1000) * 1000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
/** The three forms of RFC 9110, 5.6.7: today's, that of RFC 850 and that of asctime. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${DAY}[a-z]{3,6}, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** An HTTP date as Unix milliseconds; null for anything else. */
export function httpDate(header: string | undefined): number | null {
  const groups = FORMS.map((form) => form.exec(header ?? '')?.groups).find((found) => found !== undefined);
  if (!groups) return null;
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((name) => Number(groups[name]));
  const month = MONTHS.indexOf(groups.month ?? '');
  const at = Date.UTC(fullYear(groups.year ?? ''), month, day, hour, minute, second);
  const back = new Date(at);
  // A day or an hour that there is not would have become another one.
  const isReal =
    month >= 0 && back.getUTCDate() === day && back.getUTCHours() === hour && back.getUTCMinutes() === minute;
  return isReal ? at : null;
}

/** RFC 850 writes two digits; nothing here is older than 1970. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}
