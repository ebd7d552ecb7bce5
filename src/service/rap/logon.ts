import { type Change, put } from '../../domain/change.ts';
import type { RapUser } from '../../domain/nouns/access.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import { refused } from '../access/admission.ts';
import { countFailure, type LogonAttempt, lockedUntil, startSession, userLocked } from '../access/logon.ts';
import { passwordMatches, UNKNOWN_USER_HASH } from '../access/passwords.ts';
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
}

/** Logs a RAP user on: BAD_CREDENTIALS, USER_LOCKED, then SESSION_EXISTS if too many sessions are open. */
export function logon(context: Context, rules: RapRules, { participant, credential }: RapLogonRequest, caller: Caller) {
  return startSession(context, rapAttempt(context, rules, participant, credential), caller);
}

/** Counts a connection that ended after offering keys, none of them valid, as one failure. */
export async function wrongKeys(
  context: Context,
  participant: string,
  fingerprints: readonly string[],
  caller: Caller,
): Promise<void> {
  await countFailure(context, rapUser(participant));
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

function rapUser(participant: string) {
  return {
    user: (books: Books) => books.get('rapUser', participant),
    attempts: ({ wrongTries, lockedAt }: RapUser) => ({ failed: wrongTries, lockedAt }),
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
  const inBooks = rapUser(participant);
  return {
    ...inBooks,
    applicant: rapApplicant(participant),
    countsAtOnce: credential.kind === 'password',
    noted: {
      ...{ credential: credential.kind, takeOver: false },
      ...(credential.kind === 'key' && { fingerprint: credential.fingerprint }),
    },
    async matches(user) {
      if (credential.kind === 'key') {
        return validKey(context, participant, credential.fingerprint, context.clock.now()) !== undefined;
      }
      const right = await passwordMatches(credential.password, user?.passwordHash ?? UNKNOWN_USER_HASH);
      return right && user?.passwordHash !== undefined && rules.passwordLogon;
    },
    stillMatches: () => true,
    obstacle(user, at) {
      const until = lockedUntil(inBooks.attempts(user), context.rules.lockMinutes, at);
      if (until !== null) return userLocked(until, { en: 'keys or passwords', zh: '錯誤的金鑰或密碼' });
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
