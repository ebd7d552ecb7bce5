import type { CentreName, Instant } from '../domain/nouns/market.ts';
import type { Fixtures } from '../loading/loading.ts';
import { addressCheck } from '../service/access/addresses.ts';
import { createSessions, type Sessions } from '../service/access/sessions.ts';
import { registrationOf, timetableOf } from '../service/access/timetable.ts';
import type { Context, LineAddress } from '../service/context.ts';
import { sessionHead } from '../service/journal-entries.ts';
import type { RiskSetup } from '../service/risk/setup.ts';
import { createService, type ServiceOptions } from '../service/service.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';

/** One centre without its listeners: books, sessions, business. */
export interface BuiltCentre {
  readonly name: CentreName;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly service: ReturnType<typeof createService>;
  /** Whether it admits requests; the switch sets it. */
  admitting: boolean;
  /** The books stay open. */
  close(): Promise<void>;
}

export interface Shared {
  readonly fixtures: Fixtures;
  readonly layouts: ServiceOptions['layouts'];
  readonly risk: RiskSetup;
  readonly uploadLimitBytes: number;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly line: LineAddress;
  readonly registered: ReadonlySet<string>;
  /** Start of the books: runs due before it are not made. */
  readonly since: Instant;
}

/** The sessions of a centre; they may outlive its market. */
export function openSessions(name: CentreName, { access }: Fixtures, journal: Journal): Sessions {
  return createSessions(name, access.idleMinutes, (session) =>
    journal.note('session-ended', sessionHead(session), { why: 'idle' }),
  );
}

export function buildCentre(name: CentreName, store: Store, shared: Shared, kept?: Sessions): BuiltCentre {
  const { fixtures, clock, journal } = shared;
  const sessions = kept ?? openSessions(name, fixtures, journal);
  const registration = registrationOf(fixtures.rehearsal, shared.registered);
  const context: Context = {
    centre: name,
    store,
    clock,
    journal,
    sessions,
    timetable: timetableOf(fixtures, shared.since, store, registration),
    registration,
    rules: fixtures.access,
    addresses: addressCheck(fixtures.addresses),
    risk: shared.risk,
    admits: () => built.admitting,
    line: shared.line,
  };
  const service = createService({
    context,
    layouts: shared.layouts,
    catalogue: new Map(fixtures.catalogue.map((report) => [report.id, report])),
    uploadLimitBytes: shared.uploadLimitBytes,
    settlementRules: fixtures.settlementRules,
    rapRules: fixtures.rap.rules,
    stressSets: fixtures.stressSets,
    hkdRateMicro: (currency) => fixtures.hkdMicro[currency] ?? 0,
  });
  const built: BuiltCentre = {
    name,
    store,
    sessions,
    service,
    admitting: false,
    async close() {
      service.orp.forgetSimulations();
    },
  };
  return built;
}
