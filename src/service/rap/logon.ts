import { formatHkt } from '../../domain/calendar/calendar.ts';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import { put } from '../../domain/change.ts';
import type { RapUser } from '../../domain/nouns/access.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { admitAnyone, refused } from '../access/admission.ts';
import { notRegistered } from '../access/logon.ts';
import { NOBODY, passwordFits } from '../access/passwords.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context, Open } from '../context.ts';
import { keyThatHolds } from './keys.ts';
import type { RapRules } from './rules.ts';

/** What a RAP user shows. Of a key, the face has checked that its private half signed. */
export type Credential =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'key'; readonly fingerprint: string };

/**
 * What stands before any key or password: open, active, entitled, registered, the right address, in that order
 * (semantics: refusals). Asked as soon as a client says who he is.
 */
export function gate(context: Context, participant: string, caller: Caller): Open | Refusal {
  const anyone = admitAnyone(context, 'logon', caller);
  if (isRefusal(anyone)) return anyone;
  const answer = gateFor(context, participant, caller);
  return isRefusal(answer) ? refused(context, answer, 'logon', caller, whoIs(participant)) : answer;
}

function gateFor(context: Context, participant: string, caller: Caller): Open | Refusal {
  const at = context.clock.now();
  const who = { participant, channel: null };
  const open = context.timetable.opening({ at, service: 'rap', operation: 'logon', who });
  if (isRefusal(open)) return open;
  const { registration } = context;
  if (registration.policy === 'deny' && !registration.isRegistered(participant, at)) return notRegistered(participant);
  return context.addresses(participant, caller.address) ?? open;
}

/** Logs a RAP user on: BAD_CREDENTIALS, USER_LOCKED, then SESSION_EXISTS for one session too many. */
export async function logon(
  context: Context,
  rules: RapRules,
  request: { readonly participant: string; readonly credential: Credential },
  caller: Caller,
): Promise<{ readonly session: Session; readonly token: string; readonly open: Open } | Refusal> {
  const { participant, credential } = request;
  const open = gate(context, participant, caller);
  if (isRefusal(open)) return open;
  const answer = await decide(context, rules, participant, credential);
  if (isRefusal(answer)) return refused(context, answer, 'logon', caller, whoIs(participant));
  const { session } = answer;
  context.journal.note({
    kind: 'logon',
    centre: context.centre,
    ...whoIs(participant),
    detail: {
      service: 'rap',
      by: credential.kind,
      ...(credential.kind === 'key' ? { fingerprint: credential.fingerprint } : {}),
      session: session.ordinal,
      release: open.release,
      rehearsalSession: open.session?.id ?? null,
      userAgent: caller.userAgent,
      connection: caller.connection,
    },
  });
  return { ...answer, open };
}

async function decide(context: Context, rules: RapRules, participant: string, credential: Credential) {
  const { store, sessions } = context;
  const known = store.books.get('rapUser', participant);
  if (!(await fits(context, rules, known, participant, credential))) {
    // A password is counted as it comes; a key when its connection ends without another that holds.
    if (credential.kind === 'password') await countWrongTry(context, participant);
    return badCredentials(context.rules.maxWrongPasswords);
  }
  let started: ReturnType<typeof sessions.start> | undefined;
  const kept = await store.transact<null>((books, at) => {
    const user = books.get('rapUser', participant);
    if (!user) return badCredentials(context.rules.maxWrongPasswords);
    const until = lockEnd(user, context.rules.lockMinutes);
    if (until !== null && until > at) return userLocked(until);
    if (sessions.countOf('rap', participant, participant, at) >= rules.sessionsPerUser) {
      return tooManySessions(rules.sessionsPerUser);
    }
    const facts = { service: 'rap', participant, user: participant, channel: null, centre: context.centre } as const;
    started = sessions.start({ ...facts, startedAt: at });
    const clean = user.wrongTries === 0 && user.lockedAt === null;
    return { changes: clean ? [] : [put('rapUser', { ...user, wrongTries: 0, lockedAt: null })], answer: null };
  });
  if (!started) return isRefusal(kept) ? kept : badCredentials(context.rules.maxWrongPasswords);
  if (isRefusal(kept) || !context.admits()) {
    sessions.end(started.session, 'log-off', context.clock.now());
    return isRefusal(kept) ? kept : switchedMeanwhile();
  }
  return started;
}

