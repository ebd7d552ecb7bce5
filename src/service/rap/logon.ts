import { type Change, put } from '../../domain/change.ts';
import type { RapUser } from '../../domain/nouns/access.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, type RefusalCode, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import { logonVerdict, refusalForEveryone, refused } from '../access/admission.ts';
import { countFailure, type LogonAttempt, lockedUntil, startSession, userLocked } from '../access/logon.ts';
import { matchPassword, UNKNOWN_USER_HASH } from '../access/passwords.ts';
import type { Applicant, Caller, Context } from '../context.ts';
import { validKey } from './keys.ts';
import type { RapRules } from './rules.ts';

/** The credential of a RAP user. For a key, the listener has verified the signature. */
export type Credential =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'key'; readonly fingerprint: string };

export interface RapLogonRequest {
  readonly participant: string;
  readonly credential: Credential;
  /** Why this user may not log on, where the connection has noted that already. */
  readonly reason?: RefusalCode | null;
}

/** What a client meets that has named its user by SFTP and shown no credential yet. */
export interface NamedUser {
  /** Closed or on standby, which is so for every user and therefore may be said at once. */
  readonly toEveryone: Refusal | null;
  /** Why this user may not log on. It is in the journal; only a client that proves to be the user gets it. */
  readonly reason: RefusalCode | null;
}

/** Looks at a log-on before any credential, and notes why it is refused. */
export function nameUser(context: Context, participant: string, caller: Caller): NamedUser {
  const applicant = rapApplicant(participant);
  const user = context.store.books.get('rapUser', participant);
  const verdict = logonVerdict(context, applicant, caller);
  const refusal = isRefusal(verdict) ? verdict : user && rapUser(context, participant).lock(user, context.clock.now());
  if (!refusal) return { toEveryone: null, reason: null };
  refused(context, refusal, { operation: 'logon' }, caller, applicant);
  return { toEveryone: refusalForEveryone(context, caller), reason: refusal.refusal };
}

/** Logs a RAP user on: USER_LOCKED, BAD_CREDENTIALS, then SESSION_EXISTS if too many sessions are open. */
export function logon(context: Context, rules: RapRules, request: RapLogonRequest, caller: Caller) {
  const { participant, credential, reason } = request;
  return startSession(context, rapAttempt(context, rules, participant, credential), caller, reason);
}

/** Counts a connection that ended after offering keys, none of them valid, as one failure. `reason` as in `NamedUser`. */
export async function wrongKeys(
  context: Context,
  participant: string,
  fingerprints: readonly string[],
  reason: RefusalCode | null,
  caller: Caller,
): Promise<void> {
  const lock = await countFailure(context, rapUser(context, participant));
  if (reason !== null) return;
  if (lock) {
    refused(context, lock, { operation: 'logon' }, caller, rapApplicant(participant));
    return;
  }
  const { detail, ...refusal } = badCredentials(context);
  const keys = fingerprints.join(', ');
  const en = `No key that was offered (${keys}) is registered for ${participant} and valid now. ${detail.en}`;
  refused(
    context,
    { ...refusal, detail: { ...detail, en } },
    { operation: 'logon' },
    caller,
    rapApplicant(participant),
  );
}

/** A RAP user's ID is the participant ID. */
export function rapApplicant(participant: string): Applicant {
  return { participant, user: participant, channel: null };
}

function rapUser({ rules }: Context, participant: string) {
  const attempts = ({ wrongTries, lockedAt }: RapUser) => ({ failed: wrongTries, lockedAt });
  return {
    user: (books: Books) => books.get('rapUser', participant),
    attempts,
    lock(user: RapUser, at: Instant): Refusal | null {
      const until = lockedUntil(attempts(user), rules.lockMinutes, at);
      return until === null ? null : userLocked(until, { en: 'keys or passwords', zh: '錯誤的金鑰或密碼' });
    },
    withAttempts: (user: RapUser, { failed, lockedAt }: { failed: number; lockedAt: Instant | null }): Change =>
      put('rapUser', { ...user, wrongTries: failed, lockedAt }),
  };
}

function rapAttempt(
  context: Context,
  rules: RapRules,
  participant: string,
  credential: Credential,
): LogonAttempt<RapUser> {
  const inBooks = rapUser(context, participant);
  return {
    ...inBooks,
    applicant: rapApplicant(participant),
    countsAtOnce: credential.kind === 'password',
    noted: {
      ...{ credential: credential.kind, takeOver: false },
      ...(credential.kind === 'key' && { fingerprint: credential.fingerprint }),
    },
    async matches(user, mayRemember) {
      if (credential.kind === 'key') {
        return validKey(context, participant, credential.fingerprint, context.clock.now()) ? 'right' : 'no';
      }
      // Where no password lets anyone in, none may be answered sooner than another.
      const { passwordLogon } = rules;
      const hash = user?.passwordHash ?? UNKNOWN_USER_HASH;
      const match = await matchPassword(credential.password, hash, mayRemember && passwordLogon);
      return passwordLogon ? match : 'no';
    },
    stillMatches: () => true,
    obstacle(_user, at) {
      const isFull = context.sessions.countOf('rap', participant, participant, at) >= rules.sessionsPerUser;
      return isFull ? tooManySessions(rules.sessionsPerUser) : null;
    },
    started: (user) =>
      user.wrongTries === 0 && user.lockedAt === null
        ? []
        : [inBooks.withAttempts(user, { failed: 0, lockedAt: null })],
    badCredentials: () => badCredentials(context),
  };
}

function badCredentials({ rules }: Context): Refusal {
  const { maxWrongPasswords: max } = rules;
  return refuse('BAD_CREDENTIALS', {
    en: `Check the RAP user ID (the participant ID) and the key or password, and try again; ${max} failures in a row lock the user. Register a key: rap keys add --participant ID FILE.pub`,
    zh: `請核對 RAP 用戶編號（即參與者編號）及金鑰或密碼後再試；連續 ${max} 次失敗將鎖定用戶。登記金鑰：rap keys add --participant 編號 檔案.pub`,
  });
}

function tooManySessions(most: number): Refusal {
  return refuse('SESSION_EXISTS', {
    en: `This RAP user has ${most} open sessions, and no more are allowed at once. Close one and try again.`,
    zh: `此 RAP 用戶已有 ${most} 個登入時段，不可再增加。請先關閉其一後再試。`,
  });
}
