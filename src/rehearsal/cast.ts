import type { LoggedOn, LogonBody, PlainLoggedOn } from '../api/session.ts';
import { type OrpUser, orpUser } from '../client/orp-user.ts';
import { participant as client, type ReferenceParticipant } from '../client/participant.ts';
import { type RapUser, rapUser } from '../client/rap-user.ts';
import { belongsTo, type RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Channel, ParticipantType } from '../domain/nouns/market.ts';

/** A user who can be played. */
export interface Performer {
  readonly participant: string;
  readonly type: ParticipantType;
  readonly user: string;
  /** Of its users at every service. */
  readonly password: string;
  /** A private key for RAP, PEM; without one it comes by password. */
  readonly rapKey?: string;
  /** Its public half, where it is to be registered first: a clearing participant who has no password there. */
  readonly rapKeyToRegister?: string;
  /** Its user of ORP Online. Without one a clearing participant does not come; others try with their user of CCASS. */
  readonly riskUser?: string;
}

/** A participant's tooling with its configuration, which stays the same from the first session to the last. */
export interface Player extends Performer {
  /** The way it comes by, where the session offers it. */
  readonly channel: Channel;
  readonly client: ReferenceParticipant;
  readonly rap: RapUser;
  readonly orp: OrpUser;
  readonly registered: boolean;
  /** Its last log-on and the session that this was in, until it logs off. */
  on: { readonly session: RehearsalSession; readonly answer: LoggedOn } | null;
  /** The same of RAP and of ORP Online. */
  rapOn: { readonly session: RehearsalSession } | null;
  orpOn: { readonly session: RehearsalSession; readonly answer: PlainLoggedOn } | null;
  tookPart: boolean;
  /** What control files in RAP said of their data files: records by `report YYYYMMDD HHMM`. */
  readonly rapRecords: Map<string, number>;
}

export interface Cast {
  /** Who does everything that there is to do. */
  readonly lead: Player;
  /** Of those who take part the first clearing participant, who does everything at RAP and ORP Online. */
  readonly riskLead: Player | null;
  /** Who takes part, the lead first. */
  readonly taking: readonly Player[];
  /** Who is registered and stays away, as long as somebody may. */
  readonly absent: Player | null;
  /** Who is not registered and tries all the same. */
  readonly unregistered: Player | null;
}

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** What every player's tooling is configured with; nothing of it changes from the first session to the last. */
export interface Tooling {
  /** The line's address over HTTPS, and over SFTP. */
  readonly line: string;
  readonly sftp: string;
  readonly ca: string;
  /** Lines of a known_hosts file. */
  readonly knownHosts: string;
  readonly layouts: Readonly<Record<string, unknown>>;
}

/**
 * Gives out the parts, one user a participant: C3T and PG by turns, somebody of each participant type if there is one,
 * and one participant who stays away, so that his refusal on the Sunday can be seen. Null if nobody is registered.
 */
export function castOf(performers: readonly Performer[], registered: readonly string[], tooling: Tooling): Cast | null {
  const one = performers.filter(
    (who, i) => performers.findIndex((other) => other.participant === who.participant) === i,
  );
  const able = one.filter((who) => registered.includes(who.participant));
  const away = able.length < 3 ? undefined : (able.findLast((who) => twins(able, who)) ?? able.at(-1));
  const player = (who: Performer, i: number): Player => ({
    ...who,
    channel: CHANNELS[i % CHANNELS.length] ?? 'C3T',
    client: client(tooling),
    rap: rapUser({ ...tooling, participant: who.participant, privateKey: who.rapKey, password: who.password }),
    orp: orpUser(tooling),
    registered: registered.includes(who.participant),
    on: null,
    rapOn: null,
    orpOn: null,
    tookPart: false,
    rapRecords: new Map(),
  });
  const taking = able.filter((who) => who !== away).map(player);
  const stranger = one.find((who) => !registered.includes(who.participant));
  const [lead] = taking;
  if (!lead) return null;
  return {
    lead,
    riskLead: taking.find(({ type }) => belongsTo('clearing', type)) ?? null,
    taking,
    absent: away ? player(away, 0) : null,
    unregistered: stranger ? player(stranger, 0) : null,
  };
}

const twins = (all: readonly Performer[], who: Performer) =>
  all.some((other) => other !== who && other.type === who.type);

/** How a player comes to a session. */
export function channelIn(session: RehearsalSession, player: Player): Channel {
  return session.channels.includes(player.channel) ? player.channel : (session.channels[0] ?? player.channel);
}

export function logOnOf({ participant, user, password }: Performer, channel: Channel): LogonBody {
  return { participant, user, password, channel };
}

export function dismiss({ taking, absent, unregistered }: Cast): void {
  for (const player of [...taking, absent, unregistered]) {
    player?.client[Symbol.dispose]();
    player?.rap[Symbol.dispose]();
    player?.orp[Symbol.dispose]();
  }
}
