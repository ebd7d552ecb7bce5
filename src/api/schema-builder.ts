import type TypeBox from 'typebox';
import type { Static, TSchema } from 'typebox';

/**
 * Builds JSON Schemas as plain objects, with TypeBox's names and types, so that `Static` still works. TypeBox's functions
 * make the same objects (a test compares the two), but every start and every command would load nearly 400 files for
 * them, a third more than Node, Fastify and TLS take.
 */
type Builders = Pick<
  typeof TypeBox,
  | ('Object' | 'Array' | 'Record' | 'Optional' | 'Partial' | 'Union' | 'Literal' | 'Unsafe')
  | ('String' | 'Integer' | 'Number' | 'Boolean' | 'Null' | 'Unknown')
>;

/** The type of the values of a schema, deeply read-only: an answer or a request is never changed in place. */
export type Shape<Schema extends TSchema> = ReadonlyDeep<Static<Schema>>;
type ReadonlyDeep<T> = T extends readonly (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T;

/** Marks a member as optional; in JSON Schema the object's `required` says so. */
const optional = new WeakSet<object>();

// `never` fits every type; TypeBox's signatures give the schemas theirs.
const made = (schema: object) => schema as never;
const basic = (type: string) => (options?: object) => made({ type, ...options });

function object(properties: Readonly<Record<string, TSchema>>, options?: object) {
  const required = Object.keys(properties).filter((name) => !optional.has(properties[name] as TSchema));
  return made({ type: 'object', ...(required.length > 0 && { required }), properties, ...options });
}

function optionally(schema: TSchema) {
  const copy = { ...schema };
  optional.add(copy);
  return made(copy);
}

/** The caller may leave it out. The validator then fills in the schema's `default`, so that a handler always has a value. */
export function withDefault<Schema extends TSchema & { readonly default?: unknown }>(schema: Schema): Schema {
  return optionally(schema);
}

/**
 * Names a schema: OpenAPI documents have it once, under this name.
 * @param example a whole value, for a request that can be tried out as it stands
 */
export function named<Schema extends TSchema>(name: string, schema: Schema, example?: Static<Schema>): Schema {
  return { ...schema, title: name, ...(example !== undefined && { examples: [example] }) };
}

const Type: Builders = {
  Object: object,
  Array: (items: TSchema, options?: object) => made({ type: 'array', items, ...options }),
  Record: (_key: TSchema, value: TSchema, options?: object) =>
    made({ type: 'object', patternProperties: { '^.*$': value }, ...options }),
  Optional: optionally,
  Partial: (whole: { properties?: Readonly<Record<string, TSchema>> }, options?: object) =>
    object(
      Object.fromEntries(Object.entries(whole.properties ?? {}).map(([name, schema]) => [name, optionally(schema)])),
      options,
    ),
  Union: (anyOf: readonly TSchema[], options?: object) => made({ anyOf, ...options }),
  Literal: (value: unknown, options?: object) => made({ type: typeof value, const: value, ...options }),
  Unsafe: (schema: object) => made({ ...schema }),
  String: basic('string'),
  Integer: basic('integer'),
  Number: basic('number'),
  Boolean: basic('boolean'),
  Null: basic('null'),
  Unknown: (options?: object) => made({ ...options }),
};
export default Type;
