import { CENTRE_NAMES } from '../../nouns/market.ts';
import {
  count,
  counts,
  date,
  flag,
  instant,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  sha256,
  text,
  words,
} from '../shape.ts';

/** What happens at the harness: its start, the clock, the timetable, the centres, faults of its own. */

export const start = object({
  version: text('Of the harness'),
  seed: integer('Of all that is drawn'),
  rehearsal: text('ID'),
  timetableSha256: sha256('Of the rehearsal'),
  recovered: optional(list(text('A sentence'), 'What a restart found in the data folder')),
});

export const window = object({
  id: text('ID of the session of the rehearsal, such as session-1'),
  event: oneOf(['opened', 'closed'], 'What it did'),
  name: words('Of the session'),
  release: text('Release of the system that it shows'),
});

export const clock = object({
  from: instant('Market time before'),
  to: instant('Market time after'),
  mode: oneOf(['running', 'frozen'], 'From now on'),
  rate: number('Market milliseconds per millisecond while running'),
  fired: count('Events that fell due on the way'),
});

export const run = object({
  run: text(
    'Such as `settlement 10:30`, `roll-back` or `made again`, which sums up what a cut lost and the new centre makes again',
  ),
  date: date('Market date of the run, which is the business date of what it makes'),
  done: optional(counts('What was done, by name: matched, settled, purged, reports, packages, trades ...')),
  percent: optional(count('How far a long run is; without it the run is done')),
  tables: optional(list(text('A table'), 'Of a roll-back: the tables that went back')),
  availableAt: optional(instant('When participants see what it made')),
});

export const reset = object({});

export const snapshot = object({
  name: text('Of the snapshot'),
  marketTime: instant('That it holds'),
});

export const trades = object({ trades: count('Trades of the exchange that a tester entered') });

export const registration = object({
  registered: flag('Whether the participant is registered now'),
  rehearsal: text('ID'),
  by: optional(date('Last day to register')),
  warnings: optional(list(words('A warning'), 'What the answer warned of')),
});

export const broadcast = object({
  number: text('Of the message'),
  type: oneOf(['activation', 'extension', 'postponement', 'final-run', 'notice'], 'Kind of message'),
  subject: words('Subject'),
  text: words('Text'),
});

export const switchOver = object({
  from: oneOf(CENTRE_NAMES, 'The centre that was active'),
  to: oneOf(CENTRE_NAMES, 'The centre that is active now'),
  mode: oneOf(['drain', 'cut'], 'How'),
  epoch: count('The epoch that it opened'),
  shipped: count('Commits that it shipped ahead of their time'),
  lost: object(
    {
      changes: count('Changes of the books'),
      batches: count('Batches'),
      instructions: count('Settlement instructions'),
      transfers: count('Account transfers'),
      reports: count('Reports'),
      userRequests: count("Delegated Administrators' requests"),
    },
    'What a cut lost; a `loss` entry names each thing',
  ),
});

export const admits = object({});

export const loss = object({
  what: oneOf(['batch', 'instruction', 'transfer', 'report', 'user-request'], 'What was lost'),
  id: text('Reference or number that it had'),
  reference: optional(text("Participant's reference")),
  content: optional(text('Digest of what it meant, as in `instruction`')),
  batch: optional(text('Batch that it came in')),
});

export const healed = object({
  what: oneOf(['log', 'blob', 'record'], "A centre's change log, a stored file, or the record of the harness"),
  file: text('Path of the file'),
  setAside: optional(text('Where the damaged file is now; absent if it was missing')),
  from: optional(oneOf(CENTRE_NAMES, 'The centre whose copy took its place; absent: its own copy or undamaged part')),
});

export const error = object({
  what: text('What went wrong in the harness'),
  says: text('The error'),
  entry: optional(count('Number of the entry that it went wrong at')),
});

export const gap = object({
  from: count('First entry that could not be kept'),
  to: count('Last one'),
  says: text('Why'),
});
