import { HTTP_STATUS, type Language, refusalOf } from '../domain/http-status.ts';
import type { Channel, MarketDate } from '../domain/nouns.ts';
import type { FieldValues } from '../wire/field-value.ts';
import type { AllPages, Answer, Answered } from './answer.ts';
import { business, type Filter } from './business.ts';
import type { BatchAnswer, BroadcastRow, CentreFacts, LoggedOn, OwnProfile, ReportRow } from './ccass-answers.ts';
import { openExchange, type Reply } from './exchange.ts';
import { participantFiles } from './participant-files.ts';

export interface ParticipantOptions {
  /** The address that never changes, such as `https://127.0.0.1:7443`. */
  readonly line: string;
  /** The CA to trust, PEM. */
  readonly ca: string;
  readonly userAgent?: string;
  readonly language?: Language;
  /** Record layouts by ID (fixtures/layouts/), by which downloaded data files are verified. */
  readonly layouts?: Readonly<Record<string, unknown>>;
}

export interface LogOnRequest {
  readonly participant: string;
  readonly user: string;
  readonly password: string;
  readonly channel: Channel;
  readonly newPassword?: string;
  readonly takeOver?: boolean;
}

export interface Download {
  readonly bytes: Buffer;
  readonly fileName: string;
  /** False for a byte range: what follows is then not looked at. */
  readonly whole: boolean;
  /** What is wrong with it (SHA-256, or the layout's integrity rules), or null if it is in order. */
  readonly fault: string | null;
  /** The records, if it is a data file whose layout is known. */
  readonly records: { readonly header: FieldValues; readonly details: readonly FieldValues[] } | null;
}

export type ReferenceParticipant = ReturnType<typeof participant>;

/** What may be sent again when its connection broke: doing it twice does no harm. */
const REPEATABLE = 3;
const ONCE = 1;
/** How often the status of a batch is asked for before waiting is given up. */
const ASKS = 100;

/**
 * A participant's tooling in short: CCASS over HTTPS at one unchanged address. Refusals are answers; what is thrown is a
 * connection that does not come about or breaks too often (ConnectionCut), or an answer that no centre gives.
 * The token of a log-on is kept until the next one, so that a late request learns why its session ended.
 */
