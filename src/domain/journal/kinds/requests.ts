import { OPERATIONS } from '../../calendar/rehearsal.ts';
import { REFUSAL_CODES } from '../../refusal.ts';
import { count, flag, instant, list, number, object, ofClient, oneOf, optional, text, words } from '../shape.ts';

/** Requests of clients, and the sessions that they are made in. */

/**
 * What a request asks for: the operations that the timetable opens and closes, and three for requests that are none.
 * `unknown`: no such route. `unreadable`: not a whole request. `unsupported`: what the protocol offers and the service does not,
 * such as a write over SFTP.
 */
const JOURNAL_OPERATIONS = [...OPERATIONS, 'unknown', 'unreadable', 'unsupported'] as const;
export type JournalOperation = (typeof JOURNAL_OPERATIONS)[number];

/** Why a session ended before its user logged off. */
const SESSION_ENDS = ['idle', 'taken-over', 'switch', 'roll-back', 'reset', 'administrator'] as const;
export type SessionEnd = (typeof SESSION_ENDS)[number];

/** What `SESSION_ENDED` can say of how a session ended. */
export const SESSION_WHYS = [...SESSION_ENDS, 'log-off', 'unknown'] as const;

const operation = oneOf(JOURNAL_OPERATIONS, 'What the client requested');

export const answer = object({
  operation,
  what: optional(text('Which of them: the list of an enquiry, the sub-function of an input, an SFTP request')),
  about: optional(ofClient('Reference or path that the client requested')),
  rows: optional(count('Rows in the answer')),
  status: optional(count('HTTP status')),
  code: optional(oneOf(REFUSAL_CODES, 'Refusal code, if it was refused')),
  bytes: optional(count('HTTP: bytes of the answer that were handed to the system, its head included')),
  sent: oneOf(
    ['all', 'part', 'none'],
    'How much of the answer the kernel took. It does not say what the client read: a client that resets unread leaves `all`',
  ),
  ms: number('Wall milliseconds from the request to its end'),
});

export const refusal = object({
  operation,
  what: optional(text('As in `answer`')),
  code: oneOf(REFUSAL_CODES, 'Why'),
  says: words('What the client was answered'),
  why: optional(oneOf(SESSION_WHYS, 'Of SESSION_ENDED: how the session ended')),
  retryAt: optional(instant('Market time at which trying again can succeed')),
});

export const logon = object({
  channel: optional(oneOf(['C3T', 'PG'], 'How CCASS was reached')),
  release: text('Release of the system that the session saw'),
  window: optional(text('ID of the session of the rehearsal, if it was in one')),
  userAgent: ofClient('User-Agent, or SSH software'),
  takeOver: flag("Whether it ended the user's other session"),
  credential: oneOf(['password', 'key'], 'What it was proved with'),
  fingerprint: optional(text('Of the key: `SHA256:` and base64')),
  warnings: list(words('A warning'), 'What the answer warned of'),
});

export const logoff = object({});

export const sessionEnded = object({
  why: oneOf(SESSION_ENDS, 'Why, where the user did not log off'),
});
