import { API } from '../../domain/access/service-api.ts';
import type { Operation } from '../../domain/calendar/rehearsal.ts';
import { CENTRE_WORDS } from '../../domain/calendar/timetable-words.ts';
import { userKey } from '../../domain/change.ts';
import type { UserRole } from '../../domain/nouns/access.ts';
import type { CentreName, ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Caller, Context, Open } from '../context.ts';
import type { Session } from './sessions.ts';

/**
 * The one gate of a centre: is it open, is this the active centre, who asks, may he. In that order for every verb
 * (semantics: refusals), before a byte of the request's body is read. Whatever it refuses stands in the journal.
 */
export function admitAnyone(context: Context, operation: Operation, caller: Caller): Open | Refusal {
  const open = context.timetable.opening({ at: context.clock.now(), service: caller.service, operation });
  if (isRefusal(open)) return refused(context, open, operation, caller);
  if (!context.admits()) return refused(context, standby(context.centre, context.line(caller.door)), operation, caller);
  return open;
}

/** The same for a verb that needs a session. */
export function admitSession(
  context: Context,
  operation: Operation,
  token: string | null,
  caller: Caller,
  roles: readonly UserRole[] = BUSINESS[caller.service],
): Session | Refusal {
  const { service } = caller;
  const open = admitAnyone(context, operation, caller);
  if (isRefusal(open)) return open;
  const at = context.clock.now();
  const session = context.sessions.find(service, token, at);
  if (isRefusal(session)) return refused(context, session, operation, caller);
  const who = { participant: session.participant, channel: session.channel };
  const mine = context.timetable.opening({ at, service, operation, who });
  if (isRefusal(mine)) return refused(context, mine, operation, caller, session);
  const role = context.store.books.get('user', userKey(service, session.participant, session.user))?.role;
  if (!role || !roles.includes(role)) {
    return refused(context, notEntitled(service, roles), operation, caller, session);
  }
  return session;
}

const BUSINESS: Readonly<Record<ServiceName, readonly UserRole[]>> = {
  ccass: ['maker', 'checker'],
  rap: [],
  orp: ['risk'],
};
/** For what every user may do: his own profile, his own log-off. */
export const EVERYONE: readonly UserRole[] = ['maker', 'checker', 'risk', 'da-maker', 'da-checker'];

function notEntitled(service: ServiceName, roles: readonly UserRole[]): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `Only a user of this role may do this: ${roles.join(', ')}. Log on as one; your own role stands in GET ${API[service]}/profile`,
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

const noted = new WeakSet<Refusal>();

/** Whether a refusal stands in the journal already. */
export function isNoted(refusal: Refusal): boolean {
  return noted.has(refusal);
}

/** Notes a refusal and hands it on. */
export function refused(
  context: Context,
  refusal: Refusal,
  operation: string,
  caller: Caller,
  who: { readonly participant: string; readonly user: string } | null = null,
): Refusal {
  noted.add(refusal);
  context.journal.note({
    kind: 'refusal',
    centre: context.centre,
    participant: who?.participant ?? null,
    user: who?.user ?? null,
    detail: {
      code: refusal.refusal,
      service: caller.service,
      operation,
      says: refusal.detail.en,
      address: caller.address,
      connection: caller.connection,
    },
  });
  return refusal;
}

export function standby(centre: CentreName, line: string): Refusal {
  return refuse('CENTRE_STANDBY', {
    en: `The ${centre} centre is not the active one. Use the line, ${line}: its address never changes and leads to the active centre.`,
    zh: `${CENTRE_WORDS[centre].zh}現非運作中的中心。請使用固定地址 ${line}，該地址會連接至運作中的中心。`,
  });
}
