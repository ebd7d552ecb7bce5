import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { TSchema } from 'typebox';
import type { Shape } from '../api/schema-builder.ts';

/**
 * Gives a route's handler the types of the route's schemas. Replaces @fastify/type-provider-typebox, whose import would
 * load all of TypeBox at each start.
 */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: ShapeOf<this['schema']>;
  /** Or the reply itself, where the handler has sent it: a refusal, a file. */
  readonly serializer: ShapeOf<this['schema']> | FastifyReply;
}
type ShapeOf<Schema> = Schema extends TSchema ? Shape<Schema> : unknown;

/** The Fastify instance that a group of routes is registered on. */
export type TypedRoutes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>;
