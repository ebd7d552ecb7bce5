import type { Words } from '../nouns/market.ts';

/**
 * Describes a journal entry once: each shape is a JSON Schema, as plain data, that carries the TypeScript type of the values
 * it accepts. The types of this folder, the published JSON Schema (api/journal.ts) and docs/journal.md all come from it.
 */
export interface Shape<T> {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly items?: Shape<unknown>;
  readonly anyOf?: readonly Shape<unknown>[];
  readonly properties?: Readonly<Record<string, Shape<unknown>>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Shape<unknown>;
  /** Exists for the compiler alone. */
  readonly [fits]?: T;
}
declare const fits: unique symbol;

/** The values that a shape accepts. */
export type Fits<S> = S extends Shape<infer T> ? T : never;

/** A member that an object may lack. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}
export type Members = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>;

export type OptionalNames<M extends Members> = {
  [N in keyof M]: M[N] extends Optional<unknown> ? N : never;
}[keyof M];

export type FitsMembers<M extends Members> = [keyof M] extends [never]
  ? Readonly<Record<string, never>>
  : {
      readonly [N in Exclude<keyof M, OptionalNames<M>>]: Fits<M[N]>;
    } & {
      readonly [N in OptionalNames<M>]?: M[N] extends Optional<infer T> ? T : never;
    };

/** An object with these members and no others. */
export interface ObjectShape<M extends Members> extends Shape<FitsMembers<M>> {
  readonly properties: Readonly<Record<string, Shape<unknown>>>;
  readonly required: readonly string[];
}

/** Strings that a client chose are cut to this length, so that no client decides how much the journal keeps. */
const MOST_CLIENT_CHARS = 200;

export const text = (description: string): Shape<string> => ({ type: 'string', description });
/** A string that a client chose. Cut it with `clientText`. */
export const ofClient = (description: string): Shape<string> => ({
  ...text(description),
  maxLength: MOST_CLIENT_CHARS,
});
export const date = (description: string): Shape<string> => ({
  ...text(description),
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
});
export const sha256 = (description: string): Shape<string> => ({ ...text(description), pattern: '^[0-9a-f]{64}$' });
export const number = (description: string): Shape<number> => ({ type: 'number', description });
export const integer = (description: string): Shape<number> => ({ type: 'integer', description });
/** An integer from 0. */
export const count = (description: string): Shape<number> => ({ type: 'integer', minimum: 0, description });
/** Market time in milliseconds since 1970-01-01T00:00Z. */
export const instant = (description: string): Shape<number> => integer(description);
export const flag = (description: string): Shape<boolean> => ({ type: 'boolean', description });
export const oneOf = <const T extends string>(values: readonly T[], description: string): Shape<T> => ({
  type: 'string',
  enum: values,
  description,
});
export const list = <T>(items: Shape<T>, description: string, maxItems?: number): Shape<readonly T[]> => ({
  type: 'array',
  items,
  description,
  ...(maxItems === undefined ? {} : { maxItems }),
});
/** Counts by name. */
export const counts = (description: string): Shape<Readonly<Record<string, number>>> => ({
  type: 'object',
  additionalProperties: { type: 'integer', minimum: 0 },
  description,
});
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => {
  const { description, ...one } = shape;
  return { anyOf: [one, { type: 'null' }], ...(description === undefined ? {} : { description }) };
};
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape });

export function object<const M extends Members>(members: M, description?: string): ObjectShape<M> {
  const properties: Record<string, Shape<unknown>> = {};
  const required: string[] = [];
  for (const [name, member] of Object.entries(members)) {
    if ('optional' in member) {
      properties[name] = member.optional;
    } else {
      properties[name] = member;
      required.push(name);
    }
  }
  return {
    type: 'object',
    properties,
    required,
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  };
}

/** A text in English and Traditional Chinese. */
export const words = (description: string): Shape<Words> =>
  object({ en: { type: 'string' } as Shape<string>, zh: { type: 'string' } as Shape<string> }, description);

/** Cuts a string that a client chose. */
export function clientText(chosen: string): string {
  return chosen.length > MOST_CLIENT_CHARS ? `${chosen.slice(0, MOST_CLIENT_CHARS - 1)}…` : chosen;
}

/** Milliseconds between two wall times, with one decimal. */
export function msBetween(fromWallMs: number, toWallMs: number): number {
  return Math.round((toWallMs - fromWallMs) * 10) / 10;
}
