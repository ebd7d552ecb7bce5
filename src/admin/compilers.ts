import { createRequire } from 'node:module';
import type { Ajv as AjvType, ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';

/**
 * A request's schema is compiled at the first request that it is held against, and Ajv is loaded for the first of them:
 * a start needs neither. Schemas are held strictly as they are. Answers go out as they are; their schemas are for
 * OpenAPI and the contract suite.
 */
export const lazyCompilers = {
  compilersFactory: {
    // Fastify's type asks for a function of Ajv's own making; all that it calls is there.
    buildValidator: () => validatorCompiler as never,
    buildSerializer: () => () => JSON.stringify,
  },
} as const satisfies FastifyServerOptions['schemaController'];

type Validate = ((data: unknown) => boolean) & Pick<ValidateFunction, 'errors'>;

let ajv: AjvType | undefined;
const compiled = new WeakMap<object, ValidateFunction>();

const validatorCompiler: FastifySchemaCompiler<object> = ({ schema }) => {
  const validate: Validate = (data) => {
    const check = compiled.get(schema) ?? compile(schema);
    const fits = check(data);
    validate.errors = check.errors ?? null; // Fastify reads them there
    return fits;
  };
  return validate;
};

function compile(schema: object): ValidateFunction {
  ajv ??= new (createRequire(import.meta.url)('ajv').Ajv as typeof AjvType)({ removeAdditional: false, strict: false });
  const check = ajv.compile(schema);
  compiled.set(schema, check);
  return check;
}
