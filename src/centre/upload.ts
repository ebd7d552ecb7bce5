import { compose, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse } from '../domain/refusal.ts';

/**
 * The decoded bytes of an uploaded batch file, as a stream: a raw body or the one file of a multipart form, gzip undone.
 * Limits and content are the service's business.
 */
export async function uploadedFile(request: FastifyRequest): Promise<AsyncIterable<Uint8Array> | Refusal> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data') {
    const part = await request.file().catch(() => undefined);
    if (!part) return unsupported('a form without a file', '未有檔案的表單');
    return part.file;
  }
  if (!['', 'text/plain', 'application/octet-stream'].includes(type))
    return unsupported(`Content-Type ${type}`, `內容類型 ${type}`);

  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const body = request.body as Readable | undefined;
  if (!body) return none();
  if (encoding === 'identity') return body;
  if (encoding === 'gzip') {
    // A cut body or a broken gzip reaches whoever reads the composed stream as an error.
    return compose(body, createGunzip());
  }
  return unsupported(`Content-Encoding ${encoding}`, `內容編碼 ${encoding}`);
}

async function* none(): AsyncIterable<Uint8Array> {}

function unsupported(came: string, cameZh: string): Refusal {
  return refuse('UNSUPPORTED_MEDIA', {
    en: `Came: ${came}. Send the file as text/plain or application/octet-stream (curl: -H 'Content-Type: text/plain' --data-binary @FILE), or as the one file of a multipart/form-data (curl: -F file=@FILE), plain or with Content-Encoding: gzip.`,
    zh: `收到${cameZh}。請以 text/plain 或 application/octet-stream 傳送檔案（curl：-H 'Content-Type: text/plain' --data-binary @FILE），或以 multipart/form-data 傳送單一檔案（curl：-F file=@FILE），可不壓縮或使用 Content-Encoding: gzip。`,
  });
}
