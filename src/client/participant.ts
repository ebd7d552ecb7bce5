import type { Batch, BatchStatus } from '../api/ccass/batches.ts';
import type { Broadcast, Profile } from '../api/ccass/enquiries.ts';
import type { Report, ReportQuery } from '../api/ccass/reports.ts';
import type { CentreFacts } from '../api/centre.ts';
import type { LoggedOn, LogonBody } from '../api/session.ts';
import type { FieldValues } from '../wire/field-value.ts';
import type { Answer } from './answer.ts';
import { business, PAGE } from './business.ts';
import type { Reply } from './exchange.ts';
import { participantFiles } from './participant-files.ts';
import { printedRows } from './printed-report.ts';
import {
  answered,
  jsonAnswer,
  openServiceClient,
  REPEATABLE,
  refused,
  type ServiceClientOptions,
} from './service-client.ts';

export interface ParticipantOptions extends ServiceClientOptions {
  /** Record layouts by ID (fixtures/layouts/), to verify downloaded data files. */
  readonly layouts?: Readonly<Record<string, unknown>>;
}

export interface Download {
  readonly bytes: Buffer;
  readonly fileName: string;
  /** False for a byte range, which is neither verified nor read. */
  readonly whole: boolean;
  /** What is wrong with it (SHA-256, or the layout's integrity rules), or null if it is in order. */
  readonly fault: string | null;
  /** The records, if it is a data file whose layout is known. */
  readonly records: { readonly header: FieldValues; readonly details: readonly FieldValues[] } | null;
  /** Rows of a printed report; null for anything else. */
  readonly printedRows: number | null;
}

export type ReferenceParticipant = ReturnType<typeof participant>;

/** Polls of the status of a batch before waiting is given up. */
const POLLS = 100;

/**
 * A participant's tooling in short: CCASS over HTTPS at one unchanged address. Answers and errors: see
 * openServiceClient.
 */
export function participant(options: ParticipantOptions) {
  const client = openServiceClient(options, '/ccass/v1');
  const { exchange, headers, get, allRows, rowsOf } = client;
  const files = participantFiles(options.layouts ?? {});

  const batchStatus = (reference: string) => get<BatchStatus>(`/ccass/v1/batches/${encodeURIComponent(reference)}`);

  return {
    /** Which centre the line leads to; needs no session. */
    centre: () => get<CentreFacts>('/centre'),

    logOn: (request: LogonBody) => client.logOn<LoggedOn>(request),
    logOff: client.logOff,

    profile: () => get<Profile>('/ccass/v1/profile'),
    ...business(client),
    /** The newest first. */
    broadcasts: (pageSize = PAGE) => allRows<Broadcast>('broadcasts', {}, pageSize),

    /** Sends the same bytes again when the connection breaks: the centre knows them and gives the same reference. */
    async uploadBatch(bytes: Uint8Array, { gzip = false } = {}): Promise<Answer<Batch>> {
      const body = gzip ? await gzipped(bytes) : bytes;
      const type = { 'content-type': 'text/plain', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };
      const path = '/ccass/v1/batches';
      return jsonAnswer(
        await exchange.send({ method: 'POST', path, headers: headers(type), body, attempts: REPEATABLE }),
      );
    },
    /** The newest first. */
    batches: (pageSize = PAGE) => allRows<Batch>('batches', {}, pageSize),
    /** With the first page of its refused rows. */
    batchStatus,
    /**
     * Polls until the batch is processed or discarded, but at most `polls` times; resolves to the last answer.
     * @param pause awaited between two polls
     */
    async waitForBatch(reference: string, pause: () => Promise<void>, polls = POLLS): Promise<Answer<BatchStatus>> {
      for (let polled = 1; ; polled++) {
        const answer = await batchStatus(reference);
        const done = !answer.ok || answer.value.status === 'processed' || answer.value.status === 'discarded';
        if (done || polled >= polls) return answer;
        await pause();
      }
    },

    reports: (filter: ReportQuery = {}) => rowsOf<Report>('/ccass/v1/reports', filter),
    /** @param range `bytes=` first to last, both included, as in a Range header: `0-99`, `100-`, `-50` */
    async download(reference: string, { range }: { readonly range?: string } = {}): Promise<Answer<Download>> {
      const path = `/ccass/v1/reports/${encodeURIComponent(reference)}`;
      const ranged = headers(range === undefined ? {} : { range: `bytes=${range}` });
      const reply = await exchange.send({ method: 'GET', path, headers: ranged, attempts: REPEATABLE });
      if (reply.status !== 200 && reply.status !== 206) return refused(reply);
      const fileName = /filename="([^"]+)"/.exec(reply.headers['content-disposition'] ?? '')?.[1] ?? '';
      const value = { bytes: reply.body, fileName, whole: reply.status === 200, ...(await verified(reply, fileName)) };
      return { ...answered(reply), ok: true, code: null, value };
    },

    [Symbol.dispose]: () => exchange.close(),
  };

  /** A file name begins with the report's ID; that of a data file ends with .TXT, in print with .PRN; the ETag is the SHA-256. */
  async function verified(
    reply: Reply,
    fileName: string,
  ): Promise<Pick<Download, 'fault' | 'records' | 'printedRows'>> {
    const nothing = { fault: null, records: null, printedRows: null };
    if (reply.status === 206) return nothing;
    const announced = (reply.headers.etag ?? '').replaceAll('"', '');
    const got = await sha256(reply.body);
    if (got !== announced) return { ...nothing, fault: `its SHA-256 is ${got}, expected ${announced || 'none'}` };
    if (fileName.endsWith('.PRN')) return { ...nothing, printedRows: printedRows(reply.body.toString('latin1')) };
    const id = fileName.endsWith('.TXT') ? (fileName.split('_')[0] ?? '') : '';
    const file = files.read(id, reply.body);
    if (file?.fault) {
      const { code, line, came, expected } = file.fault;
      return { ...nothing, fault: `line ${line}: ${code}, got ${came}, expected ${expected}` };
    }
    return { ...nothing, records: file && { header: file.header, details: file.details } };
  }
}

async function sha256(bytes: Buffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
