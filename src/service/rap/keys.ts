import { formatHkt } from '../../domain/calendar/calendar.ts';
import { put, remove } from '../../domain/change.ts';
import type { RapKey } from '../../domain/nouns/access.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Context } from '../context.ts';
import { readPublicKey } from './public-key.ts';

export interface KeyToAdd {
  readonly participant: string;
  /** As in a .pub file. */
  readonly publicKey: string;
  /** Default: now. */
  readonly from?: Instant;
  /** Default: without end. */
  readonly until?: Instant | null;
}

/** The keys of a participant, or of all, valid now or not. */
export function listKeys({ store }: Context, participant?: string): readonly RapKey[] {
  const keys = participant === undefined ? [...store.books.all('rapKey')] : store.books.rapKeysOf(participant);
  return keys.sort((a, b) =>
    a.participant < b.participant ? -1 : a.participant > b.participant ? 1 : a.from - b.from,
  );
}

/**
 * Registers a key. A key that is registered already gets the new period. The participant's other keys stay, so that an old
 * and a new one are both valid while the client changes over. NOT_FOUND if the participant has no RAP user.
 */
export async function addKey(context: Context, request: KeyToAdd): Promise<RapKey | Refusal> {
  const { participant, until = null } = request;
  if (!context.store.books.get('rapUser', participant)) return noRapUser(participant);
  const read = readPublicKey(request.publicKey);
  if (isRefusal(read)) return read;
  const from = request.from ?? context.clock.now();
  if (until !== null && until <= from) {
    return refuse('BAD_REQUEST', {
      en: `The key would be valid from ${formatHkt(from)} until ${formatHkt(until)}, which is never. Give an end after the start.`,
      zh: `金鑰的有效期為 ${formatHkt(from)} 至 ${formatHkt(until)}，並無有效時間。結束時間須在開始時間之後。`,
    });
  }
  const key: RapKey = { participant, ...read, from, until };
  const kept = await context.store.transact(() => ({ changes: [put('rapKey', key)], answer: key }));
  if (!isRefusal(kept)) note(context, kept, 'key-registered');
  return kept;
}

/** Withdraws a key: from now on no log-on with it succeeds. Open sessions continue. */
export async function withdrawKey(
  context: Context,
  { participant, fingerprint }: Pick<RapKey, 'participant' | 'fingerprint'>,
): Promise<RapKey | Refusal> {
  const withdrawn = await context.store.transact((books) => {
    const key = books.get('rapKey', `${participant}/${fingerprint}`);
    return key ? { changes: [remove('rapKey', `${participant}/${fingerprint}`)], answer: key } : noSuchKey(participant);
  });
  if (!isRefusal(withdrawn)) note(context, withdrawn, 'key-withdrawn');
  return withdrawn;
}

/** The participant's key of this fingerprint, if it is valid at `at`. */
export function validKey({ store }: Context, participant: string, fingerprint: string, at: Instant) {
  const key = store.books.get('rapKey', `${participant}/${fingerprint}`);
  return key && key.from <= at && (key.until === null || at < key.until) ? key : undefined;
}

function note({ journal, centre }: Context, key: RapKey, what: 'key-registered' | 'key-withdrawn'): void {
  const { participant, fingerprint, algorithm, bits, from, until } = key;
  const facts = { fingerprint, algorithm, bits, from, ...(until !== null && { until }) };
  journal.note('administration', { centre, service: 'rap', participant, user: participant }, { what, ...facts });
}

function noRapUser(participant: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `${participant} has no RAP user: RAP is for clearing participants of the market. Name one of them.`,
    zh: `${participant} 並無 RAP 用戶：RAP 只供市場的結算參與者使用。請指定結算參與者。`,
  });
}

function noSuchKey(participant: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `${participant} has no key with that fingerprint. List the keys: rap keys --participant ${participant}`,
    zh: `${participant} 並無該指紋的金鑰。查閱金鑰：rap keys --participant ${participant}`,
  });
}
