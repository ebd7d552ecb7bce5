import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Harness } from '../../../src/harness/options.ts';
import type { Client } from '../../support/client.ts';
import { inSession1, onTheLine } from '../../support/rehearsal.ts';

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, { readonly type: string }>> };
}
interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >;
}

let harness: Harness;
let client: Client;
let document: Document;
beforeAll(async () => {
  harness = await inSession1();
  client = onTheLine(harness);
  const answer = await client.ask('/ccass/v1/openapi.json');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  document = answer.json<Document>();
});
afterAll(async () => {
  client.close();
  await harness.stop();
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, name: `${method} ${path}` })),
  );

test('every route is documented', () => {
  expect(operations().map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...[
        'post /ccass/v1/session',
        'delete /ccass/v1/session',
        'get /ccass/v1/profile',
        'get /ccass/v1/stock-balances',
      ],
      ...['get /ccass/v1/settlement-instructions', 'get /ccass/v1/settlement-instructions/{number}'],
      ...['get /ccass/v1/broadcasts', 'get /ccass/v1/batches', 'post /ccass/v1/batches'],
      ...['get /ccass/v1/batches/{reference}', 'get /ccass/v1/reports', 'get /ccass/v1/reports/{reference}'],
      'head /ccass/v1/reports/{reference}',
    ]),
  );
});

test('every documented operation exists and answers', async () => {
  await client.logon({ takeOver: true });
  for (const { path, method, name } of operations()) {
    if (name === 'delete /ccass/v1/session') continue;
    const { status, headers } = await client.ask(path.replace(/\{\w+\}/, 'X'), { method: method.toUpperCase() });
    expect(headers.allow, name).toBeUndefined();
    // 404 is the answer for an unknown row; an unknown route would name the nearest one.
    if (status === 404 && method !== 'head') {
      const { body } = await client.ask(path.replace(/\{\w+\}/, 'X'), { method: method.toUpperCase() });
      expect(body.toString(), name).not.toContain('Nearest');
    }
  }
});

/** A schema of the document, with what its references lead to. */
const standalone = (schema: object) => ({ ...schema, components: document.components });

test('it is valid OpenAPI 3.1: responses, parameters and schemas that compile', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d$/);
  expect(document.info).toMatchObject({
    version: harness.version,
    description: expect.stringMatching(/mock convention.*Not affiliated/),
  });
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'cookie']);
  const ajv = new Ajv2020({ strict: false, formats: { date: true } });
  const compile = (schema: object | undefined, name: string) => {
    if (schema !== undefined) expect(() => ajv.compile(standalone(schema)), name).not.toThrow();
  };
  for (const { path, operation, name } of operations()) {
    expect(operation.summary, name).not.toBe('');
    const codes = Object.keys(operation.responses);
    expect(codes.length, name).toBeGreaterThan(0);
    for (const code of codes) expect(code, name).toMatch(/^[1-5](\d\d|XX)$|^default$/);
    for (const [code, { description, content }] of Object.entries(operation.responses)) {
      expect(typeof description, `${name} ${code}`).toBe('string');
      for (const [type, { schema }] of Object.entries(content ?? {})) compile(schema, `${name} ${code} ${type}`);
    }
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const told = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(
      told.map((parameter) => parameter.name),
      name,
    ).toEqual(inPath);
    expect(
      told.every((parameter) => parameter.required),
      name,
    ).toBe(true);
    for (const { schema, name: parameter } of operation.parameters ?? []) compile(schema, `${name} ${parameter}`);
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) compile(schema, `${name} body`);
  }
});

test('answers match the document', async () => {
  const ajv = new Ajv2020({ strict: false, formats: { date: true } });
  await client.logon({ takeOver: true });
  for (const path of ['profile', 'stock-balances', 'settlement-instructions', 'broadcasts', 'batches', 'reports']) {
    const answer = await client.ask(`/ccass/v1/${path}`);
    const schema = document.paths[`/ccass/v1/${path}`]?.get?.responses['200']?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`no schema for the answer of ${path}`);
    const fits = ajv.validate(standalone(schema), answer.json());
    expect(fits ? [] : ajv.errors, path).toEqual([]);
  }
});

test('refusals are documented as problem+json', () => {
  const withoutProblem = operations()
    .filter(
      ({ method, operation }) =>
        // An answer to HEAD has no body.
        method !== 'head' &&
        !Object.entries(operation.responses).some(
          ([code, { content }]) => code.startsWith('4') && content?.['application/problem+json'],
        ),
    )
    .map(({ name }) => name);
  expect(withoutProblem).toEqual([]);
});

test('the page works offline: it refers to files of this server only, and may load nothing else', async () => {
  const page = await client.ask('/ccass/v1/docs');
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*connect-src 'self'/);
  const html = page.body.toString();
  const references = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, reference = '']) => reference);
  expect(references.length).toBeGreaterThanOrEqual(3);
  for (const reference of references) {
    expect(reference).toMatch(/^\/ccass\/v1\/docs\//);
    const { status, body } = await client.ask(reference);
    expect([reference, status]).toEqual([reference, 200]);
    const text = body.toString();
    if (reference.endsWith('.css')) expect(text).not.toMatch(/url\(["']?(https?:)?\/\/|@import/);
    if (reference.endsWith('start.js')) expect(text).toMatch(/url: '\/ccass\/v1\/openapi\.json'.*validatorUrl: null/);
  }
  expect(html).not.toMatch(/https?:\/\//);
});
