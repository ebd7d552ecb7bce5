import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
  const asked =
    request.method === 'GET' && (ifRange === undefined || ifRange === etag) ? request.headers.range : undefined;
  const range = rangeOf(asked, size);
  if (range === 'outside') {
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