export function participant(options: ParticipantOptions) {
  const { userAgent = 'ccass-harness reference participant', language = 'en' } = options;
  const exchange = openExchange(options.line, options.ca);
  const files = participantFiles(options.layouts ?? {});
  const who = { 'user-agent': userAgent, 'accept-language': language };
  let token: string | null = null;

  const headers = (more: Readonly<Record<string, string>> = {}) => ({
    ...who,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...more,
  });

  async function get<T>(path: string): Promise<Answer<T>> {
    return jsonAnswer<T>(await exchange.send({ method: 'GET', path, headers: headers(), attempts: REPEATABLE }));
  }

  async function send<T>(method: 'POST' | 'PATCH', path: string, content: object): Promise<Answer<T>> {
    const body = Buffer.from(JSON.stringify(content));
    const type = headers({ 'content-type': 'application/json' });
    return jsonAnswer<T>(await exchange.send({ method, path, headers: type, body, attempts: ONCE }));
  }

  async function walk<T>(list: string, filter: Filter, pageSize: number): Promise<Answer<AllPages<T>>> {
    const rows: T[] = [];
    const seen = new Set<string>();
    for (let pages = 1, cursor = ''; ; pages++) {
      const path = withQuery(`/ccass/v1/${list}`, {
        ...filter,
        limit: String(pageSize),
        cursor: cursor === '' ? undefined : cursor,
      });
      const page = await get<{ readonly rows: readonly T[]; readonly next: string | null }>(path);
      if (!page.ok) return page;
      rows.push(...page.value.rows);
      const { next } = page.value;
      if (next === null) return { ...page, value: { rows, pages } };
      if (seen.has(next)) throw new Error(`${list}: the pages go round in a circle (cursor ${next})`);
      seen.add(next);
      cursor = next;
    }
  }

  async function rowsOf<T>(path: string, filter: Filter = {}): Promise<Answer<readonly T[]>> {
    const answer = await get<{ readonly rows: readonly T[] }>(withQuery(path, filter));
    return answer.ok ? { ...answer, value: answer.value.rows } : answer;
  }

  const batchStatus = (reference: string) => get<BatchAnswer>(`/ccass/v1/batches/${encodeURIComponent(reference)}`);

  return {
    /** Which centre the line leads to; needs no session. */
    centre: () => get<CentreFacts>('/centre'),

    /** Over a connection of its own, and sent once only: a log-on that came through twice would stand in its own way. */
    async logOn(request: LogOnRequest): Promise<Answer<LoggedOn>> {
      exchange.reconnect();
      const body = Buffer.from(JSON.stringify(request));
      const sent = { ...who, 'content-type': 'application/json' };
      const reply = await exchange.send({
        method: 'POST',
        path: '/ccass/v1/session',
        headers: sent,
        body,
        attempts: ONCE,
      });
      const answer = jsonAnswer<LoggedOn>(reply);
      if (answer.ok) token = answer.value.token;
      return answer;
    },
    async logOff(): Promise<Answer<null>> {
      const reply = await exchange.send({
        method: 'DELETE',
        path: '/ccass/v1/session',
        headers: headers(),
        attempts: ONCE,
      });
      return reply.status === 204 ? { ...answered(reply), ok: true, code: null, value: null } : refused(reply);
    },

    profile: () => get<OwnProfile>('/ccass/v1/profile'),
    ...business({ get, send, walk, rowsOf }),
    broadcasts: () => rowsOf<BroadcastRow>('/ccass/v1/broadcasts'),

    /** Sends the same bytes again when the connection breaks: the centre knows them and gives the same reference. */
    async uploadBatch(bytes: Uint8Array, { gzip = false } = {}): Promise<Answer<BatchAnswer>> {
      const body = gzip ? await gzipped(bytes) : bytes;
      const type = { 'content-type': 'text/plain', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };
      const path = '/ccass/v1/batches';
      return jsonAnswer(
        await exchange.send({ method: 'POST', path, headers: headers(type), body, attempts: REPEATABLE }),
      );
    },
    batches: () => rowsOf<BatchAnswer>('/ccass/v1/batches'),
    batchStatus,
    /**
     * Asks until the batch is processed or discarded, a bounded number of times; the last answer if it is neither by then.
     * @param pause awaited between two asks
     */
    async waitForBatch(reference: string, pause: () => Promise<void>, asks = ASKS): Promise<Answer<BatchAnswer>> {
      for (let asked = 1; ; asked++) {
        const answer = await batchStatus(reference);
        const done = !answer.ok || answer.value.status === 'processed' || answer.value.status === 'discarded';
        if (done || asked >= asks) return answer;
        await pause();
      }
    },

    reports(
      filter: { readonly id?: string; readonly businessDate?: MarketDate } = {},
    ): Promise<Answer<readonly ReportRow[]>> {
      return rowsOf('/ccass/v1/reports', filter);
    },
    /** @param range `bytes=` first to last, both included, as in a Range header: `0-99`, `100-`, `-50` */
    async download(reference: string, { range }: { readonly range?: string } = {}): Promise<Answer<Download>> {
      const path = `/ccass/v1/reports/${encodeURIComponent(reference)}`;
      const asked = headers(range === undefined ? {} : { range: `bytes=${range}` });
      const reply = await exchange.send({ method: 'GET', path, headers: asked, attempts: REPEATABLE });
      if (reply.status !== 200 && reply.status !== 206) return refused(reply);
      const fileName = /filename="([^"]+)"/.exec(reply.headers['content-disposition'] ?? '')?.[1] ?? '';
      const value = { bytes: reply.body, fileName, whole: reply.status === 200, ...(await verified(reply, fileName)) };
      return { ...answered(reply), ok: true, code: null, value };
    },

    [Symbol.dispose]: () => exchange.close(),
  };

  /** The name begins with the report's ID and says by its ending whether it is the data file; the ETag is the SHA-256. */
  async function verified(reply: Reply, fileName: string): Promise<Pick<Download, 'fault' | 'records'>> {
    if (reply.status === 206) return { fault: null, records: null };
    const announced = (reply.headers.etag ?? '').replaceAll('"', '');
    const came = await sha256(reply.body);
    if (came !== announced) return { fault: `its SHA-256 is ${came}, announced ${announced || 'none'}`, records: null };
    const id = fileName.endsWith('.TXT') ? (fileName.split('_')[0] ?? '') : '';
    const file = files.read(id, reply.body);
    if (file?.fault) {
      const { code, line, came: found, expected } = file.fault;
      return { fault: `line ${line}: ${code}, came ${found}, expected ${expected}`, records: null };
    }
    return { fault: null, records: file && { header: file.header, details: file.details } };
  }
}

function withQuery(path: string, filter: Filter): string {
  const members = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const query = new URLSearchParams(members).toString();
  return query === '' ? path : `${path}?${query}`;
}

function answered({ status, by, attempts }: Reply): Answered {
  return { status, ...by, attempts };
}

function jsonAnswer<T>(reply: Reply): Answer<T> {
  if (reply.status < 200 || reply.status > 299) return refused(reply);
  return { ...answered(reply), ok: true, code: null, value: JSON.parse(reply.body.toString()) as T };
}

/** @throws Error if it is not one of the refusals of a centre, or has another status than that */
function refused(reply: Reply): Answer<never> {
  const text = reply.body.toString();
  const refusal = /json/.test(reply.headers['content-type'] ?? '') ? refusalOf(JSON.parse(text)) : null;
  if (!refusal || HTTP_STATUS[refusal.refusal] !== reply.status) {
    throw new Error(`status ${reply.status} is no refusal of a centre: ${text.slice(0, 300)}`);
  }
  return { ...answered(reply), ok: false, code: refusal.refusal, refusal };
}

async function sha256(bytes: Buffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
