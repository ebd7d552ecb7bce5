import { formatHkt } from '../../domain/calendar/calendar.ts';
import { type Change, KEY, put } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import type { Applicant, Caller, Context, Open } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import { admit, refused } from './admission.ts';
import type { Session } from './sessions.ts';

/** Failed log-ons in a row, and when they locked the user. */
export interface Attempts {
  readonly failed: number;
  readonly lockedAt: Instant | null;
}

/** One attempt to log on to CCASS or ORP Online (user-logon.ts) or to RAP (rap/logon.ts); `Row` is the user's row in the books. */
export interface LogonAttempt<Row> {
  readonly applicant: Applicant;
  /** A wrong password counts at once, a wrong key only when the connection ends without a valid one. */
  readonly countsAtOnce: boolean;
  user(books: Books): Row | undefined;
  /** Whether the credential is right. Takes as long for a user that does not exist. */
  matches(user: Row | undefined): Promise<boolean>;
  attempts(user: Row): Attempts;
  /** The change that stores these attempts. */
  withAttempts(user: Row, attempts: Attempts): Change;
  /** Why the user may not log on although the credential is right. Called twice: other requests may have come in between. */
  obstacle(user: Row, at: Instant): Refusal | null;
  /** Called when there is no obstacle; hashes a new password, for example. */
  prepare?(): Promise<void>;
  /** Whether the credential that matched `known` is still the current one. */
  stillMatches(known: Row, current: Row): boolean;
  /** The changes that the log-on makes, the end of a lock included; called in the turn that starts the session. */
  started(user: Row, at: Instant): readonly Change[];
  badCredentials(): Refusal;
  /** How the applicant proves who it is, for the journal. */
  readonly noted: Pick<JournalDetails['logon'], 'credential' | 'fingerprint' | 'takeOver'>;
}

export interface Started<Row> {
  readonly token: string;
  readonly session: Session;
  /** As it was before the changes of this log-on. */
  readonly user: Row;
  readonly open: Open;
  readonly warnings: readonly Words[];
}

/**
 * Logs a user on to the caller's service at this centre. The order of the refusals: the gate's (open, active, registered,
 * terminal, address), then credentials, lock, password, other session. How many failures lock a user is assumed (access rules).
 */
export async function startSession<Row>(
  context: Context,
  attempt: LogonAttempt<Row>,
  caller: Caller,
): Promise<Started<Row> | Refusal> {
  const { applicant } = attempt;
  const admission = admit(context, { operation: 'logon' }, { ...caller, applicant });
  if (isRefusal(admission)) return admission;
  const { open, warnings } = admission;
  const answer = await authenticated(context, attempt, open, caller);
  if (isRefusal(answer)) return refused(context, answer, { operation: 'logon' }, caller, applicant);
  const { channel } = applicant;
  context.journal.note('logon', requestHead(context, caller, answer.session), {
    ...(channel && { channel }),
    release: open.release,
    ...(open.session && { window: open.session.id }),
    userAgent: clientText(caller.userAgent),
    ...attempt.noted,
    warnings,
  });
  return { ...answer, open, warnings };
}

async function authenticated<Row>(context: Context, attempt: LogonAttempt<Row>, open: Open, { service }: Caller) {
  const { clock, store, sessions } = context;
  const known = attempt.user(store.books);
  if (!(await attempt.matches(known)) || known === undefined) {
    if (attempt.countsAtOnce) await countFailure(context, attempt);
    return attempt.badCredentials();
  }
  const obstacle = attempt.obstacle(known, clock.now());
  if (obstacle) return obstacle;
  await attempt.prepare?.();

  let started: { readonly session: Session; readonly token: string } | undefined;
  const kept = await store.transact((books, at) => {
    // While the credential was checked, others may have guessed, changed it or logged on. Deciding in one turn of the loop
    // makes a lock hold against parallel guesses, and leaves nothing changed by a refused log-on.
    const user = attempt.user(books);
    if (!user || !attempt.stillMatches(known, user)) return attempt.badCredentials();
    const newObstacle = attempt.obstacle(user, at);
    if (newObstacle) return newObstacle;
    const changes = [...attempt.started(user, at), ...attendance(open, attempt.applicant, at, books)];
    started = sessions.start({ ...attempt.applicant, service, centre: context.centre, startedAt: at });
    return { changes, answer: { user, ...started } };
  });
  // Not durable, or the active centre has changed: the token is not given out.
  if (isRefusal(kept) || !context.admits()) {
    if (started) sessions.end(started.session, 'log-off', clock.now());
    return isRefusal(kept) ? kept : centreChanged();
  }
  return kept;
}

/** The first log-on in a session of a rehearsal, at any service, shows that the participant took part. */
function attendance({ session }: Open, { participant }: Applicant, at: Instant, books: Books): readonly Change[] {
  if (!session) return [];
  const { rehearsal, id } = session;
  const row = { rehearsal, session: id, participant, at };
  return books.get('attendance', KEY.attendance(row)) ? [] : [put('attendance', row)];
}

/**
 * Counts a failed log-on; enough of them in a row lock the user. For a user that does not exist nothing is written, but it
 * takes as long as a wrong password, so response time does not reveal whether the user exists.
 */
export async function countFailure<Row>(
  { store, rules }: Context,
  attempt: Pick<LogonAttempt<Row>, 'user' | 'attempts' | 'withAttempts'>,
): Promise<void> {
  if (!attempt.user(store.books)) return store.commitNothing();
  await store.transact((books, at) => {
    const user = attempt.user(books);
    if (!user) return { changes: [], answer: null };
    const before = attempt.attempts(user);
    const until = lockEnd(before, rules.lockMinutes);
    const isLocked = until !== null && until > at;
    const failed = (until !== null && !isLocked ? 0 : before.failed) + 1;
    const lockedAt = failed < rules.maxWrongPasswords ? null : isLocked ? before.lockedAt : at;
    return { changes: [attempt.withAttempts(user, { failed, lockedAt })], answer: null };
  });
}

/** Logs a session off; ending it twice is harmless. */
export function logoff(context: Context, session: Session, caller: Caller): void {
  context.sessions.end(session, 'log-off', context.clock.now());
  context.journal.note('logoff', requestHead(context, caller, session), {});
}

/** Until when failed log-ons lock the user, if that is after `at`. */
export function lockedUntil(attempts: Attempts, lockMinutes: number, at: Instant): Instant | null {
  const until = lockEnd(attempts, lockMinutes);
  return until !== null && until > at ? until : null;
}

function lockEnd({ lockedAt }: Attempts, lockMinutes: number): Instant | null {
  return lockedAt === null ? null : lockedAt + lockMinutes * 60_000;
}

/** @param what was wrong, such as passwords */
export function userLocked(until: Instant, what: Words): Refusal {
  return refuse(
    'USER_LOCKED',
    {
      en: `Too many wrong ${what.en}. Try again after ${formatHkt(until)} (market time).`,
      zh: `${what.zh}次數過多。請於市場時間 ${formatHkt(until)} 後再試。`,
    },
    { retryAt: until },
  );
}

function centreChanged(): Refusal {
  return refuse('CENTRE_STANDBY', {
    en: 'The active centre changed. Log on again at the same address.',
    zh: '運作中的中心已切換，請於同一地址重新登入。',
  });
}
