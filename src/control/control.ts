import type { Static, TSchema } from 'typebox';
import { centreName, oneOf } from '../api/parts.ts';
import Type from '../api/schema-builder.ts';
import { VIAS } from '../domain/access/arrival.ts';
import {
  JOURNAL_CODES,
  JOURNAL_KINDS,
  JOURNAL_PROTOCOLS,
  type JournalEntry,
  type JournalFilter,
} from '../domain/journal/journal.ts';
import { type Broadcast, SERVICE_NAMES, type Trade } from '../domain/nouns/market.ts';
import type { Report } from '../domain/nouns/reports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { REPORT_ID_PATTERN } from '../domain/report-id.ts';
import type {
  BooksAnswer,
  ClockAnswer,
  HarnessState,
  JournalAnswer,
  RegistrationAnswer,
  RehearsalAnswer,
  SnapshotAnswer,
  SwitchAnswer,
} from './answers.ts';
import { RAP_CONTROL, type RapCsv } from './rap.ts';
import {
  booksAnswer,
  broadcast,
  clearedAnswer,
  clockAnswer,
  harnessState,
  journalAnswer,
  lagAnswer,
  registrationAnswer,
  rehearsalAnswer,
  report,
  reportsAnswer,
  snapshotAnswer,
  snapshotsAnswer,
  switchAnswer,
  tradesAnswer,
  withdrawnAnswer,
} from './schemas.ts';

/**
 * Everything a tester may do, in one table. The interface (`Control`), the admin API's routes with OpenAPI, and the remote
 * control follow from it. harness/local-control.ts implements it in process, admin/ serves it, client/remote-control.ts
 * calls it over HTTP, and one contract suite (test/control/control.contract.ts) checks both.
 *
 * Answers are values: a refusal (`isRefusal`) is an answer too. Instants are milliseconds of market time. As text,
 * `2021-07-24T16:30` is Hong Kong time, and ISO 8601 with a zone is accepted too.
 */

/** An answer: its type is from answers.ts or domain/, its JSON Schema (schemas.ts) is for OpenAPI. */
const answer = <T>(schema: TSchema) => Type.Unsafe<T>(schema);
/** The longest way that one command moves market time, in market ms: every day of it is played. */
export const LONGEST_MOVE_MS = 10 * 366 * 86_400_000;

const strict = { additionalProperties: false };
/** A filter of the journal by one member of the head. */
const member = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }));

const InstantText = Type.String({ examples: ['2021-07-24T16:30'], maxLength: 40 });
const WordsSchema = Type.Object(
  { en: Type.String({ minLength: 1, maxLength: 2000 }), zh: Type.String({ minLength: 1, maxLength: 2000 }) },
  strict,
);

interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  /** GET: the query; otherwise the JSON body. */
  readonly request: TSchema;
  readonly answer: TSchema;
  /** If the body may be larger than the default. */
  readonly bodyLimitBytes?: number;
}

/** Base64 of a report of 16 MiB; an assumed limit. */
const REPORT_MAX_LENGTH = 4 * Math.ceil((16 * 1024 * 1024) / 3);
const reportPlace = {
  id: Type.String({ pattern: REPORT_ID_PATTERN, examples: ['CIPSI02'] }),
  participant: Type.String({ pattern: '^[A-Z0-9]{6}$', examples: ['B09901'] }),
  businessDate: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2021-07-23'] }),
  format: oneOf('data', 'text'),
};

const Nothing = Type.Object({}, strict);
const SnapshotName = Type.String({ pattern: '^[a-z0-9-]{1,40}$', examples: ['before-upload'] });

