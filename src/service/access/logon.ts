import { formatHkt } from '../../domain/calendar/calendar.ts';
import { type Change, KEY, put } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, type RefusalCode, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import type { Applicant, Caller, Context, Open } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import { type LogonAdmission, logonVerdict, refusalForEveryone, refused } from './admission.ts';
import type { Match } from './passwords.ts';
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
  /**
   * Whether the credential is right. Takes as long for a user that does not exist.
   * @param mayRemember false: takes as long for every password
   */
  matches(user: Row | undefined, mayRemember: boolean): Promise<Match>;
  /** USER_LOCKED while the user is locked, whatever the credential. */
  lock(user: Row, at: Instant): Refusal | null;
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
 * Logs a user on to the caller's service at this centre. The order of the refusals: the gate's (`logonVerdict`), then lock,
 * credentials, password, other session. By SFTP the gate says before the credentials what is so for everyone alone: the
 * rest goes to those who prove to be the user. How many failures lock a user is assumed (access rules).
 * @param known what the connection was refused for already: in the journal, so that it is not noted again
 */
export async function startSession<Row>(
  context: Context,
  attempt: LogonAttempt<Row>,
  caller: Caller,
  known: RefusalCode | null = null,
): Promise<Started<Row> | Refusal> {
  const { applicant } = attempt;
  const verdict = logonVerdict(context, applicant, caller);
  const rejected = (refusal: Refusal) => {
    // A wrong credential of one who is refused anyway is no second reason.
    const isNews = refusal.refusal !== known && (known === null || refusal.refusal !== 'BAD_CREDENTIALS');
    return isNews ? refused(context, refusal, { operation: 'logon' }, caller, applicant) : refusal;
  };
  if (isRefusal(verdict) && (caller.protocol !== 'sftp' || refusalForEveryone(context, caller)))
    return rejected(verdict);
  const answer = await authenticated(context, attempt, verdict, caller);
  if (isRefusal(answer)) return rejected(answer);
  const { open, warnings } = answer;
  const { channel } = applicant;
  context.journal.note('logon', requestHead(context, caller, answer.session), {
    ...(channel && { channel }),
    release: open.release,
    ...(open.session && { window: open.session.id }),
    userAgent: clientText(caller.userAgent),
    ...attempt.noted,
    warnings,
  });
  return answer;
}

/** Checks lock and credential. USER_LOCKED takes as long as a wrong password and is the same for every one. */
async function authenticated<Row>(
  context: Context,
  attempt: LogonAttempt<Row>,
  verdict: LogonAdmission | Refusal,
  caller: Caller,
): Promise<Started<Row> | Refusal> {
  const { clock, store } = context;
  const known = attempt.user(store.books);
  const lock = known ? attempt.lock(known, clock.now()) : null;
  const match = await attempt.matches(known, lock === null);
  const answer = lock ?? (await decided());
  if (isRefusal(answer) && answer.refusal === 'USER_LOCKED') {
    // Another request may have locked the user while this password, known from an earlier log-on, was compared.
    if (match === 'remembered') await attempt.matches(known, false);
    await store.commitNothing();
  }
  return answer;

  async function decided(): Promise<Started<Row> | Refusal> {
    if (match !== 'no' && known !== undefined) return started(context, attempt, known, verdict, caller);
    const lockedMeanwhile = attempt.countsAtOnce ? await countFailure(context, attempt) : null;
    return lockedMeanwhile ?? attempt.badCredentials();
  }
}

/** Starts the session of a user whose credential was right, unless something else is in the way. */
async function started<Row>(
  context: Context,
  attempt: LogonAttempt<Row>,
  known: Row,
  verdict: LogonAdmission | Refusal,
  { service }: Caller,
): Promise<Started<Row> | Refusal> {
  const { clock, store, sessions } = context;
  const obstacle = (user: Row, at: Instant) =>
    attempt.lock(user, at) ?? (isRefusal(verdict) ? verdict : attempt.obstacle(user, at));
  const early = obstacle(attempt.user(store.books) ?? known, clock.now());
  if (early) return early;
  if (isRefusal(verdict)) return verdict;
  await attempt.prepare?.();

  const { open, warnings } = verdict;
  let begun: { readonly session: Session; readonly token: string } | undefined;
  const kept = await store.transact((books, at) => {
    // While the credential was checked, others may have guessed, changed it or logged on. Deciding in one turn of the loop
    // makes a lock hold against parallel guesses, and leaves nothing changed by a refused log-on.
    const user = attempt.user(books);
    if (!user || !attempt.stillMatches(known, user)) return attempt.badCredentials();
    const late = obstacle(user, at);
    if (late) return late;
    const changes = [...attempt.started(user, at), ...attendance(open, attempt.applicant, at, books)];
    begun = sessions.start({ ...attempt.applicant, service, centre: context.centre, startedAt: at });
    return { changes, answer: { user, ...begun } };
  });
  // Not durable, or the active centre has changed: the token is not given out.
  if (isRefusal(kept) || !context.admits()) {
    if (begun) sessions.end(begun.session, 'log-off', clock.now());
    return isRefusal(kept) ? kept : centreChanged();
  }
  return { ...kept, open, warnings };
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
 * takes as long as a wrong password, so response time does not reveal whether the user exists. Of a user who is locked
 * already nothing is counted: then USER_LOCKED.
 */
export async function countFailure<Row>(
  { store, rules }: Context,
  attempt: Pick<LogonAttempt<Row>, 'user' | 'lock' | 'attempts' | 'withAttempts'>,
): Promise<Refusal | null> {
  if (!attempt.user(store.books)) {
    await store.commitNothing();
    return null;
  }
  const answer = await store.transact((books, at) => {
    const user = attempt.user(books);
    if (!user) return { changes: [], answer: null };
    const lock = attempt.lock(user, at);
    if (lock) return lock;
    const { failed: before, lockedAt } = attempt.attempts(user);
    const failed = (lockedAt === null ? before : 0) + 1;
    const attempts = { failed, lockedAt: failed < rules.maxWrongPasswords ? null : at };
    return { changes: [attempt.withAttempts(user, attempts)], answer: null };
  });
  return isRefusal(answer) && answer.refusal === 'USER_LOCKED' ? answer : null;
}

/** Logs a session off; ending it twice is harmless. */
export function logoff(context: Context, session: Session, caller: Caller): void {
  context.sessions.end(session, 'log-off', context.clock.now());
  context.journal.note('logoff', requestHead(context, caller, session), {});
}

/** Until when failed log-ons lock the user, if that is after `at`. */
export function lockedUntil({ lockedAt }: Attempts, lockMinutes: number, at: Instant): Instant | null {
  const until = lockedAt === null ? null : lockedAt + lockMinutes * 60_000;
  return until !== null && until > at ? until : null;
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
