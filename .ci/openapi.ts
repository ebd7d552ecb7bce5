/**
 * The four OpenAPI documents as docs/openapi/ has them. `node .ci/openapi.ts` writes them anew; a test holds them against the
 * routes. A running harness serves the same at `openapi.json` beside each API, with its own address in `servers`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminApi } from '../src/admin/admin.ts';
import { apiOf, SERVICES } from '../src/centre/https/services.ts';
import type { Control } from '../src/control/control.ts';
import { openApi } from '../src/http/openapi.ts';
import type { OpenApiDocument } from '../src/http/schema-names.ts';
import { VERSION } from '../src/package.ts';

export const OPENAPI_FOLDER = join(import.meta.dirname, '../docs/openapi');

/** File name -> document. */
export async function openApiDocuments(): Promise<ReadonlyMap<string, OpenApiDocument>> {
  // No operation is called.
  const control = adminApi({} as Control, VERSION);
  const apis = [...SERVICES.map((name) => [name, apiOf(name, VERSION)] as const), ['control', control] as const];
  return new Map(await Promise.all(apis.map(async ([name, api]) => [`${name}.json`, await openApi(api)] as const)));
}

if (import.meta.main) {
  mkdirSync(OPENAPI_FOLDER, { recursive: true });
  for (const [name, document] of await openApiDocuments()) {
    writeFileSync(join(OPENAPI_FOLDER, name), `${JSON.stringify(document, null, 1)}\n`);
  }
}
