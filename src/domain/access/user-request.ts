import { type Change, put, userKey } from '../change.ts';
import type { User, UserRequest } from '../nouns/access.ts';
import type { Instant, ServiceName } from '../nouns/market.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { AUTO_USER } from '../settlement/auto-counterparty.ts';
import type { Rows } from '../settlement/draft.ts';
import { API } from './service-api.ts';

/**
 * Delegated Administrators, a maker and a checker, manage the users of their participant. That there are two and that the
 * checker authorises with an authorisation code is published (CCASS FAQ 4); the rest is a mock convention.
 */

/** A maker's request, without the members that the books add. */
export type UserRequestInput = Pick<UserRequest, 'act' | 'user' | 'profile' | 'passwordHash'>;

/** The acting user, and when. */
interface Actor {
  readonly by: { readonly service: ServiceName; readonly participant: string; readonly user: string };
  readonly at: Instant;
}

export function isAdministrator(role: User['role']): boolean {
  return role === 'da-maker' || role === 'da-checker';
}

/** Whether the user cannot log on until an unlock, or until the lock lapses. */
export function isLocked(user: User): boolean {
  return user.disabledAt !== undefined || user.lockedAt !== null;
}

/** A request that waits for a checker, or why the current state of the books rules it out. */
export function decideUserRequest(
  rows: Rows,
  input: UserRequestInput,
  actor: Actor,
  number: string,
): UserRequest | Refusal {
  const { by, at } = actor;
  const request: UserRequest = {
    ...input,
    number,
    ...(by.service === 'ccass' ? {} : { service: by.service }),
    participant: by.participant,
    requestedBy: by.user,
    requestedAt: at,
    status: 'waiting',
  };
  return conflictOf(rows, request) ?? request;
}

/** The checker's authorisation: changes the user as requested, and marks the request as done, without its password. */
export function decideUserAuthorisation(
  rows: Rows,
  number: string,
  { by, at }: Actor,
): { readonly request: UserRequest; readonly changes: readonly Change[] } | Refusal {
  const waiting = rows.get('userRequest', number);
  if (waiting?.participant !== by.participant || serviceOf(waiting) !== by.service) {
    return noRequest(number, API[by.service]);
  }
  if (waiting.status !== 'waiting') {
    return conflict({
      en: `Request ${number} was already authorised by ${waiting.authorisedBy}. List those that wait: GET ${API[by.service]}/users/requests?status=waiting`,
      zh: `要求 ${number} 已由 ${waiting.authorisedBy} 授權。查閱待授權的要求：GET ${API[by.service]}/users/requests?status=waiting`,
    });
  }
  const refusal = conflictOf(rows, waiting);
  if (refusal) return refusal;
  const { passwordHash: _, ...rest } = waiting;
  const request: UserRequest = { ...rest, status: 'authorised', authorisedBy: by.user, authorisedAt: at };
  return { request, changes: [put('user', userAfter(rows, waiting, at)), put('userRequest', request)] };
}

function serviceOf({ service }: UserRequest): ServiceName {
  return service ?? 'ccass';
}

function conflictOf(rows: Rows, request: UserRequest): Refusal | null {
  const { act, participant, user } = request;
  const service = serviceOf(request);
  const row = rows.get('user', userKey(service, participant, user));
  if (act === 'create') {
    if (!row && user !== AUTO_USER) return null;
    return conflict({
      en: `User ${user} already exists. Choose another user ID, or request a reset or an unlock of this one.`,
      zh: `用戶 ${user} 已存在。請選用其他用戶編號，或要求重設或解鎖該用戶。`,
    });
  }
  if (!row) {
    return refuse('NOT_FOUND', {
      en: `Your participant has no user ${user}. List its users: GET ${API[service]}/users`,
      zh: `貴公司並無用戶 ${user}。查閱用戶名單：GET ${API[service]}/users`,
    });
  }
  if (isAdministrator(row.role)) {
    // The form is for CCASS; none is published for the other services.
    const form = service === 'ccass' ? { en: ' (G-Form 13)', zh: '（G-Form 13）' } : { en: '', zh: '' };
    return refuse('NOT_ENTITLED', {
      en: `${user} is a Delegated Administrator, whom HKSCC sets up${form.en}. Name another user.`,
      zh: `${user} 為委託管理人，由香港結算設立${form.zh}。請指明其他用戶。`,
    });
  }
  if (act === 'lock' && row.disabledAt !== undefined) {
    return conflict({
      en: `User ${user} is already locked. No request is needed; to let the user log on, request an unlock.`,
      zh: `用戶 ${user} 已被鎖定。請解鎖或維持現狀。`,
    });
  }
  if (act === 'unlock' && !isLocked(row)) {
    return conflict({
      en: `User ${user} is not locked. If the password is forgotten, request a reset.`,
      zh: `用戶 ${user} 並未鎖定。如忘記密碼，請要求重設。`,
    });
  }
  return null;
}

function userAfter(rows: Rows, request: UserRequest, at: Instant): User {
  const { act, participant, user, profile, passwordHash } = request;
  if (act === 'create') {
    if (!profile || !passwordHash) throw new Error(`${request.number} creates a user without profile or password`);
    const fresh = {
      passwordHash,
      passwordSetAt: at,
      wrongPasswords: 0,
      lockedAt: null,
      mustChangePassword: true,
    } as const;
    const { service } = request;
    return { ...(service && { service }), participant, id: user, ...profile, ...fresh };
  }
  const row = rows.get('user', userKey(serviceOf(request), participant, user));
  if (!row) throw new Error(`${request.number} names a user that the books lack`);
  if (act === 'lock') return { ...row, disabledAt: at };
  const { disabledAt: _, ...free } = row;
  const clean = { wrongPasswords: 0, lockedAt: null } as const;
  if (act === 'unlock') return { ...free, ...clean };
  if (!passwordHash) throw new Error(`${request.number} resets without a password`);
  // A reset sets a new password; a lock that an administrator set stays until an administrator removes it.
  return { ...row, ...clean, passwordHash, passwordSetAt: at, mustChangePassword: true };
}

function noRequest(number: string, api: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `Your participant has no request ${number}. List them: GET ${api}/users/requests`,
    zh: `貴公司並無要求 ${number}。查閱要求：GET ${api}/users/requests`,
  });
}

function conflict(detail: Refusal['detail']): Refusal {
  return refuse('USER_REQUEST_CONFLICT', detail);
}
