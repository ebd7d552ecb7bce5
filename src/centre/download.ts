import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import parseRange from 'range-parser';
import type { Instant } from '../domain/nouns.ts';
import { refuse } from '../domain/refusal.ts';
import type { OpenReport } from '../service/reports.ts';
import { sendRefusal } from './reply.ts';

/**
 * Sends a report (RFC 9110): GET and HEAD, one byte range, ETag with If-None-Match and If-Range. Several ranges in one
 * request are answered with the whole, as the RFC allows. The journal learns what left, also when the client went away.
 */
export function sendReport(request: FastifyRequest, reply: FastifyReply, open: OpenReport, at: Instant): FastifyReply {
  const { report } = open;
  const etag = `"${report.sha256}"`;
  reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('last-modified', new Date(report.madeAt).toUTCString())
    .header('content-disposition', `attachment; filename="${report.fileName}"`);

  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();

  const size = report.sizeBytes;
  const ifRange = request.headers['if-range'];
  const wanted =
    request.headers.range !== undefined && (ifRange === undefined || ifRange === etag)
      ? parseRange(size, request.headers.range)
      : -2;
  if (wanted === -1) {
    reply.header('content-range', `bytes */${size}`);
    return sendRefusal(
      request,
      reply,
      refuse('RANGE_NOT_SATISFIABLE', {
        en: `The report has ${size} bytes. Ask for a range within 0-${size - 1}, or leave Range out.`,
        zh: `報表共有 ${size} 位元組。請要求 0-${size - 1} 以內的範圍，或略去 Range。`,
      }),
      at,
    );
  }
  const range = Array.isArray(wanted) && wanted.type === 'bytes' && wanted.length === 1 ? wanted[0] : undefined;
  const first = range?.start ?? 0;
  const last = range?.end ?? size - 1;
  if (range) reply.code(206).header('content-range', `bytes ${first}-${last}/${size}`);
  reply.type('text/plain; charset=us-ascii').header('content-length', last - first + 1);

  if (request.method === 'HEAD') return reply.send();
  const bytes = open.open(first, last);
  let sent = 0;
  // Counting starts when the reply takes the stream: a listener before that would set it flowing and lose bytes.
  reply.raw.once('pipe', (source: Readable) => {
    source.on('data', (chunk: Uint8Array) => {
      sent += chunk.length;
    });
  });
  reply.raw.once('close', () => {
    const complete = reply.raw.writableFinished;
    open.sent(first, complete ? last : first + sent - 1, complete && first === 0 && last === size - 1);
  });
  return reply.send(bytes);
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
