import { hash, randomBytes } from 'node:crypto';
import { API } from '../../domain/access/service-api.ts';
import { CENTRE_WORDS, serviceWords } from '../../domain/calendar/timetable-words.ts';
import type { SessionEnd } from '../../domain/journal/kinds/requests.ts';
import type { CentreName, Channel, Instant, ServiceName } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';

/** A user who is logged on. Sessions live at their centre and in memory only: a switch or a restart ends them. */
export interface Session {
  /** Centre and ordinal, such as `b-12`: what journal entries name, since tokens appear in no record. */
  readonly id: string;
  /** Counts from 1 at each centre. */
  readonly ordinal: number;
  readonly service: ServiceName;
  readonly participant: string;
  readonly user: string;
  /** How the client reaches CCASS; null at the other services, which have one way in each. */
  readonly channel: Channel | null;
  readonly centre: CentreName;
  readonly startedAt: Instant;
  lastAt: Instant;
}

interface Ended {
  readonly why: 'log-off' | SessionEnd;
  readonly at: Instant;
  readonly owner: Owner;
}

/** Whose token it is. */
export type Owner = Pick<Session, 'service' | 'participant' | 'channel'>;

export interface Sessions {
  start(facts: Omit<Session, 'id' | 'ordinal' | 'lastAt'>): { readonly session: Session; readonly token: string };
  /** The service's session of a token, or why there is none. Restarts its idle time. */
  find(service: ServiceName, token: string | null, at: Instant): Session | Refusal;
  /** Whose token of the service it is, also of a session that has ended; null if this centre does not know. Changes nothing. */
  ownerOf(service: ServiceName, token: string): Owner | null;
  of(service: ServiceName, participant: string, user: string, at: Instant): Session | undefined;
  /** How many open sessions a user has. */
  countOf(service: ServiceName, participant: string, user: string, at: Instant): number;
  end(session: Session, why: Ended['why'], at: Instant): void;
  /** Ends all and returns them. */
  endAll(why: Ended['why'], at: Instant): Session[];
  count(): number;
}

/** Ended sessions that are remembered, so that a late client gets the reason; the oldest are forgotten first. */
const ENDED_KEPT = 10_000;

export function createSessions(centre: CentreName, idleMinutes: number, onIdle: (session: Session) => void): Sessions {
  const live = new Map<string, Session>();
  const keys = new WeakMap<Session, string>();
  const byUser = new Map<string, string>();
  const ended = new Map<string, Ended>();
  let ordinal = 0;

  const nameOf = (service: ServiceName, participant: string, user: string) => `${service}/${participant}/${user}`;
  const isIdle = (session: Session, at: Instant) => at - session.lastAt >= idleMinutes * 60_000;

  function drop(key: string, session: Session, why: Ended['why'], at: Instant) {
    live.delete(key);
    const name = nameOf(session.service, session.participant, session.user);
    if (byUser.get(name) === key) byUser.delete(name);
    const { service, participant, channel } = session;
    ended.set(key, { why, at, owner: { service, participant, channel } });
    if (ended.size > ENDED_KEPT) for (const oldest of ended.keys()) return void ended.delete(oldest);
  }

  return {
    start(facts) {
      const token = `${centre}.${randomBytes(32).toString('base64url')}`;
      const key = digest(token);
      const id = `${centre.charAt(0)}-${++ordinal}`;
      const session: Session = { ...facts, id, ordinal, lastAt: facts.startedAt };
      live.set(key, session);
      keys.set(session, key);
      byUser.set(nameOf(facts.service, facts.participant, facts.user), key);
      return { session, token };
    },
    find(service, token, at) {
      if (!token) return noSession(service);
      const key = digest(token);
      const session = live.get(key);
      if (!session) return gone(service, token, centre, ended.get(key));
      if (session.service !== service) return otherService(session.service, service, at);
      if (isIdle(session, at)) {
        drop(key, session, 'idle', at);
        onIdle(session);
        return gone(service, token, centre, ended.get(key));
      }
      session.lastAt = at;
      return session;
    },
    ownerOf(service, token) {
      const key = digest(token);
      const owner = live.get(key) ?? ended.get(key)?.owner;
      return owner?.service === service ? owner : null;
    },
    of(service, participant, user, at) {
      const key = byUser.get(nameOf(service, participant, user));
      const session = key === undefined ? undefined : live.get(key);
      if (!key || !session) return undefined;
      if (!isIdle(session, at)) return session;
      drop(key, session, 'idle', at);
      onIdle(session);
      return undefined;
    },
    countOf(service, participant, user, at) {
      let count = 0;
      for (const session of live.values()) {
        const matches = session.service === service && session.participant === participant && session.user === user;
        if (matches && !isIdle(session, at)) count++;
      }
      return count;
    },
    end(session, why, at) {
      const key = keys.get(session);
      if (key !== undefined && live.has(key)) drop(key, session, why, at);
    },
    endAll(why, at) {
      const all = [...live];
      for (const [key, session] of all) drop(key, session, why, at);
      return all.map(([, session]) => session);
    },
    count: () => live.size,
  };
}

