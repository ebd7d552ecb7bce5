import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import Type from '../api/schema-builder.ts';
import { CONTROL, type Control, journalFilter } from '../control/control.ts';
import { JOURNAL_FORMAT, type JournalEntry, type JournalFilter } from '../domain/journal/journal.ts';
import { isRefusal } from '../domain/refusal.ts';
import { refusalAnswers } from '../http/refusal-answers.ts';

const { limit: _paged, ja4: _computed, ...query } = CONTROL.journal.request.properties;
export const FollowQuery = Type.Object(query, { additionalProperties: false });

/**
 * The journal as server-sent events, one per entry: `id` is its number, `data` its JSON. A client that sends
 * Last-Event-ID or `after` misses nothing. The first event is named `journal`: its `id` is the number that the stream
 * starts after, its data the format of the entries.
 */
export function registerFollow(app: FastifyInstance, control: Control) {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.route<{ Querystring: Static<typeof FollowQuery> }>({
    method: 'GET',
    url: '/v1/journal/follow',
    exposeHeadRoute: false,
    schema: {
      summary: 'New journal entries as server-sent events, with `id` = number for Last-Event-ID',
      operationId: 'follow',
      tags: ['control'],
      querystring: FollowQuery,
      response: {
        ...refusalAnswers('BAD_REQUEST', 'TOKEN_NEEDED', 'FOREIGN_ORIGIN'),
        200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } },
      },
    },
    handler: async (request, reply) => {
      const filter = journalFilter(request.query);
      const last = await lastEntry(control);
      const from = lastEventId(request.headers['last-event-id']) ?? filter.after ?? last;
      // A number beyond the last is from before a restart without --data, so every entry is new.
      const after = from > last ? 0 : from;
      const disconnected = new AbortController();
      request.raw.socket.once('close', () => disconnected.abort());
      const signal = AbortSignal.any([disconnected.signal, closing.signal]);
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(Readable.from(events(control, { ...filter, after }, signal)));
    },
  });
}

async function* events(control: Control, filter: JournalFilter & { after: number }, signal: AbortSignal) {
  yield `event: journal\nid: ${filter.after}\ndata: ${JSON.stringify({ format: JOURNAL_FORMAT })}\n\n`;
  for await (const entry of control.follow(filter, signal)) yield eventOf(entry);
}

const eventOf = (entry: JournalEntry) => `id: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`;

function lastEventId(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

async function lastEntry(control: Control): Promise<number> {
  const answer = await control.journal({ limit: 1 });
  return isRefusal(answer) ? 0 : answer.last;
}
