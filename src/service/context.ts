import type { Via } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import type { Operation } from '../domain/calendar/rehearsal.ts';
import type { CentreName, Channel, Instant, MarketDate, ServiceName, Words } from '../domain/nouns/market.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { AddressCheck } from './access/addresses.ts';
import type { Sessions } from './access/sessions.ts';
import type { RiskSetup } from './risk/setup.ts';

/** What is open, as the timetable and the rehearsal say; bound to the fixtures by the composition root. */
export interface Timetable {
  opening(question: {
    readonly at: Instant;
    readonly service: ServiceName;
    readonly operation: Operation;
    /** Left out while nobody is known yet; then only what is closed for everyone is refused. */
    readonly who?: { readonly participant: string; readonly channel: Channel | null };
  }): Open | Refusal;
  isBusinessDay(date: MarketDate): boolean;
}

/** It is open: in a session of the rehearsal, or (null) in the normal hours. */
export interface Open {
  readonly session: { readonly id: string; readonly name: Words; readonly rehearsal: string } | null;
  readonly release: string;
}

/** Who takes part in the rehearsal; the tester may change it at any time. */
export interface Registration {
  readonly policy: 'deny' | 'warn';
  /** Whether a participant may log on at `at`; always true where no registration is asked for. */
  isRegistered(participant: string, at: Instant): boolean;
}

/** Access rules. Mock conventions but for the terminal rule's date (circular, Windows 7). */
export interface AccessRules {
  readonly maxWrongPasswords: number;
  readonly lockMinutes: number;
  readonly idleMinutes: number;
  readonly passwordDays: number;
  readonly oneSessionPerUser: boolean;
  /** How long a Delegated Administrator's authorisation code holds. */
  readonly authorisationCodeMinutes: number;
  /** From this market date on a C3T on an older Windows is refused (circular). */
  readonly terminalRuleFrom: MarketDate;
}

/** What every verb of one centre works with. */
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

/** The line's address for a refusal to name: by the caller's own protocol, as the other's would be of no use to it. Default HTTPS. */
export type LineAddress = (protocol?: Protocol) => string;

/** Who calls, and which service, as far as the protocol tells; the listener fills it in. */
export interface Caller {
  readonly service: ServiceName;
  /** Left out = HTTPS. */
  readonly protocol?: Protocol;
  readonly address: string;
  readonly userAgent: string;
  /** Who asks to log on, once the request says so; left out for every other verb. */
  readonly applicant?: Applicant;
  /** Joins journal entries to those of the connection, such as `p-https-3`; null where no connection is known. */
  readonly connection: string | null;
  /** How the connection came. */
  readonly via?: Via;
  /** Joins the journal entries of one request, such as `p-https-3.7`. */
  readonly request?: string;
}

/** Who asks to log on to a service. */
export interface Applicant {
  readonly participant: string;
  readonly user: string;
  /** How the applicant reaches CCASS; null at the other services, which have one way in each. */
  readonly channel: Channel | null;
}
