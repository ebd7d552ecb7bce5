import { terminalVerdict } from '../../domain/access/terminal.ts';
import { formatHkt, marketDate } from '../../domain/calendar/calendar.ts';
import { put, userKey } from '../../domain/change.ts';
import type { User } from '../../domain/nouns/access.ts';
import type { Channel, Instant, MarketDate, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Caller, Context, Open } from '../context.ts';
import { refused } from './admission.ts';
import { acceptableNewPassword, hashPassword, NOBODY, passwordFits } from './passwords.ts';
import type { Session } from './sessions.ts';

export interface LogonRequest {
  readonly participant: string;
  readonly user: string;
  readonly password: string;
  /** How it comes to CCASS; the other services have one way in each. */
  readonly channel?: Channel;
  /** Replaces the password in the same step; the way out of PASSWORD_EXPIRED. */
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

/**
 * Logs a user on to the caller's service at this centre. The caller was admitted already (open and active). From here on
 * the order of the refusals is: registration, terminal (CCASS only), address, credentials, lock, password, other session.
 * How often one may err and how long a password lasts is assumed (access rules).
 */
export async function logon(context: Context, request: LogonRequest, caller: Caller): Promise<LoggedOn | Refusal> {
  const answer = await decide(context, request, caller);
  const who = { participant: request.participant, user: request.user };
  if (isRefusal(answer)) return refused(context, answer, 'logon', caller, who);
  context.journal.note({
    kind: 'logon',
    centre: context.centre,
    ...who,
    detail: {
      service: caller.service,
      channel: request.channel ?? null,
      session: answer.session.ordinal,
      release: answer.open.release,
      rehearsalSession: answer.open.session?.id ?? null,
      userAgent: caller.userAgent,
      connection: caller.connection,
      warnings: answer.warnings.map((words) => words.en),
    },
  });
  return answer;
}

async function decide(context: Context, request: LogonRequest, caller: Caller): Promise<LoggedOn | Refusal> {
  const { clock, store, sessions, rules } = context;
  const { participant, user, channel = null } = request;
  const { service } = caller;
  const warnings: Words[] = [];
  const at = clock.now();

  const open = context.timetable.opening({
    at,
    service,
    operation: 'logon',
    who: { participant, channel },
  });
  if (isRefusal(open)) return open;

  if (!context.registration.isRegistered(participant, at)) {
    if (context.registration.policy === 'deny') return notRegistered(participant);
    warnings.push(notRegistered(participant).detail);
  }

  if (channel) {
    const { userAgent } = caller;
    const terminal = terminalVerdict({ userAgent, channel, date: marketDate(at), ruleFrom: rules.terminalRuleFrom });
    if (isRefusal(terminal)) return terminal;
    warnings.push(...terminal.warnings);
  }

  const elsewhere = context.addresses(participant, caller.address);
  if (elsewhere) return elsewhere;

  const key = userKey(service, participant, user);
  const known = store.books.get('user', key);
  const fits = await passwordFits(request.password, known?.passwordHash ?? NOBODY);
  if (!known || !fits) {
    if (known) await noteWrongPassword(context, known);
    else await nothingNew(context);
    return badCredentials(rules.maxWrongPasswords);
  }
  if (known.disabledAt !== undefined) return userDisabled();
  const lockedUntil = lockEnd(known, rules.lockMinutes);
  if (lockedUntil !== null && lockedUntil > at) return userLocked(lockedUntil);

  const expires = known.passwordSetAt + rules.passwordDays * 86_400_000;
  if (request.newPassword === undefined && expires <= at) return passwordExpired(expires);
  if (request.newPassword === undefined && known.mustChangePassword) return passwordReset();
  if (request.newPassword !== undefined && !acceptableNewPassword(request.newPassword, request.password))
    return badNewPassword();

  const other = sessions.of(service, participant, user, at);
  if (other && rules.oneSessionPerUser && !request.takeOver) return sessionExists(other);

  const newHash = request.newPassword === undefined ? null : await hashPassword(request.newPassword);
  let started: ReturnType<typeof sessions.start> | undefined;
  const kept = await store.transact<{ user: User; session: Session; token: string }>((books, at) => {
    // While the password was checked others may have guessed, changed it or logged on: decided in one turn of the loop,
    // a lock holds against guesses in parallel, and whoever is refused has changed nothing.
    const current = books.get('user', key);
    if (current?.passwordHash !== known.passwordHash) return badCredentials(rules.maxWrongPasswords);
    if (current.disabledAt !== undefined) return userDisabled();
    const locked = lockEnd(current, rules.lockMinutes);
    if (locked !== null && locked > at) return userLocked(locked);
    const twin = sessions.of(service, participant, user, at);
    if (twin && rules.oneSessionPerUser) {
      if (!request.takeOver) return sessionExists(twin);
      takeOver(context, twin);
    }
    const changes = [];
    const { mustChangePassword, ...rest } = current;
    const after: User = {
      ...(newHash === null ? current : rest),
      wrongPasswords: 0,
      lockedAt: null,
      ...(newHash === null ? {} : { passwordHash: newHash, passwordSetAt: at }),
    };
    if (newHash !== null || current.wrongPasswords > 0 || current.lockedAt !== null) changes.push(put('user', after));
    if (open.session) {
      const attendance = { rehearsal: open.session.rehearsal, session: open.session.id, participant, at };
      const attended = `${attendance.rehearsal}/${attendance.session}/${participant}`;
      if (!books.get('attendance', attended)) changes.push(put('attendance', attendance));
    }
    const facts = { service, participant, user, channel, centre: context.centre, startedAt: at };
    started = sessions.start(facts);
    return { changes, answer: { user: after, ...started } };
  });
  // Not durable, or a switch came meanwhile: nobody learns the token.
  if (isRefusal(kept) || !context.admits()) {
    if (started) sessions.end(started.session, 'log-off', clock.now());
    return isRefusal(kept) ? kept : switchedMeanwhile();
  }
  return {
    token: kept.token,
    session: kept.session,
    role: kept.user.role,
    open,
    passwordExpires: marketDate(kept.user.passwordSetAt + rules.passwordDays * 86_400_000),
    warnings,
  };
}

function takeOver(context: Context, twin: Session): void {
  const { service, participant, user, ordinal } = twin;
  context.sessions.end(twin, 'taken-over', context.clock.now());
  context.journal.note({
    kind: 'session-ended',
    centre: context.centre,
    participant,
    user,
    detail: { service, session: ordinal, why: 'taken-over' },
  });
}

/** Logs a session off; ending it twice is harmless. */
export function logoff(context: Context, session: Session, caller: Caller): void {
  context.sessions.end(session, 'log-off', context.clock.now());
  context.journal.note({
    kind: 'logoff',
    centre: context.centre,
    participant: session.participant,
    user: session.user,
    detail: { service: session.service, session: session.ordinal, connection: caller.connection },
  });
}

/** Commits what is so already: an unknown user is answered as late as a known one, whose wrong password has to be durable. */
async function nothingNew({ store }: Context): Promise<void> {
  await store.transact((books) => ({
    changes: [put('counter', { name: 'batch', next: books.counter('batch') })],
    answer: null,
  }));
}

async function noteWrongPassword(context: Context, user: User): Promise<void> {
  await context.store.transact((books, at) => {
    const current = books.get('user', userKey(user.service ?? 'ccass', user.participant, user.id));
    if (!current) return { changes: [], answer: null };
    const lapsed = lockEnd(current, context.rules.lockMinutes);
    const wrong = (lapsed !== null && lapsed <= at ? 0 : current.wrongPasswords) + 1;
    const lockedAt =
      wrong >= context.rules.maxWrongPasswords ? (lapsed !== null && lapsed > at ? current.lockedAt : at) : null;
    return { changes: [put('user', { ...current, wrongPasswords: wrong, lockedAt })], answer: null };
  });
}

function lockEnd(user: User, lockMinutes: number): Instant | null {
  return user.lockedAt === null ? null : user.lockedAt + lockMinutes * 60_000;
}

/** NOT_REGISTERED, with the way to register. */
export function notRegistered(participant: string): Refusal {
  return refuse('NOT_REGISTERED', {
    en: `Participant ${participant} is not registered for this rehearsal; the circular asks those who do not take part not to log on that day. Register it: ccass-harness registration --add ${participant}`,
    zh: `參與者 ${participant} 並未登記參加是次演習；通告要求不參與者當日請勿登入。登記方法：ccass-harness registration --add ${participant}`,
  });
}

function badCredentials(max: number): Refusal {
  return refuse('BAD_CREDENTIALS', {
    en: `Check the three and try again; ${max} wrong passwords in a row lock the user.`,
    zh: `請核對後再試；連續 ${max} 次輸入錯誤密碼將鎖定用戶。`,
  });
}

function userLocked(until: Instant): Refusal {
  return refuse(
    'USER_LOCKED',
    {
      en: `Too many wrong passwords. Try again after ${formatHkt(until)} (market time).`,
      zh: `輸入錯誤密碼次數過多。請於市場時間 ${formatHkt(until)} 後再試。`,
    },
    { retryAt: until },
  );
}

function userDisabled(): Refusal {
  return refuse('USER_LOCKED', {
    en: 'A Delegated Administrator of your participant locked this user. Have one unlock it.',
    zh: '貴公司的委託管理人已鎖定此用戶。請由委託管理人解鎖。',
  });
}

function passwordReset(): Refusal {
  return refuse('PASSWORD_EXPIRED', {
    en: 'A Delegated Administrator set this password. Log on with `newPassword` to replace it by your own.',
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

function switchedMeanwhile(): Refusal {
  return refuse('CENTRE_STANDBY', {
    en: 'The active centre changed. Log on again at the same address.',
    zh: '運作中的中心已切換，請於同一地址重新登入。',
  });
}

function sessionExists(other: Session): Refusal {
  return refuse('SESSION_EXISTS', {
    en: `A session opened at ${formatHkt(other.startedAt)} holds. Log it off, or log on with \`takeOver\`: true to end it.`,
    zh: `已有於 ${formatHkt(other.startedAt)} 開啟的登入時段。請先登出，或以 \`takeOver\`: true 登入以結束該時段。`,
  });
}
