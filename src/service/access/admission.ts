import { API } from '../../domain/access/service-api.ts';
import { terminalVerdict } from '../../domain/access/terminal.ts';
import { marketDate } from '../../domain/calendar/calendar.ts';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS, notRegisteredWarning } from '../../domain/calendar/timetable-words.ts';
import { userKey } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { type JournalOperation, SESSION_WHYS } from '../../domain/journal/kinds/requests.ts';
import type { UserRole } from '../../domain/nouns/access.ts';
import type { ServiceName, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Applicant, Caller, Context, Open } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import type { Session } from './sessions.ts';

/** A verb, as the gate sees it. */
export interface Verb {
  readonly operation: Operation;
  /** Roles that may call it. Default: those that do the service's business. RAP's users have no roles. */
  readonly roles?: readonly UserRole[];
}

/** What a request that passed the gate may do. */
export interface Admission {
  readonly open: Open;
  /** Null where the verb needs none. */
  readonly session: Session | null;
  /** What the listener does to the answer: armed faults. None exist yet. */
  readonly effects: readonly never[];
}

/** What a log-on that passed the gate may go on with. */
export interface LogonAdmission {
  readonly open: Open;
  /** Go with its answer. */
  readonly warnings: readonly Words[];
}

const NONE: readonly never[] = [];

/**
 * The one gate of a centre for every verb but a log-on, whatever the protocol. It checks in this order: is the service
 * open, is this the active centre, is there a session, may this user do it. Every request passes it before its body is
 * read. Every refusal is noted in the journal.
 * @param token undefined: the verb needs no session; null: the caller sent none
 */
export function admit(context: Context, verb: Verb, caller: Caller, token?: string | null): Admission | Refusal {
  const { clock, timetable } = context;
  const { service } = caller;
  const { operation } = verb;
  const at = clock.now();
  const reject = (refusal: Refusal, who?: Session) => refused(context, refusal, verb, caller, who);

  const everyone = timetable.opening({ at, service, operation });
  if (!everyone.open) return reject(closedTo(context, verb, caller, token) ?? everyone.refused);
  if (!context.admits()) return reject(standby(context, caller));
  if (token === undefined) return { open: everyone.open, session: null, effects: NONE };

  const session = context.sessions.find(service, token, at);
  if (isRefusal(session)) return reject(session);
  const mine = timetable.opening({ at, service, operation, who: session });
  if (!mine.open) return reject(mine.refused, session);
  const { roles = BUSINESS[service] } = verb;
  if (!hasRole(context, session, roles)) return reject(notEntitled(service, roles), session);
  return { open: mine.open, session, effects: NONE };
}

/** NOT_OPEN for the owner of a token, with the next opening that this participant may use; null without a known owner. */
function closedTo(
  { clock, timetable, sessions }: Context,
  { operation }: Verb,
  { service }: Caller,
  token: string | null | undefined,
): Refusal | null {
  const who = token ? sessions.ownerOf(service, token) : null;
  const answer = who && timetable.opening({ at: clock.now(), service, operation, who });
  return answer && !answer.open && answer.refused.refusal === 'NOT_OPEN' ? answer.refused : null;
}

/**
 * The gate of a log-on, which is decided once it is known who asks: is the service ever for this type of participant, is it
 * open to this one, is this the active centre, did it take part or register, is its terminal supported, its address
 * allowed. A password comes after that (logon.ts). Notes nothing: see `admitLogon`.
 */
export function logonVerdict(context: Context, applicant: Applicant, caller: Caller): LogonAdmission | Refusal {
  const { participant, channel } = applicant;
  const { registration, rules, timetable } = context;
  const at = context.clock.now();
  const mine = timetable.opening({ at, service: caller.service, operation: 'logon', who: applicant });
  // What only the books or the list of the registered say comes after the standby, whose books may be behind.
  if (!mine.open && mine.why !== 'took-part' && mine.why !== 'registration') return mine.refused;
  if (!context.admits()) return standby(context, caller);
  if (!mine.open) return mine.refused;
  const warnings: Words[] = [];
  if (!registration.isRegistered(participant, at)) warnings.push(notRegisteredWarning(participant));
  if (channel) {
    const { userAgent } = caller;
    const terminal = terminalVerdict({ userAgent, channel, date: marketDate(at), ruleFrom: rules.terminalRuleFrom });
    if (isRefusal(terminal)) return terminal;
    warnings.push(...terminal.warnings);
  }
  return context.addresses(participant, caller.address) ?? { open: mine.open, warnings };
}

