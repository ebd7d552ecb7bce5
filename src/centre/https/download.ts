import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DownloadEnd } from '../../domain/journal/kinds/files.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { refuse } from '../../domain/refusal.ts';
import { prefersGzip } from '../../http/content-coding.ts';
import { sendRefusal } from '../../http/reply.ts';
import type { OpenReport } from '../../service/reports/reports.ts';
import type { StoredFile } from '../../service/stored-file.ts';
import { exchangeOf } from './exchange.ts';

/** What is sent: its facts, and its bytes in any range. */
export interface Download extends StoredFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly modifiedAt: Instant;
  readonly type: string;
  /** What it is, for the words of a refusal. */
  readonly called: Words;
  /** Whether gzip makes it smaller. */
  readonly compressible: boolean;
  /** Called when the transfer ended, however it ended. */
  sent(first: number, last: number, ended: DownloadEnd): void;
}

export function sendReport(request: FastifyRequest, reply: FastifyReply, open: OpenReport): Promise<FastifyReply> {
  const { fileName, sizeBytes, sha256, madeAt } = open.report;
  const called = { en: 'report', zh: '報表' };
  const facts = { fileName, sizeBytes, sha256, modifiedAt: madeAt, called };
  const { check, fill, sent } = open;
  const type = 'text/plain; charset=us-ascii';
  return sendFile(request, reply, { ...facts, type, compressible: true, check, fill, sent });
}

/**
 * Sends a file (RFC 9110): GET and HEAD, one byte range, ETag with If-None-Match and If-Range, gzip for whom it suits.
 * Several ranges in one request are answered with the whole, as the RFC allows. A request with Range is answered with
 * the file's own bytes. The journal learns what left, also when the client went away.
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: Download): Promise<FastifyReply> {
  const damaged = await file.check();
  if (damaged) return sendRefusal(request, reply, damaged);
  const { headers } = request;
  const own = `"${file.sha256}"`;
  const wanted = request.method === 'GET' ? headers.range : undefined;
  const gzip = file.compressible && wanted === undefined && prefersGzip(headers['accept-encoding']);
  reply
    // Weak: what a compressor makes of the same bytes may differ. It never matches If-Range, so nothing is resumed in the wrong form.
    .header('etag', gzip ? `W/${own}` : own)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('last-modified', new Date(file.modifiedAt).toUTCString())
    .header('content-disposition', `attachment; filename="${file.fileName}"`);
  if (file.compressible) reply.header('vary', 'accept-encoding');

  if (matches(headers['if-none-match'], own)) return reply.code(304).send();

  const size = file.sizeBytes;
  const ifRange = headers['if-range'];
  const range = rangeOf(ifRange === undefined || ifRange === own ? wanted : undefined, size);
  if (range === 'outside') {
    reply.header('content-range', `bytes */${size}`);
    return sendRefusal(
      request,
      reply,
      refuse('RANGE_NOT_SATISFIABLE', {
        en: `The ${file.called.en} has ${size} bytes. Ask for a range within 0-${size - 1}, or leave Range out.`,
        zh: `${file.called.zh}共有 ${size} 位元組。請要求 0-${size - 1} 以內的範圍，或略去 Range。`,
      }),
    );
  }
  const first = range?.start ?? 0;
  const last = range?.end ?? size - 1;
  if (range) reply.code(206).header('content-range', `bytes ${first}-${last}/${size}`);
  reply.type(file.type);
  // How long the gzip form is, only the end of it shows.
  if (gzip) reply.header('content-encoding', 'gzip');
  else reply.header('content-length', last - first + 1);

  if (request.method === 'HEAD') return reply.send();
  const { bytes, taken } = blocksOf(file, first, last);
  reply.raw.once('close', () => {
    const complete = reply.raw.writableFinished;
    const broken = exchangeOf(request.raw)?.connection.cut ? 'cut' : 'gone';
    file.sent(first, complete ? last : first + taken() - 1, complete ? 'closed-by-client' : broken);
  });
  // Whichever of the two breaks, the other ends with it; Fastify sees it at the one that it sends.
  return reply.send(gzip ? pipeline(bytes, createGzip(), () => undefined) : bytes);
}

/** Read from the store at a time. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * The bytes of a range, both ends included, and how many of them were taken so far. All blocks come in the same memory, so
 * that no download makes the collector run: a block is good until the next is asked for, which whoever it is piped into
 * does once he has written it. Nothing is read ahead.
 */
function blocksOf(file: Pick<Download, 'fill'>, first: number, last: number) {
  const memory = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, last + 1 - first));
  let taken = 0;
  const bytes = new Readable({
    highWaterMark: 0,
    read() {
      const block = memory.subarray(0, last + 1 - first - taken);
      if (block.length === 0) return void bytes.push(null);
      file.fill(first + taken, block).then(
        () => {
          taken += block.length;
          bytes.push(block);
        },
        (error) => bytes.destroy(error),
      );
    },
  });
  return { bytes, taken: () => taken };
}

/** One byte range within a file, both ends included; null = the whole, as for a header that is none (RFC 9110 14.1.2). */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | 'outside' | null {
  const [, from = '', to = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return null;
  if (from === '') return Number(to) === 0 ? 'outside' : { start: Math.max(0, size - Number(to)), end: size - 1 };
  if (to !== '' && Number(to) < Number(from)) return null;
  if (Number(from) >= size) return 'outside';
  return { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
