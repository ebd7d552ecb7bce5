import { randomInt } from 'node:crypto';
import { API } from '../../domain/access/service-api.ts';
import {
  decideUserAuthorisation,
  decideUserRequest,
  isLocked,
  type UserRequestInput,
} from '../../domain/access/user-request.ts';
import { put, userKey } from '../../domain/change.ts';
import type { User, UserRequest } from '../../domain/nouns/access.ts';
import type { Instant, ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead, sessionHead } from '../journal-entries.ts';
import { refused } from './admission.ts';
import { acceptableNewPassword, hashPassword, passwordMatches, UNKNOWN_USER_HASH } from './passwords.ts';
import type { Session } from './sessions.ts';

/** What a maker types; the password, where the act sets one, is in clear. */
export type UserRequestForm = Omit<UserRequestInput, 'passwordHash'> & { readonly password?: string };

/** A user, as listed. */
export interface ListedUser {
  readonly user: User;
  /** Why the user cannot log on: locked by an administrator, or by wrong passwords for a while. Null: the user can. */
  readonly locked: 'administrator' | 'wrong-passwords' | null;
}

/** User profile listing of the session's participant, administrators included; or the disabled user listing. */
export function listUsers(context: Context, session: Session, disabledOnly: boolean): readonly ListedUser[] {
  const at = context.clock.now();
  const all = context.store.books
    .usersOf(session.service, session.participant)
    .map((user) => ({ user, locked: lockOf(user, at, context.rules.lockMinutes) }));
  const rows = disabledOnly ? all.filter(({ locked }) => locked !== null) : all;
  return rows;
}

function lockOf(user: User, at: Instant, lockMinutes: number): ListedUser['locked'] {
  if (user.disabledAt !== undefined) return 'administrator';
  return isLocked(user) && at < (user.lockedAt ?? 0) + lockMinutes * 60_000 ? 'wrong-passwords' : null;
}

/** Requests of the session's participant, the oldest first. */
export function listUserRequests(
  context: Context,
  session: Session,
  query: { readonly status?: UserRequest['status'] },
): readonly UserRequest[] {
  const rows = context.store.books
    .userRequestsOf(session.service, session.participant)
    .filter((row) => query.status === undefined || row.status === query.status);
  return rows;
}

/** A maker requests that a user be created, locked, unlocked or reset; nothing changes until a checker authorises it. */
export async function requestOfUser(
  context: Context,
  session: Session,
  { password, ...input }: UserRequestForm,
  caller: Caller,
): Promise<UserRequest | Refusal> {
  if (password !== undefined && !acceptableNewPassword(password, '')) {
    return refused(context, badFirstPassword(), { ...MAINTENANCE, what: input.act }, caller, session);
  }
  const hash = password === undefined ? {} : { passwordHash: await hashPassword(password) };
  const kept = await context.store.transact<UserRequest>((books, at) => {
    const next = books.counter('userRequest');
    const number = seriesKey(SERIES.userRequest, next);
    const request = decideUserRequest(books, { ...input, ...hash }, { by: session, at }, number);
    if (isRefusal(request)) return request;
    const changes = [put('userRequest', request), put('counter', { name: 'userRequest', next: next + 1 })];
    return { changes, answer: request };
  });
  if (isRefusal(kept)) return refused(context, kept, { ...MAINTENANCE, what: input.act }, caller, session);
  note(context, session, caller, 'request', kept);
  return kept;
}

/**
 * "Get Authorisation Code": eight digits that authorise one request, until `until`. A new code replaces an earlier one. Only
 * its hash is stored.
 */
export async function authorisationCode(
  context: Context,
  session: Session,
  caller: Caller,
): Promise<{ readonly code: string; readonly until: Instant } | Refusal> {
  const code = String(randomInt(100_000_000)).padStart(8, '0');
  const codeHash = await hashPassword(code);
  const until = await context.store.transact((books, at) => {
    const checker = checkerOf(books.get('user', keyOf(session)), session);
    const until = at + context.rules.authorisationCodeMinutes * 60_000;
    return { changes: [put('user', { ...checker, authorisation: { codeHash, until } })], answer: until };
  });
  if (isRefusal(until)) return until;
  note(context, session, caller, 'authorisation-code', null);
  return { code, until };
}

/** A checker authorises a request with an authorisation code. That uses up the code, even if the wrong one was given. */
export async function authoriseUserRequest(
  context: Context,
  session: Session,
  input: { readonly number: string; readonly code: string },
  caller: Caller,
): Promise<UserRequest | Refusal> {
  const key = keyOf(session);
  const codeHash = context.store.books.get('user', key)?.authorisation?.codeHash;
  const matches = await passwordMatches(input.code, codeHash ?? UNKNOWN_USER_HASH);
  const kept = await context.store.transact<UserRequest | Refusal>((books, at) => {
    const decided = decideUserAuthorisation(books, input.number, { by: session, at });
    if (isRefusal(decided)) return decided;
    const { authorisation, ...withoutCode } = checkerOf(books.get('user', key), session);
    // While the code was checked, it may have been used or replaced: it is valid for one request only.
    const isValid = matches && authorisation?.codeHash === codeHash && at < (authorisation?.until ?? 0);
    const changes = authorisation === undefined ? [] : [put('user', withoutCode)];
    if (!isValid) return { changes, answer: badCode(session) };
    return { changes: [...changes, ...decided.changes], answer: decided.request };
  });
  if (isRefusal(kept)) return refused(context, kept, { ...MAINTENANCE, what: 'authorise' }, caller, session);
  note(context, session, caller, 'authorise', kept);
  if (kept.act === 'lock' || kept.act === 'reset') endSession(context, kept);
  return kept;
}

/** Ends the session of a user who was locked or has a new password (assumed). */
function endSession(context: Context, request: UserRequest): void {
  const { participant, user } = request;
  const service: ServiceName = request.service ?? 'ccass';
  const at = context.clock.now();
  const session = context.sessions.of(service, participant, user, at);
  if (!session) return;
  context.sessions.end(session, 'administrator', at);
  context.journal.note('session-ended', sessionHead(session), { why: 'administrator' });
}

function keyOf({ service, participant, user }: Session): string {
  return userKey(service, participant, user);
}

function checkerOf(user: User | undefined, session: Session): User {
  if (!user) throw new Error(`session ${session.ordinal} belongs to a user that the books lack`);
  return user;
}

/** The timetable opens and closes user maintenance with the enquiries. */
const MAINTENANCE = { operation: 'enquire' } as const;

function note(
  context: Context,
  session: Session,
  caller: Caller,
  what: 'request' | 'authorisation-code' | 'authorise',
  request: UserRequest | null,
): void {
  const about = request && { number: request.number, act: request.act, about: request.user };
  context.journal.note('administration', requestHead(context, caller, session), { what, ...about });
}

function badFirstPassword(): Refusal {
  return refuse('BAD_NEW_PASSWORD', {
    en: 'Give the user a first password of 8 to 64 characters with a letter and a digit; the user replaces it at the next log-on.',
    zh: '請為用戶設定 8 至 64 個字元的初始密碼，須包含字母及數字；用戶於登入時須更改。',
  });
}

function badCode({ service }: Session): Refusal {
  return refuse('BAD_AUTHORISATION_CODE', {
    en: `It is wrong, used or expired, and is void now. Get another: POST ${API[service]}/users/authorisation-code`,
    zh: `授權碼不正確、已使用或已過期，現已作廢。請重新取得：POST ${API[service]}/users/authorisation-code`,
  });
}
