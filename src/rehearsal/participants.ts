import type { LoggedOn, LogonBody, PlainLoggedOn } from '../api/session.ts';
import { type OrpUser, orpUser } from '../client/orp-user.ts';
import { participant as ccassClient, type ReferenceParticipant } from '../client/participant.ts';
import { type RapUser, rapUser } from '../client/rap-user.ts';
import { belongsTo, type RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Channel, ParticipantType } from '../domain/nouns/market.ts';
import { type Said, say } from './said.ts';

/** A user that the reference client can log on as. */
export interface ClientUser {
  readonly participant: string;
  readonly type: ParticipantType;
  readonly user: string;
  /** The password of its users at every service. */
  readonly password: string;
  /** A private key for RAP, PEM; without one it logs on by password. */
  readonly rapKey?: string;
  /** The public key to register first, for a clearing participant without a password at RAP. */
  readonly rapKeyToRegister?: string;
  /** A checker of the participant, with the same password; without one nobody can authorise. */
  readonly checker?: string;
  /** Its user of ORP Online. Without one a clearing participant does not log on there; others try with their CCASS user. */
  readonly riskUser?: string;
}

/** Figures of a report in RAP, to be found again at ORP Online. */
export interface RapFigures {
  /** As its control file counts. */
  readonly records: number;
  /** The total requirement of a margin report; null in any other. */
  readonly total: string | null;
}

/** A participant's clients; their configuration stays the same from the first session to the last. */
export interface Client extends ClientUser {
  /** The channel to use if the session offers it. */
  readonly channel: Channel;
  readonly ccass: ReferenceParticipant;
  /** The checker's; null if the participant has none. */
  readonly checking: ReferenceParticipant | null;
  readonly rap: RapUser;
  readonly orp: OrpUser;
  readonly registered: boolean;
  /** Its last log-on at CCASS and the session it was in, until it logs off. */
  on: { readonly session: RehearsalSession; readonly answer: LoggedOn } | null;
  /** The same for RAP and ORP Online. */
  rapOn: { readonly session: RehearsalSession } | null;
  orpOn: { readonly session: RehearsalSession; readonly answer: PlainLoggedOn } | null;
  tookPart: boolean;
  /** What RAP's reports of a run said, by `report YYYYMMDD HHMM`. */
  readonly rapFigures: Map<string, RapFigures>;
}

/** How steps name a participant. */
export function nameOf({ participant, registered }: Client): Said {
  return registered ? participant : say('{}, not registered,', '未登記的 {}', participant);
}

export interface Participants {
  /** Does every task. */
  readonly lead: Client;
  /** The first clearing participant of `attending`; does every task at RAP and ORP Online. */
  readonly riskLead: Client | null;
  /** Those that take part, the lead first. */
  readonly attending: readonly Client[];
  /** Registered, but does not log on until a session that requires earlier attendance; null if too few are registered. */
  readonly absent: Client | null;
  /** Not registered, but tries to log on. */
  readonly unregistered: Client | null;
}

const CHANNELS: readonly Channel[] = ['C3T', 'PG'];

/** Configuration of every client. It does not change from the first session to the last. */
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
 * Chooses one user per participant, on C3T and PG by turns, with each participant type if the market has one. One
 * registered participant stays absent on the Saturday, so that the Sunday's refusal can be checked. Null if nobody is registered.
 */
export function chooseParticipants(
  clientUsers: readonly ClientUser[],
  registered: readonly string[],
  tooling: Tooling,
): Participants | null {
  const candidates = clientUsers.filter(
    (who, i) => clientUsers.findIndex((other) => other.participant === who.participant) === i,
  );
  const entitled = candidates.filter((who) => registered.includes(who.participant));
  const absentUser =
    entitled.length < 3 ? undefined : (entitled.findLast((who) => hasPeer(entitled, who)) ?? entitled.at(-1));
  const client = (who: ClientUser, i: number): Client => ({
    ...who,
    channel: CHANNELS[i % CHANNELS.length] ?? 'C3T',
    ccass: ccassClient(tooling),
    checking: who.checker === undefined ? null : ccassClient(tooling),
    rap: rapUser({ ...tooling, participant: who.participant, privateKey: who.rapKey, password: who.password }),
    orp: orpUser(tooling),
    registered: registered.includes(who.participant),
    on: null,
    rapOn: null,
    orpOn: null,
    tookPart: false,
    rapFigures: new Map(),
  });
  const attending = entitled.filter((who) => who !== absentUser).map(client);
  const unregisteredUser = candidates.find((who) => !registered.includes(who.participant));
  const [lead] = attending;
  if (!lead) return null;
  return {
    lead,
    riskLead: attending.find(({ type }) => belongsTo('clearing', type)) ?? null,
    attending,
    absent: absentUser ? client(absentUser, 0) : null,
    unregistered: unregisteredUser ? client(unregisteredUser, 0) : null,
  };
}

/** Whether another user is of the same participant type. */
const hasPeer = (all: readonly ClientUser[], who: ClientUser) =>
  all.some((other) => other !== who && other.type === who.type);

/** The channel that a client uses in a session. */
export function channelIn(session: RehearsalSession, client: Client): Channel {
  return session.channels.includes(client.channel) ? client.channel : (session.channels[0] ?? client.channel);
}

export function logOnOf({ participant, user, password }: ClientUser, channel: Channel): LogonBody {
  return { participant, user, password, channel };
}

export function closeClients({ attending, absent, unregistered }: Participants): void {
  for (const client of [...attending, absent, unregistered]) {
    client?.ccass[Symbol.dispose]();
    client?.checking?.[Symbol.dispose]();
    client?.rap[Symbol.dispose]();
    client?.orp[Symbol.dispose]();
  }
}
