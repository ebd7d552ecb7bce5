import type { JournalDetails, JournalEntry, JournalKind, JournalWho } from '../../domain/journal/journal.ts';
import type { Instant } from '../../domain/nouns/market.ts';

type CachedHead = Required<JournalWho> & { readonly text: string };

/** Connections whose head is remembered. */
const MOST_HEADS = 1_000;

/**
 * Writes entries as JSON, one line each. Most entries of a connection share their head but for `request`, so its text is
 * remembered: that is a sixth of the cost of an entry.
 */
export function createEntryText() {
  const heads = new Map<string | null, CachedHead>();

  function headText(who: JournalWho): string {
    const { centre = null, service = null, protocol = null, via = null, connection = null } = who;
    const { session = null, participant = null, user = null, fault = null } = who;
    const known = heads.get(connection);
    if (
      known?.session === session &&
      known.participant === participant &&
      known.user === user &&
      known.service === service &&
      known.centre === centre &&
      known.protocol === protocol &&
      known.via === via &&
      known.fault === fault
    ) {
      return known.text;
    }
    const members = { centre, service, protocol, via, connection, session, participant, user, fault };
    const text = JSON.stringify(members).slice(1, -1);
    if (heads.size === MOST_HEADS) heads.clear();
    heads.set(connection, { ...members, request: null, text });
    return text;
  }

  // Digits of large numbers are slow to make, and entries of one turn share their milliseconds.
  const atText = lastText();
  const wallText = lastText();

  // That the detail is plain JSON is the compiler's to see: looking again would cost a third of an entry.
  return function entryText<K extends JournalKind>(
    seq: number,
    at: Instant,
    wallMs: number,
    kind: K,
    who: JournalWho,
    detail: JournalDetails[K],
  ): string {
    const request = who.request === undefined || who.request === null ? 'null' : JSON.stringify(who.request);
    const ms = Math.floor(wallMs);
    const tenth = Math.round((wallMs - ms) * 10);
    const wall = tenth === 0 ? wallText(ms) : `${wallText(ms)}.${tenth}`;
    return `{"seq":${seq},"at":${atText(at)},"wallMs":${wall},"kind":"${kind}",${headText(who)},"request":${request},"detail":${JSON.stringify(detail)}}`;
  };
}

/** Writes integers, and remembers the last one. */
function lastText() {
  let last = Number.NaN;
  let text = '';
  return (value: number): string => {
    if (value !== last) text = String(value);
    last = value;
    return text;
  };
}

/** The number of an entry, without parsing the rest; NaN for a line that is not an entry. */
export function numberIn(line: string): number {
  return line.startsWith('{"seq":') ? Number(line.slice(7, line.indexOf(','))) : Number.NaN;
}

/** Reads a line back; null for one that is not whole, such as a full disk leaves. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    return null;
  }
}
