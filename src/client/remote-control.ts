import {
  CONTROL,
  type Control,
  type ControlAnswer,
  type ControlOperation,
  type ControlRequest,
} from '../control/control.ts';
import type { RapCsv } from '../control/rap.ts';
import type { JournalEntry, JournalFilter } from '../domain/journal/journal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { refusalOf } from '../http/problem.ts';

export interface RemoteControlOptions {
  /** The address of the harness' admin server, such as `http://127.0.0.1:7080`. */
  readonly url: string;
  /** Needed from another machine only. */
  readonly token?: string;
  /** Used instead of the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Awaited before `follow` tries again when it could not connect (the first attempt is 1); if it rejects or is absent,
   * `follow` gives up. A stream that merely broke off is resumed at once.
   */
  readonly beforeRetry?: (attempt: number) => Promise<void>;
}

/** Nothing answers at that address, or something that is not a harness. */
export class HarnessUnreachable extends Error {
  readonly url: string;
  constructor(url: string, why: string, cause?: unknown) {
    super(
      `no harness answers at ${url} (${why}): start one with npm start, or name it with --admin URL or --port-base`,
      {
        cause,
      },
    );
    this.name = 'HarnessUnreachable';
    this.url = url;
  }
}

/**
 * Control of a harness over HTTP, with nothing but fetch, so that it runs in a browser too. Refusals are the same values
 * as in process, in both languages. Rejects with HarnessUnreachable, or with an Error for a bug of the harness.
 */
export function remoteControl(options: RemoteControlOptions): Control {
  const base = options.url.replace(/\/+$/, '');
  const fetch = options.fetch ?? globalThis.fetch;

  async function request(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...(options.token ? { authorization: `Bearer ${options.token}` } : {}) };
    try {
      return await fetch(base + path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new HarnessUnreachable(base, reasonOf(error), error);
    }
  }

  function operation<K extends ControlOperation>(name: K) {
    const { method, path } = CONTROL[name];
    return async (input: ControlRequest<K>): Promise<ControlAnswer<K> | Refusal> => {
      const headers = { accept: 'application/json' };
      const response =
        method === 'GET'
          ? await request(path + queryOf(input), { method, headers })
          : await request(path, {
              method,
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify(input),
            });
      return (await read(response, base)) as ControlAnswer<K> | Refusal;
    };
  }

  /** The csv as the body: it is sent as it is read. */
  async function publishRapCsv({ csv, ...place }: RapCsv): Promise<ControlAnswer<'publishRapPackage'> | Refusal> {
    const { method, path } = CONTROL.publishRapPackage;
    const headers = { accept: 'application/json', 'content-type': 'application/octet-stream' };
    const init = { method, headers, body: ReadableStream.from(csv), duplex: 'half' as const };
    return (await read(await request(path + queryOf(place), init), base)) as
      | ControlAnswer<'publishRapPackage'>
      | Refusal;
  }

  async function* follow(filter: JournalFilter, signal: AbortSignal): AsyncGenerator<JournalEntry> {
    const { after, limit = Number.POSITIVE_INFINITY, kinds, ...rest } = filter;
    const query = queryOf({ ...rest, ...(kinds ? { kinds: kinds.join(',') } : {}) });
    let last = after === undefined ? undefined : String(after);
    let remaining = limit;
    let attempt = 0;
    while (remaining > 0 && !signal.aborted) {
      try {
        let empty = true;
        const resume = last === undefined ? {} : { 'last-event-id': last };
        const headers = { accept: 'text/event-stream', ...resume };
        const response = await request(`/v1/journal/follow${query}`, { headers, signal });
        if (!response.ok || !response.body) throw new Error(describe(await read(response, base)));
        for await (const event of eventsOf(response.body)) {
          empty = false;
          attempt = 0;
          last = event.id ?? last;
          // The first event, which carries the format of the entries.
          if (event.name !== undefined) continue;
          yield JSON.parse(event.data) as JournalEntry;
          if (--remaining <= 0) return;
        }
        // A harness sends at least its first event, so an empty stream comes from another program.
        if (empty) throw new HarnessUnreachable(base, 'the stream is empty');
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof HarnessUnreachable)) {
          if (!isBrokenStream(error)) throw error;
          continue;
        }
        if (!options.beforeRetry) throw error;
        await options.beforeRetry(++attempt);
      }
    }
  }

  return {
    state: operation('state'),
    clock: operation('clock'),
    failover: operation('failover'),
    lag: operation('lag'),
    books: operation('books'),
    journal: operation('journal'),
    clearJournal: operation('clearJournal'),
    registration: operation('registration'),
    register: operation('register'),
    broadcast: operation('broadcast'),
    reports: operation('reports'),
    publishReport: operation('publishReport'),
    withdrawReport: operation('withdrawReport'),
    rapKeys: operation('rapKeys'),
    addRapKey: operation('addRapKey'),
    withdrawRapKey: operation('withdrawRapKey'),
    rapFiles: operation('rapFiles'),
    publishRapPackage: operation('publishRapPackage'),
    publishRapCsv,
    withdrawRapPackage: operation('withdrawRapPackage'),
    trades: operation('trades'),
    addTrades: operation('addTrades'),
    reset: operation('reset'),
    snapshots: operation('snapshots'),
    snapshot: operation('snapshot'),
    removeSnapshot: operation('removeSnapshot'),
    restore: operation('restore'),
    rehearsal: operation('rehearsal'),
    follow,
  };
}

