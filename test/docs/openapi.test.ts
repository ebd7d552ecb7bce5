import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OPENAPI_FOLDER, openApiDocuments } from '../../.ci/openapi.ts';
import { REFUSAL_CODES } from '../../src/domain/refusal.ts';
import { documentText } from '../support/doc-tables.ts';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

const documents = await openApiDocuments();
const operationsOf = (name: string) =>
  Object.entries(documents.get(name)?.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
  );

describe.each([...documents.keys()])('docs/openapi/%s', (name) => {
  test('is what the routes say (node .ci/openapi.ts writes it anew), and README links to it', () => {
    const shipped = JSON.parse(readFileSync(join(OPENAPI_FOLDER, name), 'utf8'));
    expect(shipped).toEqual(JSON.parse(JSON.stringify(documents.get(name))));
    expect(documentText('README.md')).toContain(`(docs/openapi/${name})`);
  });

  test('each operation has an ID of its own that reads like a method', () => {
    const ids = operationsOf(name).map(({ operationId }) => operationId);
    expect(ids.length).toBeGreaterThan(4);
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('each JSON request has an example, each refusal its status with the one Problem, and no status is a range', () => {
    for (const { operationId, requestBody, responses } of operationsOf(name)) {
      const json = requestBody?.content['application/json'];
      if (json && operationId !== 'clearJournal') expect(json.example, operationId).toBeDefined();
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(status, operationId).toMatch(/^[2345]\d\d$/);
        expect(description, operationId).not.toBe('Default Response');
        if (Number(status) < 400 || content === undefined) continue;
        expect(content, operationId).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        });
      }
    }
  });

  test('Problem names every code, retryAt and reason', () => {
    const schemas = documents.get(name)?.components.schemas as Record<string, { properties: Record<string, object> }>;
    const { properties = {} } = schemas.Problem ?? {};
    expect(properties.code).toMatchObject({ type: 'string', enum: [...REFUSAL_CODES, 'HARNESS_ERROR'] });
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(['retryAt', 'reason', 'detail']));
  });
});

test('an upload has a raw body, a form, and Content-Encoding for gzip', () => {
  const upload = operationsOf('ccass.json').find(({ operationId }) => operationId === 'uploadBatch');
  expect(Object.keys(upload?.requestBody?.content ?? {})).toEqual([
    ...['text/plain', 'application/octet-stream', 'multipart/form-data'],
  ]);
  expect(upload).toMatchObject({ parameters: [{ in: 'header', name: 'content-encoding', required: false }] });
});

test('the shipped documents have a template for servers, a licence and security schemes; a log-on needs no session', () => {
  for (const [name, document] of documents) {
    expect(document.servers[0]?.url, name).toBe(`${name === 'control.json' ? 'http' : 'https'}://{host}:{port}`);
    expect(document).toMatchObject({ openapi: '3.1.0', info: { license: { identifier: 'MIT' } } });
    expect(Object.keys(document.components.securitySchemes ?? {}), name).not.toEqual([]);
    const logOn = operationsOf(name).find(({ operationId }) => operationId === 'logOn');
    if (logOn) expect(logOn).toMatchObject({ security: [] });
  }
});
