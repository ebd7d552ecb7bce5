import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import Type from '../api/schema-builder.ts';
import { CONTROL, type Control, journalFilter } from '../control/control.ts';
import { JOURNAL_FORMAT, type JournalEntry, type JournalFilter } from '../domain/journal/journal.ts';
import { isRefusal } from '../domain/refusal.ts';

const { limit: _paged, ja4: _computed, ...query } = CONTROL.journal.request.properties;
export const FollowQuery = Type.Object(query, { additionalProperties: false });

/**
 * The journal as server-sent events, one entry each: `id` is its number, `data` its JSON. A client that comes back with
 * Last-Event-ID, or asks for `after`, misses nothing. The first event is called `journal`: its
 * `id` is where the stream begins, its data the format of the entries.
 */
export function registerFollow(app: FastifyInstance, control: Control) {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.route<{ Querystring: Static<typeof FollowQuery> }>({
    method: 'GET',
    url: '/v1/journal/follow',
    exposeHeadRoute: false,
    schema: {
      summary: 'What the harness sees, as it comes: server-sent events, with `id` = number for Last-Event-ID',
      operationId: 'follow',
      tags: ['control'],
      querystring: FollowQuery,
      response: { 200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } } },
    },
    handler: async (request, reply) => {
      const filter = journalFilter(request.query);
      const last = await lastEntry(control);
      const asked = lastEventId(request.headers['last-event-id']) ?? filter.after ?? last;
      // A number that the journal has not reached is of another journal, before a restart without --data: all of this one is new.
      const after = asked > last ? 0 : asked;
      const gone = new AbortController();
      request.raw.socket.once('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing.signal]);
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
