import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler, FastifySerializerCompiler, FastifyServerOptions } from 'fastify';
import { isMarketDate } from '../domain/calendar/calendar.ts';

/**
 * Validators and serializers, compiled at their first use, once per schema, and shared by every server and
 * every harness of the process: generating their code would be most of a start-up, and no run asks on every route. What
 * generates it is loaded then too. Bodies are taken strictly as they are; only path and query, which are text by nature,
 * have numbers read from their text.
 */
export const lazyCompilers = {
  compilersFactory: {
    // Fastify's types ask for functions of Ajv's own making; all that it calls is there.
    buildValidator: () => validatorCompiler as never,
    buildSerializer: () => serializerCompiler as never,
  },
} as const satisfies FastifyServerOptions['schemaController'];

/** The same for a server whose answers go out as they are: their schemas only describe them. */
export const lazyValidators = {
  compilersFactory: { ...lazyCompilers.compilersFactory, buildSerializer: () => () => JSON.stringify },
} as const satisfies FastifyServerOptions['schemaController'];

const load = createRequire(import.meta.url);
const options = { removeAdditional: false, useDefaults: true, allErrors: true, verbose: true, strict: false } as const;

const ajvs = new Map<boolean, Ajv>();
function ajv(coerceTypes: boolean): Ajv {
  const known = ajvs.get(coerceTypes);
  if (known) return known;
  const { Ajv } = load('ajv') as typeof import('ajv');
  const fresh = new Ajv({ ...options, coerceTypes });
  // A day that the calendar has. Filters ask for it; rows of an input have a reason code instead.
  fresh.addFormat('date', isMarketDate);
  ajvs.set(coerceTypes, fresh);
  return fresh;
}

type Validate = ((data: unknown) => boolean) & Pick<ValidateFunction, 'errors'>;
type Serialize = (data: unknown) => string;

const validators = new WeakMap<object, Validate>();
const serializers = new WeakMap<object, Serialize>();

export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  once(validators, schema, () => {
    let compiled: ValidateFunction | undefined;
    const validate: Validate = (data) => {
      compiled ??= ajv(httpPart !== 'body').compile(schema);
      const fits = compiled(data);
      validate.errors = compiled.errors ?? null; // Fastify reads them there
      return fits;
    };
    return validate;
  });

const serializerCompiler: FastifySerializerCompiler<object> = ({ schema }) =>
  once(serializers, schema, () => {
    let compiled: Serialize | undefined;
    return (data) => {
      compiled ??= (load('fast-json-stringify') as typeof import('fast-json-stringify').default)(schema) as Serialize;
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