async function fits(
  context: Context,
  rules: RapRules,
  user: RapUser | undefined,
  participant: string,
  credential: Credential,
): Promise<boolean> {
  if (credential.kind === 'key') {
    return keyThatHolds(context, participant, credential.fingerprint, context.clock.now()) !== undefined;
  }
  // Whoever is unknown, or has no password, is answered as late as anybody.
  const right = await passwordFits(credential.password, user?.passwordHash ?? NOBODY);
  return right && user?.passwordHash !== undefined && rules.passwordLogon;
}

/** A connection ended that had shown keys, and none that holds. */
export async function wrongKeys(
  context: Context,
  participant: string,
  fingerprints: readonly string[],
  caller: Caller,
): Promise<void> {
  await countWrongTry(context, participant);
  const { detail, ...refusal } = badCredentials(context.rules.maxWrongPasswords);
  const keys = fingerprints.join(', ');
  const en = `No key that was shown (${keys}) is registered for ${participant} and holds now. ${detail.en}`;
  refused(context, { ...refusal, detail: { ...detail, en } }, 'logon', caller, whoIs(participant));
}

/** Three in a row lock the user, as they lock a user of CCASS (access rules). */
async function countWrongTry(context: Context, participant: string): Promise<void> {
  const { maxWrongPasswords, lockMinutes } = context.rules;
  await context.store.transact((books, at) => {
    const user = books.get('rapUser', participant);
    // An unknown user's answer waits for a commit too.
    if (!user) {
      return { changes: [put('counter', { name: 'batch', next: books.counter('batch') })], answer: null };
    }
    const until = lockEnd(user, lockMinutes);
    const locked = until !== null && until > at;
    const wrongTries = (until !== null && !locked ? 0 : user.wrongTries) + 1;
    const lockedAt = locked ? user.lockedAt : wrongTries >= maxWrongPasswords ? at : null;
    return { changes: [put('rapUser', { ...user, wrongTries, lockedAt })], answer: null };
  });
}

/** The gate of every verb after log-on. */
export function admit(context: Context, operation: Operation, token: string | null, caller: Caller): Session | Refusal {
  const open = admitAnyone(context, operation, caller);
  if (isRefusal(open)) return open;
  const at = context.clock.now();
  const session = context.sessions.find('rap', token, at);
  if (isRefusal(session)) return refused(context, session, operation, caller);
  const who = { participant: session.participant, channel: null };
  const mine = context.timetable.opening({ at, service: 'rap', operation, who });
  return isRefusal(mine) ? refused(context, mine, operation, caller, session) : session;
}

const whoIs = (participant: string) => ({ participant, user: participant });

function lockEnd({ lockedAt }: RapUser, lockMinutes: number): Instant | null {
  return lockedAt === null ? null : lockedAt + lockMinutes * 60_000;
}

function badCredentials(max: number): Refusal {
  return refuse('BAD_CREDENTIALS', {
    en: `Check the RAP user ID (the participant ID) and the key or password, and try again; ${max} failures in a row lock the user. Register a key: rap keys add --participant ID FILE.pub`,
    zh: `請核對 RAP 用戶編號（即參與者編號）及金鑰或密碼後再試；連續 ${max} 次失敗將鎖定用戶。登記金鑰：rap keys add --participant 編號 檔案.pub`,
  });
}

function userLocked(until: Instant): Refusal {
  return refuse(
    'USER_LOCKED',
    {
      en: `Too many wrong keys or passwords. Try again after ${formatHkt(until)} (market time).`,
      zh: `錯誤的金鑰或密碼次數過多。請於市場時間 ${formatHkt(until)} 後再試。`,
    },
    { retryAt: until },
  );
}

function tooManySessions(most: number): Refusal {
  return refuse('SESSION_EXISTS', {
    en: `${most} sessions of this RAP user hold, and no more are allowed at once. Close one and try again.`,
    zh: `此 RAP 用戶已有 ${most} 個登入時段，不可再增加。請先關閉其一後再試。`,
  });
}

function switchedMeanwhile(): Refusal {
  return refuse('CENTRE_STANDBY', {
    en: 'The active centre changed. Log on again at the same address.',
    zh: '運作中的中心已切換，請於同一地址重新登入。',
  });
}
