import type { X509Certificate } from 'node:crypto';
import type { Instant } from '../../domain/nouns/market.ts';

/** When a certificate is valid, both ends included. */
export interface Validity {
  readonly from: Instant;
  readonly until: Instant;
}

/** The two clocks at a start: clients check certificates by their own, which stands at one of them. */
export interface Clocks {
  readonly at: Instant;
  /** Market time. */
  readonly market: Instant;
}

/** Whether leaves are for clients on either clock, or for those on the wall clock alone. */
export const LEAF_CLOCKS = ['both', 'wall'] as const;
export type LeafClocks = (typeof LEAF_CLOCKS)[number];

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Browsers accept no more than 398 days of a public CA's leaf. */
const LEAF_DAYS = 397;
/** Apple's verifiers refuse a leaf that is valid longer than that, under a private CA too. */
export const APPLE_DAYS = 825;
const CA_DAYS = 3_650;
/** Before the first market day that can be rehearsed. */
const CA_FROM = Date.UTC(2021, 0, 1);
/** What X.509 can write: years of two digits begin in 1950, those of four end with 9999. */
const FIRST = Date.UTC(1950, 0, 1);
const LAST = Date.UTC(9999, 11, 31);

/**
 * A leaf's validity: from an hour before the wall clock, for clients whose clock is slow, and 397 days. Where market time lies
 * outside that, from 30 days before the earlier clock to 397 days after the later.
 */
export function leafValidity({ at, market }: Clocks): Validity {
  const short = { from: at - HOUR_MS, until: at + LEAF_DAYS * DAY_MS };
  if (covers(short, market)) return short;
  return {
    from: Math.max(FIRST, Math.min(at, market) - 30 * DAY_MS),
    until: Math.min(LAST, Math.max(at, market) + LEAF_DAYS * DAY_MS),
  };
}

/** A CA's validity: from 2021 on, so that clients can trust it on every market day; longer if a leaf's is. */
export function caValidity(clocks: Clocks): Validity {
  const leaf = leafValidity(clocks);
  return { from: Math.min(CA_FROM, leaf.from), until: Math.max(clocks.at + CA_DAYS * DAY_MS, leaf.until) };
}

export function covers({ from, until }: Validity, at: Instant): boolean {
  return at >= from && at <= until;
}

export function validityOf({ validFromDate, validToDate }: X509Certificate): Validity {
  return { from: validFromDate.getTime(), until: validToDate.getTime() };
}
