import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DownloadEnd } from '../../domain/journal/kinds/files.ts';
import type { Instant, Words } from '../../domain/nouns/market.ts';
import { refuse } from '../../domain/refusal.ts';
import { prefersGzip } from '../../http/content-coding.ts';
import { checkPreconditions, mayBePartial } from '../../http/preconditions.ts';
import { sendRefusal } from '../../http/reply.ts';
import type { OpenReport } from '../../service/reports/reports.ts';
import type { StoredFile } from '../../service/stored-file.ts';
import { exchangeOf } from './exchange.ts';

/** A file to send: its headers, and its bytes in any range. */
export interface Download extends StoredFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly modifiedAt: Instant;
  readonly type: string;
  /** The noun for it in a refusal. */
  readonly noun: Words;
  /** Whether gzip makes it smaller. */
  readonly compressible: boolean;
  /** Called when the transfer ends, complete or not. */
  sent(first: number, last: number, ended: DownloadEnd): void;
}

export function sendReport(request: FastifyRequest, reply: FastifyReply, open: OpenReport): Promise<FastifyReply> {
  const { fileName, sizeBytes, sha256, madeAt, modifiedAt = madeAt } = open.report;
  const noun = { en: 'report', zh: '報表' };
  const facts = { fileName, sizeBytes, sha256, modifiedAt, noun };
  const { check, fill, sent } = open;
  const type = 'text/plain; charset=us-ascii';
  return sendFile(request, reply, { ...facts, type, compressible: true, check, fill, sent });
}

/**
 * Sends a file (RFC 9110): GET and HEAD, all preconditions, one byte range, gzip if the client prefers it. Several ranges
 * in one request get the whole file, as the RFC allows; a Range is never gzipped. The journal gets the bytes that were
 * sent, also when the client disconnected.
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: Download): Promise<FastifyReply> {
  const damaged = await file.check();
  if (damaged) return sendRefusal(request, reply, damaged);
  const { headers } = request;
  const etag = `"${file.sha256}"`;
  const wanted = request.method === 'GET' ? headers.range : undefined;
  // If-Match compares strongly, and the ETag of a compressed form is weak.
  const asItIs = wanted !== undefined || headers['if-match'] !== undefined;
  const gzip = file.compressible && !asItIs && prefersGzip(headers['accept-encoding']);
  reply
    // Weak, since compressed bytes may differ. It never matches If-Range, so no client resumes in the wrong coding.
    .header('etag', gzip ? `W/${etag}` : etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('last-modified', new Date(file.modifiedAt).toUTCString())
    .header('content-disposition', `attachment; filename="${file.fileName}"`);
  if (file.compressible) reply.header('vary', 'accept-encoding');

  const validators = { etag, modifiedAt: file.modifiedAt };
  const condition = checkPreconditions(headers, validators);
  if (condition === 'failed') return sendRefusal(request, reply, changed(file.noun));
  if (condition === 'not-modified') return reply.code(304).send();

  const size = file.sizeBytes;
  const now = request.server.marketTime?.(request) ?? file.modifiedAt;
  const isPartial = wanted !== undefined && mayBePartial(String(headers['if-range'] ?? etag), validators, now);
  const range = rangeOf(isPartial ? wanted : undefined, size);
  if (range === 'outside') {
    reply.header('content-range', `bytes */${size}`);
    return sendRefusal(
      request,
      reply,
      refuse('RANGE_NOT_SATISFIABLE', {
        en: `The ${file.noun.en} has ${size} bytes. Ask for a range within 0-${size - 1}, or leave Range out.`,
        zh: `${file.noun.zh}共有 ${size} 位元組。請要求 0-${size - 1} 以內的範圍，或略去 Range。`,
      }),
    );
  }
  const first = range?.start ?? 0;
  const last = range?.end ?? size - 1;
  if (range) reply.code(206).header('content-range', `bytes ${first}-${last}/${size}`);
  reply.type(file.type);
  // The length of the gzip form is unknown until its end.
  if (gzip) reply.header('content-encoding', 'gzip');
  else reply.header('content-length', last - first + 1);

  if (request.method === 'HEAD') return reply.send();
  const { bytes, taken } = blocksOf(file, first, last);
  reply.raw.once('close', () => {
    const complete = reply.raw.writableFinished;
    const broken = exchangeOf(request.raw)?.connection.cut ? 'cut' : 'gone';
    file.sent(first, complete ? last : first + taken() - 1, complete ? 'closed-by-client' : broken);
  });
  // If either stream breaks, both end; Fastify sees the error on the one that it sends.
  return reply.send(gzip ? pipeline(bytes, createGzip(), () => undefined) : bytes);
}

/** Read from the store at a time. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * The bytes of a range, both ends included, and how many of them were taken so far. All blocks share one buffer, to spare
 * the garbage collector: a block is valid until the next read, which a piped stream makes once it has written the block.
 * Nothing is read ahead.
 */
function blocksOf(file: Pick<Download, 'fill'>, first: number, last: number) {
  const buffer = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, last + 1 - first));
  let taken = 0;
  const bytes = new Readable({
    highWaterMark: 0,
    read() {
      const block = buffer.subarray(0, last + 1 - first - taken);
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

/** One byte range within a file, both ends included; null = the whole, as for an invalid header (RFC 9110 14.1.2). */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | 'outside' | null {
  const [, from = '', to = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return null;
  if (from === '') return Number(to) === 0 ? 'outside' : { start: Math.max(0, size - Number(to)), end: size - 1 };
  if (to !== '' && Number(to) < Number(from)) return null;
  if (Number(from) >= size) return 'outside';
  return { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

const changed = (noun: Words) =>
  refuse('PRECONDITION_FAILED', {
    en: `The ${noun.en} is not the one that If-Match or If-Unmodified-Since names: it has changed since. Fetch it from its beginning.`,
    zh: `${noun.zh}與 If-Match 或 If-Unmodified-Since 所指的不同：其後已更改。請由頭下載。`,
  });
