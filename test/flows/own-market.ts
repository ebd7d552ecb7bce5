import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A market folder of the user's own: the package's, with one of its files changed. */
export async function ownMarket<T>(name: string, change: (content: T) => T) {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-market-'));
  await cp(new URL('../../fixtures/market', import.meta.url), folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as T)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
