import fastifyCookie from '@fastify/cookie';
import fastJsonStringify from 'fast-json-stringify';
import fastify, { type RouteOptions } from 'fastify';
import { expect, test } from 'vitest';
import { ccass } from '../../src/centre/ccass/ccass.ts';
import { orp } from '../../src/centre/orp/orp.ts';
import { rap } from '../../src/centre/rap/rap.ts';
import { validatorCompiler } from '../../src/http/compilers.ts';

// They are compiled at a route's first request: a schema that cannot be is found here, not by a participant.
test.each(Object.entries({ ccass, rap, orp }))('every schema of %s compiles', async (_, routes) => {
  const all: RouteOptions[] = [];
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler as never);
  app.setSerializerCompiler(() => JSON.stringify);
  app.addHook('onRoute', (route) => void all.push(route));
  await app.register(fastifyCookie);
  await app.register(routes, {
    uploadLimitBytes: 0,
    worldOf: nobodyCalls,
    callerOf: nobodyCalls,
  });
  await app.ready();
  let compiled = 0;
  for (const { schema, method, url } of all) {
    for (const part of ['body', 'querystring', 'params'] as const) {
      const asked = schema?.[part] as object | undefined;
      if (!asked) continue;
      compiled++;
      const validate = validatorCompiler({ schema: asked, method: String(method), url, httpPart: part });
      expect(validate({ 'no such member': {} }), `${method} ${url} ${part}`).toBeTypeOf('boolean');
    }
    for (const answer of Object.values(schema?.response ?? {}) as { content?: Record<string, { schema: object }> }[]) {
      for (const each of answer.content ? Object.values(answer.content).map((one) => one.schema) : [answer]) {
        compiled++;
        expect(fastJsonStringify(each), `${method} ${url}`).toBeTypeOf('function');
      }
    }
  }
  expect(compiled).toBeGreaterThan(5);
  await app.close();
});

test('a validator tells its last faults, and none after what fits', () => {
  const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } };
  const validate = validatorCompiler({ schema, method: 'POST', url: '/', httpPart: 'body' });
  expect(validate({})).toBe(false);
  expect(validate.errors).toMatchObject([{ keyword: 'required' }]);
  expect(validate({ a: 1 })).toBe(true);
  expect(validate.errors).toBeNull();
  expect(validate({ a: '1' })).toBe(false);
  // A query is text by nature.
  const ofQuery = { ...schema };
  expect(validatorCompiler({ schema: ofQuery, method: 'GET', url: '/', httpPart: 'querystring' })({ a: '1' })).toBe(
    true,
  );
});

function nobodyCalls(): never {
  throw new Error('nobody calls');
}
