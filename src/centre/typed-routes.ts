import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { TSchema } from 'typebox';
import type { Shape } from '../api/schema-builder.ts';

/**
 * Gives the handler of a route the types of the route's schemas. Own lines instead of @fastify/type-provider-typebox, whose
 * import would load all of TypeBox at each start.
 */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: ShapeOf<this['schema']>;
  /** Or the reply itself, where a handler has sent it: a refusal, a file. */
  readonly serializer: ShapeOf<this['schema']> | FastifyReply;
}
type ShapeOf<Schema> = Schema extends TSchema ? Shape<Schema> : unknown;

/** Where a group of routes is registered. */
export type TypedRoutes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>;
