import { formatHkt, marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put, userKey } from '../../domain/change.ts';
import type { User } from '../../domain/nouns/access.ts';
import type { Channel, Instant, MarketDate, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import type { Caller, Context, Open } from '../context.ts';
import { sessionHead } from '../journal-entries.ts';
import { type LogonAttempt, lockedUntil, startSession, userLocked } from './logon.ts';
import { acceptableNewPassword, hashPassword, type Match, matchPassword, UNKNOWN_USER_HASH } from './passwords.ts';
import type { Session } from './sessions.ts';

export interface LogonRequest {
  readonly participant: string;
  readonly user: string;
  readonly password: string;
  /** How the client reaches CCASS; the other services have one way in each. */
  readonly channel?: Channel;
  /** Replaces the password in the same step, as PASSWORD_EXPIRED requires. */
  readonly newPassword?: string;
  /** Ends the user's other session instead of being refused. */
  readonly takeOver?: boolean;
}

export interface LoggedOn {
  readonly token: string;
  readonly session: Session;
  readonly role: User['role'];
  readonly open: Open;
  readonly passwordExpires: MarketDate;
  readonly warnings: readonly Words[];
}

/** Logs a user on to CCASS or ORP Online by password. How long a password lasts is assumed (access rules). */
export async function logon(context: Context, request: LogonRequest, caller: Caller): Promise<LoggedOn | Refusal> {
  const attempt = new PasswordLogon(context, request, caller);
  const answer = await startSession(context, attempt, caller);
  if (isRefusal(answer)) return answer;
  const { user, ...started } = answer;
  const setAt = attempt.newHash === null ? user.passwordSetAt : started.session.startedAt;
  return { ...started, role: user.role, passwordExpires: marketDate(expiryOf(setAt, context)) };
}

class PasswordLogon implements LogonAttempt<User> {
  readonly applicant;
  readonly countsAtOnce = true;
  newHash: string | null = null;
  #tookOver = false;
  readonly #context: Context;
  readonly #request: LogonRequest;
  readonly #service: Caller['service'];
  readonly #key: string;

  constructor(context: Context, request: LogonRequest, { service }: Caller) {
    const { participant, user, channel = null } = request;
    this.applicant = { participant, user, channel };
    this.#context = context;
    this.#request = request;
    this.#service = service;
    this.#key = userKey(service, participant, user);
  }

  get noted() {
    return { credential: 'password', takeOver: this.#tookOver } as const;
  }

  user(books: Books): User | undefined {
    return books.get('user', this.#key);
  }

  matches(user: User | undefined, mayRemember: boolean): Promise<Match> {
    return matchPassword(this.#request.password, user?.passwordHash ?? UNKNOWN_USER_HASH, mayRemember);
  }

  stillMatches(known: User, current: User): boolean {
    return known.passwordHash === current.passwordHash;
  }

  attempts({ wrongPasswords, lockedAt }: User) {
    return { failed: wrongPasswords, lockedAt };
  }

  withAttempts(user: User, { failed, lockedAt }: { failed: number; lockedAt: Instant | null }): Change {
    return put('user', { ...user, wrongPasswords: failed, lockedAt });
  }

  lock(user: User, at: Instant): Refusal | null {
    if (user.disabledAt !== undefined) return userDisabled();
    const until = lockedUntil(this.attempts(user), this.#context.rules.lockMinutes, at);
    return until === null ? null : userLocked(until, { en: 'passwords', zh: '輸入錯誤密碼' });
  }

  obstacle(user: User, at: Instant): Refusal | null {
    const { rules } = this.#context;
    const refusal = this.#passwordObstacle(user, at);
    if (refusal) return refusal;
    const other = this.#otherSession(at);
    return other && rules.oneSessionPerUser && !this.#request.takeOver ? sessionExists(other) : null;
  }

  #passwordObstacle(user: User, at: Instant): Refusal | null {
    const { password, newPassword } = this.#request;
    if (newPassword !== undefined) return acceptableNewPassword(newPassword, password) ? null : badNewPassword();
    const expires = expiryOf(user.passwordSetAt, this.#context);
    if (expires <= at) return passwordExpired(expires);
    return user.mustChangePassword ? passwordReset() : null;
  }

  #otherSession(at: Instant): Session | undefined {
    const { participant, user } = this.applicant;
    return this.#context.sessions.of(this.#service, participant, user, at);
  }

  async prepare(): Promise<void> {
    const { newPassword } = this.#request;
    if (newPassword !== undefined) this.newHash = await hashPassword(newPassword);
  }

  started(user: User, at: Instant): readonly Change[] {
    const other = this.#otherSession(at);
    if (other && this.#context.rules.oneSessionPerUser) {
      takeOver(this.#context, other);
      this.#tookOver = true;
    }
    const changes: Change[] = [];
    const { mustChangePassword, ...rest } = user;
    const unlocked = { wrongPasswords: 0, lockedAt: null };
    if (this.newHash !== null) {
      changes.push(put('user', { ...rest, ...unlocked, passwordHash: this.newHash, passwordSetAt: at }));
    } else if (user.wrongPasswords > 0 || user.lockedAt !== null) changes.push(put('user', { ...user, ...unlocked }));
    return changes;
  }

  badCredentials(): Refusal {
    const { maxWrongPasswords: max } = this.#context.rules;
    return refuse('BAD_CREDENTIALS', {
      en: `Check participant, user and password, and try again; ${max} wrong passwords in a row lock the user.`,
      zh: `請核對後再試；連續 ${max} 次輸入錯誤密碼將鎖定用戶。`,
    });
  }
}

function expiryOf(passwordSetAt: Instant, { rules }: Context): Instant {
  return passwordSetAt + rules.passwordDays * 86_400_000;
}

function takeOver(context: Context, other: Session): void {
  context.sessions.end(other, 'taken-over', context.clock.now());
  context.journal.note('session-ended', sessionHead(other), { why: 'taken-over' });
}

function userDisabled(): Refusal {
  return refuse('USER_LOCKED', {
    en: 'A Delegated Administrator of your participant locked this user. Have one unlock it.',
    zh: '貴公司的委託管理人已鎖定此用戶。請由委託管理人解鎖。',
  });
}

function passwordReset(): Refusal {
  return refuse('PASSWORD_EXPIRED', {
    en: 'A Delegated Administrator set this password. Log on with `newPassword` to replace it.',
    zh: '此密碼由委託管理人設定。請於登入時以 `newPassword` 更改為個人密碼。',
  });
}

function passwordExpired(since: Instant): Refusal {
  return refuse('PASSWORD_EXPIRED', {
    en: `It expired at ${formatHkt(since)}. Log on with \`newPassword\` to replace it.`,
    zh: `密碼已於 ${formatHkt(since)} 過期。請於登入時以 \`newPassword\` 更改密碼。`,
  });
}

function badNewPassword(): Refusal {
  return refuse('BAD_NEW_PASSWORD', {
    en: 'Choose 8 to 64 characters with a letter and a digit, other than the old password.',
    zh: '請使用 8 至 64 個字元，須包含字母及數字，且不得與舊密碼相同。',
  });
}

function sessionExists(other: Session): Refusal {
  return refuse('SESSION_EXISTS', {
    en: `A session opened at ${formatHkt(other.startedAt)} is still open. Log it off, or log on with \`takeOver\`: true to end it.`,
    zh: `已有於 ${formatHkt(other.startedAt)} 開啟的登入時段。請先登出，或以 \`takeOver\`: true 登入以結束該時段。`,
  });
}
