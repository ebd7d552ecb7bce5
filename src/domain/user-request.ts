import { AUTO_USER } from './auto-counterparty.ts';
import { type Change, put } from './change.ts';
import type { Rows } from './draft.ts';
import type { Instant, User, UserRequest } from './nouns.ts';
import { type Refusal, refuse } from './refusal.ts';

/**
 * Delegated Administrators, maker and checker, look after the users of their own participant. That there are the two and
 * that the checker authorises with an authorisation code is published (CCASS FAQ 4); how it goes is a mock convention.
 */

/** What a maker asks for, without what the books add. */
export type AskedOfUser = Pick<UserRequest, 'act' | 'user' | 'profile' | 'passwordHash'>;

/** Who does it, and when. */
interface Doing {
  readonly by: { readonly participant: string; readonly user: string };
  readonly at: Instant;
}

export function isAdministrator(role: User['role']): boolean {
  return role === 'da-maker' || role === 'da-checker';
}

/** Whether the user cannot log on until somebody unlocks him, or his lock lapses. */
export function isLocked(user: User): boolean {
  return user.disabledAt !== undefined || user.lockedAt !== null;
}

/** A request as it waits for a checker, or why it makes no sense on the books as they stand. */
export function decideUserRequest(rows: Rows, asked: AskedOfUser, doing: Doing, number: string): UserRequest | Refusal {
  const { by, at } = doing;
  const request: UserRequest = {
    ...asked,
    number,
    participant: by.participant,
    requestedBy: by.user,
    requestedAt: at,
    status: 'waiting',
  };
  return against(rows, request) ?? request;
}

/** The checker's authorisation: the user as the request wants him, and the request done and without its password. */
export function decideUserAuthorisation(
  rows: Rows,
  number: string,
  { by, at }: Doing,
): { readonly request: UserRequest; readonly changes: readonly Change[] } | Refusal {
  const waiting = rows.get('userRequest', number);
  if (waiting?.participant !== by.participant) return noRequest(number);
  if (waiting.status !== 'waiting') {
    return conflict({
      en: `Request ${number} was authorised by ${waiting.authorisedBy} already. List those that wait: GET /ccass/v1/users/requests?status=waiting`,
      zh: `要求 ${number} 已由 ${waiting.authorisedBy} 授權。查閱待授權的要求：GET /ccass/v1/users/requests?status=waiting`,
    });
  }
  const refusal = against(rows, waiting);
  if (refusal) return refusal;
  const { passwordHash: _, ...rest } = waiting;
  const request: UserRequest = { ...rest, status: 'authorised', authorisedBy: by.user, authorisedAt: at };
  return { request, changes: [put('user', userAfter(rows, waiting, at)), put('userRequest', request)] };
}

function against(rows: Rows, { act, participant, user }: UserRequest): Refusal | null {
  const row = rows.get('user', `${participant}/${user}`);
  if (act === 'create') {
    if (!row && user !== AUTO_USER) return null;
    return conflict({
      en: `User ${user} exists already. Choose another user ID, or ask for a reset or an unlock of this one.`,
      zh: `用戶 ${user} 已存在。請選用其他用戶編號，或要求重設或解鎖該用戶。`,
    });
  }
  if (!row) {
    return refuse('NOT_FOUND', {
      en: `Your participant has no user ${user}. List its users: GET /ccass/v1/users`,
      zh: `貴公司並無用戶 ${user}。查閱用戶名單：GET /ccass/v1/users`,
    });
  }
  if (isAdministrator(row.role)) {
    return refuse('NOT_ENTITLED', {
      en: `${user} is a Delegated Administrator, whom HKSCC sets up (G-Form 13). Name a maker or a checker.`,
      zh: `${user} 為委託管理人，由香港結算設立（G-Form 13）。請指明輸入用戶或覆核用戶。`,
    });
  }
  if (act === 'lock' && row.disabledAt !== undefined) {
    return conflict({
      en: `User ${user} is locked already. Unlock him, or leave it so.`,
      zh: `用戶 ${user} 已被鎖定。請解鎖或維持現狀。`,
    });
  }
  if (act === 'unlock' && !isLocked(row)) {
    return conflict({
      en: `User ${user} is not locked. If he has forgotten the password, ask for a reset.`,
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
    return { participant, id: user, ...profile, ...fresh };
  }
  const row = rows.get('user', `${participant}/${user}`);
  if (!row) throw new Error(`${request.number} is about a user that the books lack`);
  if (act === 'lock') return { ...row, disabledAt: at };
  const { disabledAt: _, ...free } = row;
  const clean = { wrongPasswords: 0, lockedAt: null } as const;
  if (act === 'unlock') return { ...free, ...clean };
  if (!passwordHash) throw new Error(`${request.number} resets to no password`);
  // A reset gives a new password; a lock that an administrator set stays until one takes it away.
  return { ...row, ...clean, passwordHash, passwordSetAt: at, mustChangePassword: true };
}

function noRequest(number: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `Your participant has no request ${number}. List them: GET /ccass/v1/users/requests`,
    zh: `貴公司並無要求 ${number}。查閱要求：GET /ccass/v1/users/requests`,
  });
}

function conflict(detail: Refusal['detail']): Refusal {
  return refuse('USER_REQUEST_CONFLICT', detail);
}
