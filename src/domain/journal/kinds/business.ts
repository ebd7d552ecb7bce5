import { count, date, flag, instant, list, object, ofClient, oneOf, optional, sha256, text } from '../shape.ts';

/** What participants do: uploads, instructions, transfers, administration, simulations. */

/** Rows that one entry names; an entry says how many more there were. */
export const MOST_ROWS = 500;
export const MOST_REFUSED_ROWS = 20;

const content = text(
  'Digest of what it means, 16 hex digits: side, stock, quantity, counterparty, account, payment, currency, amount, settlement date and hold, but not the reference',
);

export const upload = object({
  batch: text('Reference of the batch'),
  fileId: text('Such as ZSIUP01'),
  businessDate: date('Of the header'),
  sequence: text('The four digits of the header'),
  sha256: sha256('Of the decoded file'),
  sizeBytes: count('Of the decoded file'),
  repeat: flag('The same file was known already; it got the same reference'),
});

export const batch = object({
  batch: text('Reference of the batch'),
  status: oneOf(['processed', 'discarded'], 'How it ended'),
  accepted: count('Rows accepted'),
  refused: count('Rows refused'),
  fileFault: optional(
    object(
      {
        code: text('Why the file was discarded, such as HASH_TOTAL'),
        line: count('Line of the file from 1; 0 = the file as a whole'),
        columns: optional(list(count('Column'), 'First and last column, from 1', 2)),
        field: optional(text('Field of the layout')),
        got: ofClient('What stands there'),
        expected: text('What should'),
      },
      'Why the whole file was discarded',
    ),
  ),
  content: optional(
    text('Sum of the digests of all its rows modulo 2^64, 16 hex digits: it does not depend on references or order'),
  ),
  firstRefused: list(
    object({
      line: count('Line of the file'),
      reference: ofClient("Participant's reference"),
      reason: text('Why, such as UNKNOWN_STOCK'),
      columns: optional(list(count('Column'), 'First and last column of the field, from 1', 2)),
      field: optional(text('Field of the layout')),
      got: optional(ofClient('What stands there')),
      expected: optional(text('What should')),
    }),
    'The first refused rows. The fields from `columns` on are not in entries of earlier harnesses',
    MOST_REFUSED_ROWS,
  ),
});

const rows = list(
  object({
    number: optional(text('Number that it has in the books')),
    reference: optional(ofClient("Participant's reference; absent where the books have no such instruction")),
    reason: optional(text('Why the row was refused')),
    content: optional(content),
  }),
  'The rows, in order',
  MOST_ROWS,
);
const channel = optional(oneOf(['C3T', 'PG'], 'How it was input'));
const accepted = count('Rows accepted');
const refused = count('Rows refused');
const rowsLeftOut = optional(count('Rows that this entry does not name'));

export const INSTRUCTION_ACTS = [
  'input',
  'authorise',
  'change',
  'delete',
  'revoke',
  'hold',
  'release',
  'auto-counterparty',
] as const;

export const instruction = object({
  act: oneOf(INSTRUCTION_ACTS, 'Sub-function; `auto-counterparty` = the harness input the opposite SI'),
  channel,
  accepted,
  refused,
  rows,
  rowsLeftOut,
});

export const transfer = object({
  act: oneOf(['input'], 'Sub-function'),
  channel,
  accepted,
  refused,
  rows,
  rowsLeftOut,
});

export const administration = object({
  what: oneOf(
    ['request', 'authorisation-code', 'authorise', 'key-registered', 'key-withdrawn'],
    'A request about a user, the code that authorises it, its authorisation; or a change of RAP keys',
  ),
  number: optional(text('Of the request')),
  act: optional(oneOf(['create', 'lock', 'unlock', 'reset'], 'What the request asks for')),
  about: optional(text('User whom it is about')),
  fingerprint: optional(text('Of the key: `SHA256:` and base64')),
  algorithm: optional(text('Of the key')),
  bits: optional(count('Of the key')),
  from: optional(instant('Of the key: market time from which it holds')),
  until: optional(instant('Of the key: market time at which it no longer holds')),
});

export const simulation = object({
  reference: text('Of the simulation'),
  what: oneOf(['requested', 'done', 'failed', 'cancelled', 'removed'], 'Its outcome'),
  path: oneOf(['A', 'B', 'C'], 'Access path'),
  type: oneOf(['Margin', 'Stress Test', 'Margin and Stress Test'], 'What it computes'),
});
