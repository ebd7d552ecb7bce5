import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Content = Readonly<Record<string, unknown>>;

/** A custom market folder: the package's, with some of its files changed. File name -> its change; `orp/` has the risk platform's. */
export async function customMarket(changes: Readonly<Record<string, (content: Content) => Content>>) {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-market-'));
  await cp(new URL('../../fixtures/market', import.meta.url), folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const source = new URL(`../../fixtures/${name.startsWith('orp/') ? name : `market/${name}`}`, import.meta.url);
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(source, 'utf8')) as Content)));
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Changes rules of settlement-day.json. */
export const withRules = (rules: object) => (content: Content) => ({
  ...content,
  rules: { ...(content.rules as object), ...rules },
});
