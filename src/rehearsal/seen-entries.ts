import { PROTOCOLS } from '../domain/access/protocol.ts';
import type { JournalDetails, JournalEntry } from '../domain/journal/journal.ts';
import type { Channel, ServiceName, Words } from '../domain/nouns/market.ts';

/** What the journal shows of a client in one session of a rehearsal. Lists are cut to 20 items; the counts are whole. */
export interface Seen {
  readonly logons: readonly Logons[];
  /** Log-ons and other requests that were refused, handshakes that failed. */
  readonly refusals: readonly Refusals[];
  readonly batches: readonly SeenBatch[];
  readonly batchesLeftOut: number;
  /** What was typed: instructions by sub-function, and account transfers. */
  readonly typed: readonly Typed[];
  /** Rows of batches and of what was typed. */
  readonly rows: { readonly accepted: number; readonly refused: number };
  readonly discarded: number;
  readonly enquiries: Readonly<Record<ServiceName, number>>;
  /** Files that were sent whole, and in part. */
  readonly downloads: Readonly<Record<ServiceName, { readonly whole: number; readonly part: number }>>;
}

export interface Logons {
  readonly service: ServiceName;
  /** Null where the service has no channels. */
  readonly channel: Channel | null;
  readonly count: number;
  readonly users: readonly string[];
}

export interface Refusals {
  /** What was refused: an operation of the timetable, or `connection`. */
  readonly what: string;
  readonly service: ServiceName | null;
  readonly code: string;
  readonly count: number;
  /** The first one in words. */
  readonly says: Words;
}

export type SeenBatch = Pick<
  JournalDetails['batch'],
  'batch' | 'status' | 'accepted' | 'refused' | 'fileFault' | 'firstRefused'
>;

export interface Typed {
  readonly act: string;
  readonly accepted: number;
  readonly refused: number;
  /** Why rows were refused. */
  readonly reasons: readonly string[];
}

/** Items of a list: no client decides how much is held or printed. */
const MOST = 20;

/** Adds up what clients did, entry by entry. */
export function createSeen() {
  const logons = new Map<string, Logons>();
  const refusals = new Map<string, Refusals>();
  const typed = new Map<string, Typed>();
  const batches: SeenBatch[] = [];
  const rows = { accepted: 0, refused: 0 };
  const enquiries = { ccass: 0, rap: 0, orp: 0 };
  const downloads = { ccass: { whole: 0, part: 0 }, rap: { whole: 0, part: 0 }, orp: { whole: 0, part: 0 } };
  let [batchCount, discarded] = [0, 0];

  function addRows(detail: { readonly accepted: number; readonly refused: number }) {
    rows.accepted += detail.accepted;
    rows.refused += detail.refused;
  }

  function addRefusal(what: string, service: ServiceName | null, code: string, says: Words) {
    const key = `${what} ${service} ${code}`;
    const before = refusals.get(key);
    if (before || refusals.size < MOST)
      refusals.set(key, before ? { ...before, count: before.count + 1 } : { what, service, code, count: 1, says });
  }

  function addTyped(act: string, detail: JournalDetails['instruction'] | JournalDetails['transfer']) {
    const { accepted, refused, reasons } = typed.get(act) ?? { accepted: 0, refused: 0, reasons: [] };
    const more = detail.rows.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    addRows(detail);
    typed.set(act, {
      act,
      accepted: accepted + detail.accepted,
      refused: refused + detail.refused,
      reasons: [...new Set([...reasons, ...more])].slice(0, MOST),
    });
  }

  function addLogon(service: ServiceName, channel: Channel | null, user: string) {
    const key = `${service} ${channel}`;
    const { count, users } = logons.get(key) ?? { count: 0, users: [] };
    logons.set(key, { service, channel, count: count + 1, users: [...new Set([...users, user])].slice(0, MOST) });
  }

  function addBatch(detail: SeenBatch) {
    addRows(detail);
    if (detail.status === 'discarded') discarded++;
    if (batchCount++ >= MOST) return;
    const { batch, status, accepted, refused, fileFault, firstRefused } = detail;
    batches.push({ batch, status, accepted, refused, firstRefused, ...(fileFault && { fileFault }) });
  }

  function addOfClient(entry: JournalEntry) {
    const { service } = entry;
    if (entry.kind === 'refusal') addRefusal(entry.detail.operation, service, entry.detail.code, entry.detail.says);
    if (entry.kind === 'tls-refused') addRefusal('connection', null, entry.detail.code, entry.detail.cause);
    if (entry.kind === 'closed') {
      const { code, cause } = entry.detail;
      if (code !== undefined && cause) addRefusal('connection', null, code, cause);
    }
    if (entry.kind === 'instruction') addTyped(entry.detail.act, entry.detail);
    if (entry.kind === 'transfer') addTyped('transfer', entry.detail);
    if (!service) return;
    if (entry.kind === 'logon') {
      const user = [entry.participant, entry.user].filter((name) => name !== null).join(' ');
      addLogon(service, entry.detail.channel ?? null, user);
    }
    if (entry.kind === 'answer' && entry.detail.operation === 'enquire' && entry.detail.code === undefined)
      enquiries[service]++;
    if (entry.kind === 'download') downloads[service][entry.detail.whole ? 'whole' : 'part']++;
  }

  return {
    // A batch is processed after its request, by no client.
    add(entry: JournalEntry): void {
      if (entry.kind === 'batch') addBatch(entry.detail);
      else if (PROTOCOLS.some((one) => one === entry.protocol)) addOfClient(entry);
    },
    read: (): Seen => ({
      logons: [...logons.values()],
      refusals: [...refusals.values()],
      ...{ batches, batchesLeftOut: batchCount - batches.length, discarded, rows, enquiries, downloads },
      typed: [...typed.values()],
    }),
  };
}
