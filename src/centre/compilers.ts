import { Ajv, type ValidateFunction } from 'ajv';
import fastJsonStringify from 'fast-json-stringify';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';

/**
 * Validators and serializers, compiled once per schema and shared by the two centres and by every harness of the
 * process: code generation is most of a start-up. Bodies are taken strictly as they are; only path and query, which
 * are text by nature, have numbers read from their text.
 */
const options = { removeAdditional: false, useDefaults: true, allErrors: true, verbose: true, strict: false } as const;
const strictly = new Ajv({ ...options, coerceTypes: false });
const fromText = new Ajv({ ...options, coerceTypes: true });

const validators = new WeakMap<object, ValidateFunction>();
const serializers = new WeakMap<object, (data: unknown) => string>();

export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  once(validators, schema, () => (httpPart === 'body' ? strictly : fromText).compile(schema));

export const serializerCompiler: FastifySerializerCompiler<object> = ({ schema }) =>
  once(serializers, schema, () => fastJsonStringify(schema) as (data: unknown) => string);

function once<T>(compiled: WeakMap<object, T>, schema: object, compile: () => T): T {
  const known = compiled.get(schema);
  if (known) return known;
  const fresh = compile();
  compiled.set(schema, fresh);
  return fresh;
}