/** Tokens are looked up by their digest, so that neither a comparison nor a memory dump reveals one. */
function digest(token: string): string {
  return hash('sha256', token, 'base64url');
}

function noSession(service: ServiceName): Refusal {
  return refuse('NO_SESSION', {
    en: `Log on first: POST ${API[service]}/session, then send the token as \`Authorization: Bearer\` or as the cookie.`,
    zh: `請先登入：POST ${API[service]}/session，其後以 \`Authorization: Bearer\` 或 cookie 傳送令牌。`,
  });
}

function otherService(from: ServiceName, service: ServiceName, at: Instant): Refusal {
  const [theirs, ours] = [serviceWords(from, at), serviceWords(service, at)];
  return refuse('NO_SESSION', {
    en: `This is the token of a session at ${theirs.en}; ${ours.en} has users and sessions of its own. Log on: POST ${API[service]}/session`,
    zh: `此為${theirs.zh}登入時段的令牌；${ours.zh} 另有本身的用戶及登入時段。請登入：POST ${API[service]}/session`,
  });
}

function gone(service: ServiceName, token: string, here: CentreName, ended: Ended | undefined): Refusal {
  const centre = /^(primary|backup)\./.exec(token)?.[1];
  if (!centre) return noSession(service);
  const again = { en: 'Log on again at the same address.', zh: '請於同一地址重新登入。' };
  const because =
    centre !== here
      ? {
          en: `The session was opened at the ${centre} centre; the ${here} centre is active now, and sessions live at their centre.`,
          zh: `此登入時段於${CENTRE_WORDS[centre === 'primary' ? 'primary' : 'backup'].zh}開啟；現時由${CENTRE_WORDS[here].zh}運作，登入時段不會跨中心保留。`,
        }
      : (ended && WHY[ended.why]) || {
          en: 'The harness does not know it: it was restarted, or the session ended long ago.',
          zh: '系統已重新啟動或該時段早已結束。',
        };
  return refuse(
    'SESSION_ENDED',
    { en: `${because.en} ${again.en}`, zh: `${because.zh}${again.zh}` },
    { more: { reason: centre !== here ? 'switch' : (ended?.why ?? 'unknown') } },
  );
}

const WHY: Record<Ended['why'], { en: string; zh: string }> = {
  'log-off': { en: 'It was logged off.', zh: '用戶已登出。' },
  idle: { en: 'It was idle for too long.', zh: '閒置時間過長。' },
  'taken-over': { en: 'The user logged on elsewhere and took it over.', zh: '用戶已於別處登入並接管。' },
  switch: {
    en: 'The active data centre changed, and sessions live at their centre.',
    zh: '運作中的數據中心已切換，登入時段不會跨中心保留。',
  },
  'roll-back': { en: 'The books were rolled back after the rehearsal session.', zh: '演習時段結束後賬目已還原。' },
  administrator: {
    en: 'A Delegated Administrator locked the user or reset the password.',
    zh: '委託管理人已鎖定該用戶或重設其密碼。',
  },
  reset: { en: 'The harness was reset.', zh: '系統已重設。' },
};
