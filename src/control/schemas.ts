import type { TProperties, TSchema } from 'typebox';
import { journalEntry } from '../api/journal.ts';
import { centreName, oneOf } from '../api/parts.ts';
import Type from '../api/schema-builder.ts';
import { JOURNAL_FORMAT } from '../domain/journal/journal.ts';

/**
 * JSON Schemas of Control's answers, for OpenAPI and for the contract suite, which validates every real answer
 * (strictly: an answer with a member that is not described here fails). The TypeScript types are in answers.ts.
 */
const object = (properties: TProperties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description ? { description } : {}) });
const list = (items: TSchema, description?: string) => Type.Array(items, description ? { description } : {});
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const count = (description?: string) => Type.Integer({ minimum: 0, ...(description ? { description } : {}) });
const text = (description?: string, example?: string) =>
  Type.String({ ...(description ? { description } : {}), ...(example ? { examples: [example] } : {}) });

const instant = Type.Integer({
  description: 'Market time in milliseconds since 1970-01-01T00:00Z',
  examples: [1_627_115_400_000],
});
const hongKong = text('The same instant in Hong Kong', '2021-07-24 16:30:00 HKT');
const marketDate = text('Hong Kong date', '2021-07-24');
const words = object({ en: Type.String(), zh: Type.String() }, 'English and Traditional Chinese');
const mode = oneOf('running', 'frozen');
const rate = Type.Number({ description: 'Market milliseconds per millisecond while running' });

const centreState = object({
  url: text('Its own address', 'https://127.0.0.1:7044'),
  active: Type.Boolean(),
  position: object({ epoch: count(), index: count() }, 'Last commit in its books'),
  sessions: count('Logged on'),
  connections: count('Open sockets'),
  instructions: count('Settlement instructions in its books'),
  batchesUnderWay: count(),
});

export const harnessState = object({
  product: Type.Literal('ccass-harness'),
  version: text(),
  simulated: Type.Literal(true, { description: "Nothing here is HKEX's" }),
  seed: Type.Integer(),
  rehearsal: text('ID', '2021-07-24'),
  market: object({ at: instant, hongKong, mode, rate }),
  active: centreName,
  epoch: count('Goes up by one at each switch'),
  lagMs: count('Replication lag in milliseconds of market time'),
  behind: count('Commits that the lag holds back now'),
  line: text('The address that never changes', 'https://127.0.0.1:7043'),
  centres: object({ primary: centreState, backup: centreState }),
  open: Type.Boolean({ description: 'Whether CCASS accepts log-ons now' }),
  session: orNull(text('The session under way', 'session-1')),
  next: orNull(object({ at: instant, hongKong, centre: centreName, session: text() }, 'The next opening')),
});

const booksState = object({
  position: object({ epoch: count(), index: count() }, 'Last commit in its books'),
  digest: text('SHA-256 over every row, lower-case hex'),
});

export const booksAnswer = object({
  equal: Type.Boolean({ description: 'Both centres hold the same rows' }),
  centres: object({ primary: booksState, backup: booksState }),
});

export const clockAnswer = object({
  at: instant,
  hongKong,
  mode,
  rate,
  behindMs: count(
    'Market milliseconds by which due work still held the clock back as the command arrived; 0 = on time',
  ),
  fired: list(object({ at: instant, hongKong, name: text() }), 'The alarms that fired on the way, in order'),
});

export const switchAnswer = object({
  from: centreName,
  to: centreName,
  mode: oneOf('drain', 'cut'),
  epoch: count('The epoch that the switch opened'),
  at: instant,
  shipped: count('Commits shipped by the switch itself'),
  lost: list(
    object({
      epoch: count(),
      index: count(),
      at: instant,
      table: text(),
      key: text(),
      row: Type.Unknown({ description: 'The row as it was lost; null = a removal was lost' }),
    }),
    'Each change that the cut lost',
  ),
  lostBatches: list(text(), 'References of batches that the new centre does not have whole'),
  endedSessions: count(),
});

export const lagAnswer = object({ lagMs: count(), behind: count() });

export const journalAnswer = object({
  format: Type.Literal(JOURNAL_FORMAT, { description: 'Format of the entries: docs/journal.md' }),
  entries: list(journalEntry, 'The oldest first'),
  last: count('Number of the newest entry, 0 if there is none'),
  hiddenUpTo: count('Entries up to this number were hidden by clearing; `hidden` shows them'),
});

export const clearedAnswer = object({
  cleared: count('Entries that this call hid'),
  hiddenUpTo: count('Entries up to this number are hidden'),
});

export const registrationAnswer = object({
  rehearsal: text(),
  by: orNull(marketDate),
  policy: oneOf('deny', 'warn'),
  registered: list(text('Participant ID', 'B09901')),
  notRegistered: list(text('Participant ID')),
  warnings: list(words, 'Of this change, such as a registration after the last day'),
});

