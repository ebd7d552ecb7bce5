import { Ajv, type ValidateFunction } from 'ajv';
import fastJsonStringify from 'fast-json-stringify';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { isMarketDate } from '../domain/calendar.ts';

/**
 * Validators and serializers, compiled at their first use, once per schema, and shared by the two centres and by every
 * harness of the process: generating their code would be most of a start-up, and no run asks on every route. Bodies are
 * taken strictly as they are; only path and query, which are text by nature, have numbers read from their text.
 */
const options = { removeAdditional: false, useDefaults: true, allErrors: true, verbose: true, strict: false } as const;
const strictly = new Ajv({ ...options, coerceTypes: false });
const fromText = new Ajv({ ...options, coerceTypes: true });
/** A day that the calendar has. Filters ask for it; rows of an input have a reason code instead. */
for (const ajv of [strictly, fromText]) ajv.addFormat('date', isMarketDate);

type Validate = ((data: unknown) => boolean) & Pick<ValidateFunction, 'errors'>;
type Serialize = (data: unknown) => string;

const validators = new WeakMap<object, Validate>();
const serializers = new WeakMap<object, Serialize>();

export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  once(validators, schema, () => {
    let compiled: ValidateFunction | undefined;
    const validate: Validate = (data) => {
      compiled ??= (httpPart === 'body' ? strictly : fromText).compile(schema);
      const fits = compiled(data);
      validate.errors = compiled.errors ?? null; // Fastify reads them there
      return fits;
    };
    return validate;
  });

export const serializerCompiler: FastifySerializerCompiler<object> = ({ schema }) =>
  once(serializers, schema, () => {
    let compiled: Serialize | undefined;
    return (data) => {
      compiled ??= fastJsonStringify(schema) as Serialize;
      return compiled(data);
    };
  });

function once<T>(made: WeakMap<object, T>, schema: object, make: () => T): T {
  const known = made.get(schema);
  if (known) return known;
  const fresh = make();
  made.set(schema, fresh);
  return fresh;
}
