import { isBusinessDay, marketDate } from '../domain/calendar/calendar.ts';
import { isRehearsalDay } from '../domain/calendar/rehearsal.ts';
import { opening } from '../domain/calendar/timetable.ts';
import { finalRun } from '../domain/calendar/timetable-events.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Fixtures } from '../loading/loading.ts';
import { addressCheck } from '../service/access/addresses.ts';
import { createSessions, type Sessions } from '../service/access/sessions.ts';
import type { Context, LineAddress, Registration, Timetable } from '../service/context.ts';
import type { RiskSetup } from '../service/risk/setup.ts';
import { createService, type ServiceOptions } from '../service/service.ts';
import type { Blobs } from '../store/blobs/blobs.ts';
import type { ChangeLog } from '../store/log/log.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { assertUploadHeader, INSTRUCTION_SHAPE, TRANSFER_SHAPE } from '../wire/batch-file.ts';
import type { Shape } from '../wire/field-value.ts';
import { compileLayout, type Layout } from '../wire/layout.ts';
import { createRecordReader } from '../wire/record-reader.ts';

/** One centre without its face: books, sessions, business. */
export interface BuiltCentre {
  readonly name: CentreName;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly service: ReturnType<typeof createService>;
  /** Whether requests are admitted; the switch sets it. */
  admitting: boolean;
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
  /** Start of the books: runs that were due before it never were. */
  readonly since: Instant;
}

export async function buildCentre(
  name: CentreName,
  kept: { log: ChangeLog; blobs: Blobs },
  shared: Shared,
): Promise<BuiltCentre> {
  const { fixtures, clock, journal } = shared;
  const store = await openStore({ ...kept, clock });
  const sessions = createSessions(name, fixtures.access.idleMinutes, ({ service, participant, user, ordinal }) =>
    journal.note({
      kind: 'session-ended',
      centre: name,
      participant,
      user,
      detail: { service, session: ordinal, why: 'idle' },
    }),
  );
  const context: Context = {
    centre: name,
    store,
    clock,
    journal,
    sessions,
    timetable: timetableOf(shared, store),
    registration: registrationOf(fixtures, shared.registered),
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
    close: () => {
      service.orp.forgetSimulations();
      return kept.log.close();
    },
  };
  return built;
}

/** A layout, the package's or the user's own, cannot be worked with: which, why, and the next step. */
class LayoutRefused extends Error {
  override readonly name = 'LayoutRefused';
}

/** @throws LayoutRefused, at the start and not at the first upload. */
export function compiledLayouts({
  layouts,
  catalogue,
}: Pick<Fixtures, 'layouts' | 'catalogue'>): ServiceOptions['layouts'] {
  return {
    instructionInput: forUploads(compiled(layouts, 'ZSIUP01'), INSTRUCTION_SHAPE),
    controlReport: compiled(layouts, 'ZSICR01'),
    transferInput: forUploads(compiled(layouts, 'ZATUP01'), TRANSFER_SHAPE),
    transferReport: compiled(layouts, 'ZATCR01'),
    reports: new Map(
      catalogue.flatMap(({ id, layout }) => (layout === undefined ? [] : [[id, compiled(layouts, layout)]])),
    ),
  };
}

function compiled(layouts: Fixtures['layouts'], id: string): Layout {
  const layout = compileLayout(layouts[id]);
  if (isRefusal(layout)) throw new LayoutRefused(layout.detail.en);
  return layout;
}

/** Holds a layout against what the business asks of header and rows. */
function forUploads<Row>(layout: Layout, shape: Shape<Row>): Layout {
  try {
    assertUploadHeader(layout);
    createRecordReader(layout, shape);
    return layout;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new LayoutRefused(
      `${says}. Name the field in the layout file (docs/bring-your-own-layout.md) and start again.`,
    );
  }
}

function timetableOf({ fixtures, since }: Pick<Shared, 'fixtures' | 'since'>, store: Store): Timetable {
  const { id: rehearsal, sessions } = fixtures.rehearsal;
  // A look-up a session, not a search of who attended.
  const tookPart = (participant: string) =>
    sessions.some(({ id }) => store.books.get('attendance', `${rehearsal}/${id}/${participant}`));
  const finalRunOver = (at: Instant) => {
    const run = finalRun(fixtures, marketDate(at));
    return !run || run.at <= since || store.books.get('run', `${run.key}/${run.date}`) !== undefined;
  };
  return {
    isBusinessDay: (date) => isBusinessDay(date, fixtures.holidays),
    opening({ at, service, operation, who }) {
      const answer = opening(fixtures, {
        at,
        service,
        operation,
        finalRunOver: () => finalRunOver(at),
        ...(who && {
          channel: who.channel ?? undefined,
          participantType: store.books.get('participant', who.participant)?.type,
          tookPart: () => tookPart(who.participant),
        }),
      });
      if (!answer.open) return answer.refusal;
      const { session } = answer;
      return {
        session: session && { id: session.id, name: session.name, rehearsal: fixtures.rehearsal.id },
        release: session?.release ?? 'production',
      };
    },
  };
}

function registrationOf({ rehearsal }: Fixtures, registered: ReadonlySet<string>): Registration {
  return {
    policy: rehearsal.registration?.policy ?? 'warn',
    isRegistered: (participant, at) =>
      rehearsal.registration === null || !isRehearsalDay(rehearsal, marketDate(at)) || registered.has(participant),
  };
}