/** What a log-on to this service meets, whoever wants it: it is closed, or this centre is on standby. Notes nothing. */
export function refusalForEveryone(context: Context, caller: Caller): Refusal | null {
  const { service } = caller;
  const answer = context.timetable.opening({ at: context.clock.now(), service, operation: 'logon' });
  if (!answer.open) return answer.refused;
  return context.admits() ? null : standby(context, caller);
}

function hasRole({ store }: Context, { service, participant, user }: Session, roles: readonly UserRole[]): boolean {
  if (service === 'rap') return true;
  const role = store.books.get('user', userKey(service, participant, user))?.role;
  return role !== undefined && roles.includes(role);
}

const BUSINESS: Readonly<Record<ServiceName, readonly UserRole[]>> = {
  ccass: ['maker', 'checker'],
  rap: [],
  orp: ['risk'],
};
/** For what every user may do: see the profile, log off. */
export const EVERYONE: readonly UserRole[] = ['maker', 'checker', 'risk', 'da-maker', 'da-checker'];

function notEntitled(service: ServiceName, roles: readonly UserRole[]): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `Only users with this role may do this: ${roles.join(', ')}. Log on as one; GET ${API[service]}/profile shows your role`,
    zh: `只有以下角色的用戶可使用此功能：${roles.map((role) => ROLE_ZH[role]).join('、')}。請以該角色的用戶登入；查閱本身角色：GET ${API[service]}/profile`,
  });
}

const ROLE_ZH: Readonly<Record<UserRole, string>> = {
  maker: '輸入用戶',
  checker: '覆核用戶',
  risk: '風險管理用戶',
  'da-maker': '委託管理人（輸入）',
  'da-checker': '委託管理人（覆核）',
};

/** A request that was refused, as the journal names it. */
export interface Refusable {
  readonly operation: JournalOperation;
  /** As in the journal's `answer`. */
  readonly what?: string;
}

const noted = new WeakSet<Refusal>();

/** Whether a refusal is in the journal already. */
export function isNoted(refusal: Refusal): boolean {
  return noted.has(refusal);
}

/** Notes a refusal in the journal and returns it. */
export function refused(
  context: Context,
  refusal: Refusal,
  verb: Refusable,
  caller: Caller,
  who: Session | Applicant | null = null,
): Refusal {
  noted.add(refusal);
  context.journal.note('refusal', requestHead(context, caller, who), refusalDetail(refusal, verb));
  return refusal;
}

/** The detail of a refusal's journal entry. */
export function refusalDetail(refusal: Refusal, { operation, what }: Refusable): JournalDetails['refusal'] {
  const { refusal: code, detail: says, retryAt, more } = refusal;
  const why = SESSION_WHYS.find((one) => one === more?.reason);
  return {
    operation,
    ...(what !== undefined && { what }),
    ...{ code, says },
    ...(why !== undefined && { why }),
    ...(retryAt !== undefined && { retryAt }),
  };
}

/** CENTRE_STANDBY, with the address that leads to the active centre. */
export function standby({ centre, line }: Pick<Context, 'centre' | 'line'>, { protocol }: Caller): Refusal {
  const address = line(protocol);
  return refuse('CENTRE_STANDBY', {
    en: `The ${centre} centre is not the active one. Use the line, ${address}: its address never changes and leads to the active centre.`,
    zh: `${CENTRE_WORDS[centre].zh}現非運作中的中心。請使用連接地址 ${address}，該地址會連接至運作中的中心。`,
  });
}
