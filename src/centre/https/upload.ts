import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { BrokenBody } from '../../service/batches/uploads.ts';

/**
 * The decoded bytes of an uploaded batch file, as a stream: a raw body or the one file of a multipart form, gzip undone.
 * Limits and content are the service's business. The stream throws BrokenBody where the body breaks off or cannot be
 * decoded. A reader that stops early leaves the connection as it is (see `discardBody`).
 */
export async function uploadedFile(request: FastifyRequest): Promise<AsyncIterable<Uint8Array> | Refusal> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (type === 'multipart/form-data') {
    if (encoding !== 'identity')
      return unsupported(`a form with Content-Encoding ${encoding}`, `${encoding} 編碼的表單`);
    return fileOfForm(request);
  }
  if (!['', 'text/plain', 'application/octet-stream'].includes(type))
    return unsupported(`Content-Type ${type}`, `內容類型 ${type}`);
  const body = request.body as Readable | undefined;
  if (encoding === 'identity') return body ? bytesOf(body) : nothing();
  // RFC 9110, 8.4.1.3: an old name of the same.
  if (encoding === 'gzip' || encoding === 'x-gzip') return body ? gunzipped(body) : nothing();
  return unsupported(`Content-Encoding ${encoding}`, `內容編碼 ${encoding}`);
}

/**
 * Reads and discards the rest of a refused body, at most `limitBytes`, so that a client that reads only after sending
 * everything still gets the answer.
 */
export function discardBody(body: IncomingMessage, limitBytes: number): Promise<void> {
  if (body.readableEnded || body.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = limitBytes;
    body.unpipe();
    body.on('data', (chunk: Uint8Array) => {
      left -= chunk.length;
      if (left >= 0) return;
      body.pause();
      resolve();
    });
    body.once('end', resolve).once('close', resolve).once('error', resolve);
    body.resume();
  });
}

async function fileOfForm(request: FastifyRequest): Promise<AsyncIterable<Uint8Array> | Refusal> {
  const files = request.files();
  const first = await files.next().catch(() => undefined);
  if (!first || first.done) return unsupported('a form without a file', '未有檔案的表單');
  const { file, mimetype } = first.value;
  const isGzip = mimetype === 'application/gzip' || mimetype === 'application/x-gzip';
  return onlyFile(isGzip ? gunzipped(file) : bytesOf(file), files);
}

async function* onlyFile(bytes: AsyncIterable<Uint8Array>, files: AsyncIterator<unknown>): AsyncGenerator<Uint8Array> {
  yield* bytes;
  const second = await files.next().catch((error: Error) => {
    throw new BrokenBody(error.message);
  });
  if (!second.done) throw new BrokenBody('a form with more than one file');
}

async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new BrokenBody(String(error));
  }
}

async function* gunzipped(stream: Readable): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // A pipeline would end the connection together with the decoder.
  const broken = () => void gunzip.destroy(new Error('the connection closed'));
  stream.once('error', broken).once('close', () => {
    if (!stream.readableEnded) broken();
  });
  stream.pipe(gunzip);
  try {
    yield* bytesOf(gunzip);
  } finally {
    stream.unpipe(gunzip);
    gunzip.on('error', () => undefined).destroy();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function unsupported(got: string, gotZh: string): Refusal {
  return refuse('UNSUPPORTED_MEDIA', {
    en: `Got ${got}. Send the file as text/plain or application/octet-stream (curl: -H 'Content-Type: text/plain' --data-binary @FILE), plain or with Content-Encoding: gzip, or as the one file of a multipart/form-data (curl: -F file=@FILE), plain or of type application/gzip.`,
    zh: `收到${gotZh}。請以 text/plain 或 application/octet-stream 傳送檔案（curl：-H 'Content-Type: text/plain' --data-binary @FILE），可不壓縮或使用 Content-Encoding: gzip；或以 multipart/form-data 傳送單一檔案（curl：-F file=@FILE），可不壓縮或用 application/gzip 類型。`,
  });
}