export const CONTROL = {
  state: {
    method: 'GET',
    path: '/v1/state',
    summary: 'Market time, the active centre, both centres, the next opening',
    request: Nothing,
    answer: answer<HarnessState>(harnessState),
  },
  clock: {
    method: 'POST',
    path: '/v1/clock',
    summary: 'Freeze, run, set or advance market time; forward only; the answer lists the alarms that fired',
    request: Type.Union([
      Type.Object({ freeze: Type.Literal(true) }, strict),
      Type.Object({ rate: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }) }, strict),
      Type.Object({ set: InstantText }, strict),
      Type.Object({ advanceMs: Type.Integer({ minimum: 0, maximum: LONGEST_MOVE_MS }) }, strict),
      Type.Object({ advanceTo: oneOf('next-opening', 'next-closing', 'next-event') }, strict),
    ]),
    answer: answer<ClockAnswer>(clockAnswer),
  },
  failover: {
    method: 'POST',
    path: '/v1/failover',
    summary: 'Switch the active centre: drain ships everything first; cut loses what the lag held back, and lists it',
    request: Type.Object(
      {
        to: centreName,
        mode: Type.Optional(oneOf('drain', 'cut')),
      },
      strict,
    ),
    answer: answer<SwitchAnswer>(switchAnswer),
  },
  lag: {
    method: 'PUT',
    path: '/v1/lag',
    summary: 'Set the replication lag in milliseconds of market time',
    request: Type.Object({ lagMs: Type.Integer({ minimum: 0, maximum: 7 * 86_400_000 }) }, strict),
    answer: answer<{ readonly lagMs: number; readonly behind: number }>(lagAnswer),
  },
  books: {
    method: 'GET',
    path: '/v1/books',
    summary: 'A digest of the books of each centre, and whether they are equal; slow, since it reads every row',
    request: Nothing,
    answer: answer<BooksAnswer>(booksAnswer),
  },
  journal: {
    method: 'GET',
    path: '/v1/journal',
    summary: 'What the harness saw, the oldest first',
    request: Type.Object(
      {
        kinds: Type.Optional(
          Type.String({
            pattern: `^(${JOURNAL_KINDS.join('|')})(, *(${JOURNAL_KINDS.join('|')}))*$`,
            description: `Comma-separated kinds: ${JOURNAL_KINDS.join(', ')}`,
            maxLength: 400,
          }),
        ),
        centre: Type.Optional(centreName),
        service: Type.Optional(oneOf(...SERVICE_NAMES)),
        protocol: Type.Optional(oneOf(...JOURNAL_PROTOCOLS)),
        via: Type.Optional(oneOf(...VIAS)),
        connection: member('Of this connection, such as p-https-3'),
        request: member('Of this request, such as p-https-3.7'),
        session: member('Of this session, such as b-12'),
        participant: member('Of this participant'),
        user: member('Of this user'),
        code: Type.Optional(
          Type.Unsafe<string>({ type: 'string', enum: JOURNAL_CODES, description: 'With this code' }),
        ),
        after: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        hidden: Type.Optional(Type.Boolean({ description: 'Include what was hidden by clearing' })),
        ja4: Type.Optional(Type.Boolean({ description: 'Compute the JA4 fingerprint of each ClientHello' })),
      },
      strict,
    ),
    answer: answer<JournalAnswer>(journalAnswer),
  },
  clearJournal: {
    method: 'DELETE',
    path: '/v1/journal',
    summary: 'Hide the entries so far; numbers go on',
    request: Nothing,
    answer: answer<{ readonly cleared: number; readonly hiddenUpTo: number }>(clearedAnswer),
  },
  registration: {
    method: 'GET',
    path: '/v1/registration',
    summary: 'Who takes part in the rehearsal',
    request: Nothing,
    answer: answer<RegistrationAnswer>(registrationAnswer),
  },
  register: {
    method: 'PUT',
    path: '/v1/registration',
    summary: 'Register a participant for the rehearsal, or remove the registration',
    request: Type.Object({ participant: Type.String({ maxLength: 20 }), registered: Type.Boolean() }, strict),
    answer: answer<RegistrationAnswer>(registrationAnswer),
  },
  broadcast: {
    method: 'POST',
    path: '/v1/broadcasts',
    summary: 'Send a broadcast message to all participants',
    request: Type.Object(
      {
        kind: Type.Optional(oneOf('activation', 'extension', 'postponement', 'final-run', 'notice')),
        subject: WordsSchema,
        text: WordsSchema,
      },
      strict,
    ),
    answer: answer<Broadcast>(broadcast),
  },
  reports: {
    method: 'GET',
    path: '/v1/reports',
    summary: 'Every report in the active centre, including those not yet available to participants',
    request: Type.Object({ participant: Type.Optional(Type.String({ maxLength: 20 })) }, strict),
    answer: answer<{ readonly reports: readonly Report[] }>(reportsAnswer),
  },
  publishReport: {
    method: 'POST',
    path: '/v1/reports',
    summary: "Put your file in a report's place, or publish it as a new report",
    request: Type.Object(
      {
        ...reportPlace,
        content: Type.String({
          description: 'The file, in base64',
          contentEncoding: 'base64',
          maxLength: REPORT_MAX_LENGTH,
        }),
      },
      strict,
    ),
    answer: answer<Report>(report),
    bodyLimitBytes: REPORT_MAX_LENGTH + 1024,
  },
  withdrawReport: {
    method: 'DELETE',
    path: '/v1/reports',
    summary: "Remove your file from a report's place",
    request: Type.Object(reportPlace, strict),
    answer: answer<{ readonly reference: string; readonly restored: boolean }>(withdrawnAnswer),
  },
  ...RAP_CONTROL,
  trades: {
    method: 'GET',
    path: '/v1/trades',
    summary: "Every trade in the active centre's books, or one participant's",
    request: Type.Object({ participant: Type.Optional(Type.String({ maxLength: 20 })) }, strict),
    answer: answer<{ readonly trades: readonly Trade[] }>(tradesAnswer),
  },
  addTrades: {
    method: 'POST',
    path: '/v1/trades',
    summary: 'Enter trades of the exchange, all or none: each becomes a due position, and margin from the next run on',
    request: Type.Object(
      {
        trades: Type.Array(
          Type.Object(
            {
              participant: Type.String({ pattern: '^[A-Z0-9]{6}$', examples: ['B09901'] }),
              side: oneOf('buy', 'sell'),
              stock: Type.String({ pattern: '^[0-9]{1,5}$', examples: ['00005'] }),
              quantity: Type.Integer({ minimum: 1, maximum: 999_999_999_999 }),
              price: Type.String({ maxLength: 16, examples: ['43.5'] }),
              tradeDate: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })),
              account: Type.Optional(
                Type.String({
                  pattern: '^[0-9]{5}\\+$',
                  examples: ['09951+'],
                  description: 'The non-clearing participant that a general clearing participant clears the trade for',
                }),
              ),
            },
            strict,
          ),
          { minItems: 1, maxItems: 10_000 },
        ),
      },
      strict,
    ),
    answer: answer<{ readonly trades: readonly Trade[] }>(tradesAnswer),
    bodyLimitBytes: 4 * 1024 * 1024,
  },
  reset: {
    method: 'POST',
    path: '/v1/reset',
    summary:
      'Return to the start of the run: books, clock, lag, active centre, registration. Ends sessions and connections, drops batches under way, hides the journal',
    request: Nothing,
    answer: answer<HarnessState>(harnessState),
  },
  snapshots: {
    method: 'GET',
    path: '/v1/snapshots',
    summary: 'The snapshots, by name',
    request: Nothing,
    answer: answer<{ readonly snapshots: readonly SnapshotAnswer[] }>(snapshotsAnswer),
  },
  snapshot: {
    method: 'POST',
    path: '/v1/snapshots',
    summary:
      'Store books, clock, lag and registration under a name, once the work under way is done; replaces one of that name; at most 20',
    request: Type.Object({ name: SnapshotName }, strict),
    answer: answer<SnapshotAnswer>(snapshotAnswer),
  },
  removeSnapshot: {
    method: 'DELETE',
    path: '/v1/snapshots',
    summary: 'Remove a snapshot',
    request: Type.Object({ name: SnapshotName }, strict),
    answer: answer<SnapshotAnswer>(snapshotAnswer),
  },
  restore: {
    method: 'POST',
    path: '/v1/restore',
    summary: 'Return to a snapshot, in a new epoch. Ends sessions and connections, drops batches under way',
    request: Type.Object({ name: SnapshotName }, strict),
    answer: answer<HarnessState>(harnessState),
  },
  rehearsal: {
    method: 'GET',
    path: '/v1/rehearsal',
    summary: 'The rehearsal that is loaded, its sessions and the coming events',
    request: Nothing,
    answer: answer<RehearsalAnswer>(rehearsalAnswer),
  },
} as const satisfies Record<string, Operation>;

export type ControlOperation = keyof typeof CONTROL;
export type ControlRequest<K extends ControlOperation> = Static<(typeof CONTROL)[K]['request']>;
export type ControlAnswer<K extends ControlOperation> = Static<(typeof CONTROL)[K]['answer']>;

export type Control = {
  readonly [K in ControlOperation]: (request: ControlRequest<K>) => Promise<ControlAnswer<K> | Refusal>;
} & {
  /** As publishRapPackage, of a csv of any size up to the limit rapCsvBytes, which is read as it comes. Over HTTP: the csv as the body of the same route. */
  publishRapCsv(request: RapCsv): Promise<ControlAnswer<'publishRapPackage'> | Refusal>;
  /** New journal entries (or those after `after`) until the signal aborts. Over HTTP: server-sent events at /v1/journal/follow. */
  follow(filter: JournalFilter, signal: AbortSignal): AsyncIterable<JournalEntry>;
};

/** The kinds that a comma-separated `kinds` names. */
export function journalFilter(request: ControlRequest<'journal'>): JournalFilter {
  const { kinds, ...rest } = request;
  return kinds ? { ...rest, kinds: kinds.split(',').map((kind) => kind.trim()) as JournalEntry['kind'][] } : rest;
}
