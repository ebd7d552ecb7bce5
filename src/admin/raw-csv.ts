import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CONTROL, type Control } from '../control/control.ts';
import { RAP_CSV_PLACE, type RapCsv } from '../control/rap.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { sendRefusal } from '../http/reply.ts';

const RAW = 'application/octet-stream';

/** Whether the body of a request is a csv as it is, which its route reads as it comes. */
export function isRawBody({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === RAW;
}

/**
 * `POST /v1/rap-files` whose body is the csv itself, beside the one whose body is JSON: the content type decides. The place
 * is in the query. Nothing is held in memory but what is on its way to the store.
 */
export function registerRawCsv(app: FastifyInstance, control: Control): void {
  const { method, path } = CONTROL.publishRapPackage;
  app.addConstraintStrategy({
    name: 'content',
    storage() {
      const stores = new Map<unknown, unknown>();
      return { get: (key) => (stores.get(key) as never) ?? null, set: (key, store) => void stores.set(key, store) };
    },
    deriveConstraint: (request) => (isRawBody(request) ? RAW : undefined),
    validate() {},
  });
  app.addContentTypeParser(RAW, (_request, payload, done) => done(null, payload));
  app.route<{ Querystring: Omit<RapCsv, 'csv'>; Body: Readable | undefined }>({
    method,
    url: path,
    constraints: { content: RAW },
    // OpenAPI has one entry for a method and a path: that of JSON, whose summary tells of this one.
    schema: { hide: true, querystring: RAP_CSV_PLACE },
    handler: async (request, reply) => {
      const csv = bytesOf(request.body);
      const result = await control.publishRapCsv({ ...request.query, csv }).catch((error: unknown) => {
        if (error instanceof BrokenOff) return brokenOff();
        throw error;
      });
      return isRefusal(result) ? sendRefusal(request, reply, result) : result;
    },
  });
}

class BrokenOff extends Error {}

/** The body as it comes. A reader that stops early leaves the connection as it is, so that the answer can be sent. */
async function* bytesOf(body: Readable | undefined): AsyncGenerator<Uint8Array> {
  if (!body) return;
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new BrokenOff(String(error));
  }
}

function brokenOff(): Refusal {
  return refuse('UNREADABLE_BODY', {
    en: 'The connection broke off before the end of the csv. Nothing was published: send it again.',
    zh: 'csv 檔案尚未傳送完畢，連線已中斷，並未發布任何檔案。請重新傳送。',
  });
}