export const broadcast = object({
  number: text('N and 6 digits', 'N000001'),
  at: instant,
  kind: oneOf('activation', 'extension', 'postponement', 'final-run', 'notice'),
  subject: words,
  text: words,
});

const modifiedAt = Type.Optional(
  Type.Integer({ description: 'When its content last changed, if later than it was made' }),
);

export const report = object({
  reference: text('R and 8 digits', 'R00000001'),
  id: text('Report ID', 'ZSICR01'),
  participant: text('Participant ID, or COMMON'),
  businessDate: marketDate,
  madeAt: instant,
  availableAt: instant,
  format: oneOf('data', 'text'),
  fileName: text(),
  sizeBytes: count(),
  sha256: text('Of the content, lower-case hex'),
  batch: orNull(text('The batch that it reports on')),
  modifiedAt,
  inPlaceOf: Type.Optional(
    orNull(
      object(
        { sha256: text(), sizeBytes: count(), notMade: Type.Optional(words) },
        "The file that the tester's file replaces",
      ),
    ),
  ),
  notMade: Type.Optional(
    object(
      { en: Type.String(), zh: Type.String() },
      'Why the file could not be made, and what to do; it is then empty',
    ),
  ),
});

export const reportsAnswer = object({ reports: list(report) });

export const withdrawnAnswer = object({
  reference: text('R and 8 digits', 'R00000001'),
  restored: Type.Boolean({ description: "Whether the centre's own report is back" }),
});

export const rapKey = object({
  participant: text('Participant ID', 'B09901'),
  fingerprint: text('As ssh-keygen -lf shows it', 'SHA256:ur7tOFLrxVZH0oDXBGQMCPBrmOVWYr4wmrINCjzSRA8'),
  algorithm: text('As the key names itself', 'ssh-ed25519'),
  bits: count(),
  publicKey: text('Base64, as in a .pub file'),
  comment: text(),
  from: Type.Integer({ description: 'Valid from this instant' }),
  until: orNull(Type.Integer({ description: 'Valid until just before this instant; null = until it is withdrawn' })),
});

export const rapKeysAnswer = object({ keys: list(rapKey) });

export const rapFile = object({
  folder: oneOf('INBOX', 'COMMON', 'RPF'),
  participant: text('Participant ID, or COMMON'),
  businessDate: marketDate,
  name: text('File name', 'RMAMR01_B09901_20210723_2030_D.zip'),
  reportId: text('Report ID', 'RMAMR01'),
  part: oneOf('data', 'control'),
  publishedAt: instant,
  sizeBytes: count(),
  sha256: text('Of the zip, lower-case hex'),
  modifiedAt,
  inPlaceOf: Type.Optional(
    orNull(object({ sha256: text(), sizeBytes: count() }, "The file that the tester's file replaces")),
  ),
});

export const rapFilesAnswer = object({ files: list(rapFile) });

export const withdrawnFilesAnswer = object({
  files: list(rapFile, 'The files withdrawn'),
  restored: Type.Boolean({ description: "Whether the centre's own files are back" }),
});
const trade = object({
  number: text('T and 9 digits', 'T000000001'),
  participant: text('Participant ID', 'B09901'),
  side: oneOf('buy', 'sell'),
  stock: text('Stock code, five digits', '00005'),
  quantity: count('Shares'),
  currency: oneOf('HKD', 'CNY', 'USD'),
  amountCents: count('The consideration'),
  account: Type.Optional(text('The non-clearing participant that it is cleared for', '09951+')),
  tradeDate: marketDate,
  settlementDate: marketDate,
  at: instant,
});

export const tradesAnswer = object({ trades: list(trade, 'In order of trade number') });

export const snapshotAnswer = object({
  name: text('As it was given', 'before-upload'),
  at: instant,
  hongKong,
  active: centreName,
  position: object({ epoch: count(), index: count() }, 'The last commit of its books'),
  sizeBytes: count('Of its change log'),
});

export const snapshotsAnswer = object({ snapshots: list(snapshotAnswer, 'By name') });

export const rehearsalAnswer = object({
  id: text('ID', '2021-07-24'),
  title: words,
  source: text('Where the timetable comes from'),
  sessions: list(
    object({
      id: text(),
      name: words,
      from: instant,
      to: instant,
      hongKong: text('From and to in Hong Kong'),
      centre: centreName,
      release: text('The release of the system in this session'),
    }),
  ),
  releases: list(object({ from: marketDate, name: text() }), 'In service from these days on, outside the sessions'),
  coming: list(object({ at: instant, hongKong, kind: text(), what: text() }), 'The next events, at most 20'),
});
