import type { TSchema } from 'typebox';
import { CENTRE_NAMES } from '../domain/nouns/market.ts';
import Type, { named, type Shape, withDefault } from './schema-builder.ts';

/** Parts of the JSON of the services: one schema for one thing, in every answer that has it. */

export const strict = { additionalProperties: false };
export const oneOf = <const T extends string>(...values: T[]) => Type.Unsafe<T>({ type: 'string', enum: values });

export const centreName = oneOf(...CENTRE_NAMES);
export const userRole = oneOf('maker', 'checker', 'risk', 'da-maker', 'da-checker');
export const participantId = Type.String({ minLength: 1, maxLength: 6, examples: ['B09901'] });
export const money = Type.String({ pattern: '^-?[0-9]+\\.[0-9]{2}$', examples: ['1234.50'] });
export const date = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2021-07-26'] });
/** The date of an enquiry. A bad date is refused, so that nobody takes an empty list for the answer. */
export const askedDate = Type.Optional(Type.String({ format: 'date', examples: ['2021-07-26'] }));
export const instant = Type.String({ examples: ['2021-07-24T16:30:00+08:00'] });
export const words = named('Words', Type.Object({ en: Type.String(), zh: Type.String() }, strict));
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const next = nullable(Type.String({ description: 'Cursor of the next page; null at the end' }));
/** An answer without a body. */
export const nothing = Type.Unsafe<unknown>({ type: 'null' });
export const listOf = <T extends TSchema>(row: T) => Type.Object({ rows: Type.Array(row) }, strict);
export const pageOf = <T extends TSchema>(row: T) => Type.Object({ rows: Type.Array(row), next }, strict);

export const cursor = Type.Optional(Type.String({ maxLength: 120, description: '`next` of the previous page' }));
export const limit = withDefault(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }));
export const PageQuery = Type.Object({ cursor, limit }, strict);
/** Filters of an enquiry, without paging. */
export type FilterOf<Query> = Omit<Query, keyof Shape<typeof PageQuery>>;
export const stockCode = Type.String({
  pattern: '^([0-9]{1,5}|[A-Z]{2}[A-Z0-9]{9}[0-9])$',
  description: 'Stock code, with or without leading zeros, or ISIN',
  examples: ['5', 'GB0005405286'],
});

export const instructionStatus = oneOf(
  'pending',
  'unmatched',
  'matched',
  'matched-on-hold',
  'shares-on-hold',
  'settled',
  'deleted',
  'purged',
);
