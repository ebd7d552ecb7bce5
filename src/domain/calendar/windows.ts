import { type Instant, type MarketDate, SERVICE_NAMES, type ServiceName } from '../nouns/market.ts';
import { isBusinessDay, isSaturday, marketDate, timeOn } from './calendar.ts';
import {
  isRehearsalDay,
  type Offer,
  type Operation,
  type Rehearsal,
  type RehearsalSession,
  type Status,
} from './rehearsal.ts';

/**
 * The periods in which services are open: the sessions of a rehearsal, which on their days replace all normal hours, and the
 * normal hours of other days.
 */

/** A row of the normal hours: these operations are open from `from` to `to` on each of its days. */
export interface ServiceHours extends Offer {
  readonly service: ServiceName;
  readonly operations: readonly Operation[];
  /** Left out = business days. A Saturday that is a general holiday has no hours. */
  readonly on?: 'business days' | 'Saturdays';
  /** `HH:MM`, Hong Kong time; `to` may be 24:00. */
  readonly from: string;
  readonly to: string;
  /** Also waits until this is over, however late: the last settlement run of the day. */
  readonly after?: 'final-run';
  readonly status: Status;
  readonly source: string;
}

export interface Days {
  readonly rehearsal: Rehearsal;
  readonly hours: readonly ServiceHours[];
  readonly holidays: ReadonlySet<MarketDate>;
}

/** A period in which one service is open, in whole or in part. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly service: ServiceName;
  readonly offer: Offer;
  readonly session: RehearsalSession | null;
  readonly after: 'final-run' | null;
}

/** Every window that is open at an instant. */
export function windowsAt(days: Days, at: Instant): readonly Window[] {
  return windowsAbout(days, at).filter((window) => isOpenAt(window, at));
}

export const isOpenAt = ({ from, to }: Window, at: Instant) => from <= at && at < to;

const HOUR_MS = 3_600_000;
/** Every request needs them twice, so the windows of the last hour, and so of one date, are kept. */
const known = new WeakMap<Days, { readonly hour: number; readonly windows: readonly Window[] }>();

/** Windows that may be open at an instant: the rehearsal's sessions, and the hours of that date. */
export function windowsAbout(days: Days, at: Instant): readonly Window[] {
  const hour = Math.floor(at / HOUR_MS);
  const last = known.get(days);
  if (last?.hour === hour) return last.windows;
  const { alwaysOpen } = days.rehearsal;
  const windows = alwaysOpen
    ? alwaysWindows(alwaysOpen)
    : [...sessionWindows(days), ...hourWindows(days, marketDate(at))];
  known.set(days, { hour, windows });
  return windows;
}

/** The normal hours of a day; none on a rehearsal day, on a Sunday or holiday, or if the rehearsal is always open. */
export function hourWindows(days: Days, date: MarketDate): readonly Window[] {
  const { rehearsal, holidays, hours } = days;
  const kind = isBusinessDay(date, holidays) ? 'business days' : isSaturday(date) ? 'Saturdays' : null;
  if (rehearsal.alwaysOpen || isRehearsalDay(rehearsal, date) || kind === null || holidays.has(date)) return [];
  return hours
    .filter(({ on = 'business days' }) => on === kind)
    .map((row) => ({
      from: timeOn(date, row.from),
      to: timeOn(date, row.to),
      service: row.service,
      offer: row,
      session: null,
      after: row.after ?? null,
    }));
}

export function sessionWindows({ rehearsal }: Days): readonly Window[] {
  return rehearsal.sessions.flatMap((session) =>
    offersOf(session.services).map(([service, offer]) => ({
      from: session.from,
      to: session.to,
      service,
      offer,
      session,
      after: null,
    })),
  );
}

function alwaysWindows(offers: Rehearsal['alwaysOpen']): readonly Window[] {
  const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return offersOf(offers ?? {}).map(([service, offer]) => ({ from, to, service, offer, session: null, after: null }));
}

function offersOf(offers: Readonly<Partial<Record<ServiceName, Offer>>>): readonly (readonly [ServiceName, Offer])[] {
  return SERVICE_NAMES.flatMap((service) => {
    const offer = offers[service];
    return offer ? [[service, offer] as const] : [];
  });
}