/** The JSON of the answer; a problem that is a refusal becomes that refusal. */
async function read(response: Response, base: string): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  const centre = response.headers.get('x-data-centre');
  if (centre !== null) {
    await response.body?.cancel();
    throw new HarnessUnreachable(base, `that is the ${centre} centre, or the line to it: ${STEERED_AT}`);
  }
  if (!/[/+]json\b/.test(type)) {
    await response.body?.cancel();
    throw new HarnessUnreachable(
      base,
      `it answered ${response.status} ${type || 'without a type'}: a centre or another program; ${STEERED_AT}`,
    );
  }
  const body: unknown = await response.json();
  if (response.ok) return body;
  const refusal = refusalOf(body);
  if (refusal) return refusal;
  throw new Error(`the harness at ${base} answered ${response.status}: ${describe(body)}`);
}

function describe(problem: unknown): string {
  const { detail, title } = Object(problem) as { detail?: unknown; title?: unknown };
  const text = typeof detail === 'object' ? Object(detail).en : (detail ?? title);
  return typeof text === 'string' ? text : JSON.stringify(problem);
}

function queryOf(input: object): string {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** The socket closed during a stream: undici throws a TypeError `terminated`, browsers a TypeError with another text. */
const isBrokenStream = (error: unknown) => error instanceof TypeError;

/** Where a harness is steered, for who named another of its addresses. */
const STEERED_AT =
  'a harness is steered at its admin address, http:// with a port that ends in 80 unless you chose another';

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) {
    const why = (cause as NodeJS.ErrnoException).code ?? cause.message;
    if (/CERT|SSL|TLS|ALTNAME|EPROTO/.test(why)) return `${why}: a centre or the line, perhaps; ${STEERED_AT}`;
    if (/HTTP/.test(why)) return `it does not speak HTTP: SFTP, perhaps; ${STEERED_AT}`;
    return why;
  }
  return error instanceof Error ? error.message : String(error);
}

interface StreamEvent {
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly data: string;
}

/** Server-sent events as the harness uses them: `event`, `id` and `data` lines, ended by an empty line. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(body)) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const field = (name: string) =>
        lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
      yield { name: field('event').at(-1), id: field('id').at(-1), data: field('data').join('\n') };
    }
  }
}

/** Uses a reader, since not every browser iterates over a stream. Leaving early ends the request. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
