import { httpDates } from '../../domain/calendar/calendar.ts';
import type { CentreName } from '../../domain/nouns/market.ts';
import type { Clock } from '../../testbed/clock/clock.ts';

/** The headers of every answer of a centre, also to a request that cannot be read; the date is market time. */
export function answerMarks(centre: CentreName, version: string, clock: Clock): () => Readonly<Record<string, string>> {
  const dateOf = httpDates();
  const simulated = `ccass-harness/${version}; not HKEX`;
  return () => ({
    date: dateOf(clock.now()),
    'x-simulated': simulated,
    'x-data-centre': centre,
    // The harness may not bind a browser to HTTPS.
    'strict-transport-security': 'max-age=0',
    'x-content-type-options': 'nosniff',
  });
}
