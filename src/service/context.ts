import type { Via } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import type { Operation } from '../domain/calendar/rehearsal.ts';
import type { Why } from '../domain/calendar/timetable.ts';
import type { CentreName, Channel, Instant, MarketDate, ServiceName, Words } from '../domain/nouns/market.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { AddressCheck } from './access/addresses.ts';
import type { Sessions } from './access/sessions.ts';
import type { RiskSetup } from './risk/setup.ts';

/** What is open, according to the timetable and the rehearsal. */
export interface Timetable {
  opening(question: {
    readonly at: Instant;
    readonly service: ServiceName;
    readonly operation: Operation;
    /** Left out while the user is not known; then only what is closed to everyone is refused. */
    readonly who?: { readonly participant: string; readonly channel: Channel | null };
  }): OpeningAnswer;
  isBusinessDay(date: MarketDate): boolean;
}

export type OpeningAnswer =
  | { readonly open: Open }
  | { readonly open: null; readonly why: Why; readonly refused: Refusal };

/** Open: in a session of the rehearsal, or (null) in normal hours. */
export interface Open {
  readonly session: { readonly id: string; readonly name: Words; readonly rehearsal: string } | null;
  readonly release: string;
}

/** Which participants take part in the rehearsal; the tester may change it at any time. */
export interface Registration {
  readonly policy: 'deny' | 'warn';
  /** Whether a participant may log on at `at`; always true if the rehearsal requires no registration. */
  isRegistered(participant: string, at: Instant): boolean;
}

/** Access rules. Mock conventions but for the terminal rule's date (circular, Windows 7). */
export interface AccessRules {
  readonly maxWrongPasswords: number;
  readonly lockMinutes: number;
  readonly idleMinutes: number;
  readonly passwordDays: number;
  readonly oneSessionPerUser: boolean;
  /** How long a Delegated Administrator's authorisation code is valid. */
  readonly authorisationCodeMinutes: number;
  /** From this market date on a C3T on an older Windows is refused (circular). */
  readonly terminalRuleFrom: MarketDate;
}

/** What the verbs of one centre work with. */
export interface Context {
  readonly centre: CentreName;
  readonly store: Store;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly timetable: Timetable;
  readonly registration: Registration;
  readonly rules: AccessRules;
  readonly addresses: AddressCheck;
  readonly risk: RiskSetup;
  /** Whether this centre is the active one and admits requests. */
  readonly admits: () => boolean;
  readonly line: LineAddress;
}

/** The line's address that a refusal names: that of the caller's protocol. Default: HTTPS. */
export type LineAddress = (protocol?: Protocol) => string;

/** Who calls which service, as far as the protocol shows; the listener fills it in. */
export interface Caller {
  readonly service: ServiceName;
  /** Left out = HTTPS. */
  readonly protocol?: Protocol;
  readonly address: string;
  readonly userAgent: string;
  /** Joins journal entries to those of the connection, such as `p-https-3`; null where no connection is known. */
  readonly connection: string | null;
  /** By the line or directly. */
  readonly via?: Via;
  /** Joins the journal entries of one request, such as `p-https-3.7`. */
  readonly request?: string;
}

/** Who wants to log on to a service. */
export interface Applicant {
  readonly participant: string;
  readonly user: string;
  /** How the applicant reaches CCASS; null at the other services, which have one way in each. */
  readonly channel: Channel | null;
}
