import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Subject } from './benchmark.ts';
import type { Load } from './load.ts';
import { underLoad } from './serving.ts';

type Amount = Pick<Load, 'connections' | 'count'>;

/** mockttp answering a static JSON. */
export const mockttp = (amount: Amount): Subject => stub('mockttp', 'mockttp', 'servers/mockttp.ts', amount);

/** WireMock answering a static JSON; it asks for Java. */
export const wiremock = (amount: Amount): Subject => stub('WireMock', 'wiremock', 'servers/wiremock.ts', amount);

/** Where a peer was installed (README.md says how), or null. */
export function installed(name: string): string | null {
  for (const place of ['./peers/index.js', './index.js']) {
    const folder = createRequire(new URL(place, import.meta.url))
      .resolve.paths(name)
      ?.find((path) => existsSync(`${path}/${name}/package.json`));
    if (folder !== undefined) return `${folder}/${name}`;
  }
  return null;
}

function stub(name: string, npmName: string, file: string, amount: Amount): Subject {
  return {
    name,
    async start() {
      const path = installed(npmName);
      if (path === null) return 'not installed';
      return underLoad(name, file, { path }, 'requests', async (_server, { url, ca }) => ({
        ...amount,
        url: `${url}/hello`,
        ca,
      })).start();
    },
  };
}
