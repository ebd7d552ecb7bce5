import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'rolldown';
import packaged from '../rolldown.config.ts';
import { loadCertificates } from '../src/centre/tls/certificates.ts';
import type { Benchmark, Subject } from './benchmark.ts';
import { measuredCheckout, startChild } from './child.ts';
import { ask } from './harness-client.ts';
import { installed } from './peers.ts';
import { cpuMsOf } from './proc.ts';
import type { Serving } from './serving.ts';

// What users run is JavaScript in few files: us, and the floor too. Both are built before the first round.
const BARE = '../node_modules/.cache/bench/bare.js';
const cwd = fileURLToPath(new URL('..', import.meta.url));
const plain = { ...(packaged as BuildOptions), cwd, logLevel: 'silent' } as const;
const certs = mkdtempSync(join(tmpdir(), 'bench-certs-'));
process.once('exit', () => rmSync(certs, { recursive: true, force: true }));

/** What is packed and how: another checkout has files of its own. */
interface Packaged {
  readonly default: BuildOptions;
}

/** Milliseconds from the start of a process to its first 200. */
async function first200(server: Serving, path: string, from: number): Promise<{ readonly ms: number }> {
  const { status } = await ask(new URL(path, server.url), server.ca);
  if (status !== 200) throw new Error(`${status} from ${path}`);
  return { ms: performance.now() - from };
}

function eachRound(name: string, file: string, argument: unknown, path: string): Subject {
  return {
    name,
    start: async () => ({
      async measure() {
        const from = performance.now();
        const child = await startChild(file, argument);
        const took = await first200(child.ready as Serving, path, from);
        // WireMock's work is done by a process of its own.
        const cpu = name === 'WireMock' ? {} : { 'CPU ms': await child.cpuMs() };
        await child.stop();
        return { ...took, ...cpu };
      },
      stop: async () => undefined,
    }),
  };
}

const us: Subject = {
  name: 'us',
  async start() {
    await loadCertificates({ dir: certs, names: [], at: Date.now() });
    const checkout = fileURLToPath(measuredCheckout());
    const { default: packaged } = (await import(new URL('rolldown.config.ts', measuredCheckout()).href)) as Packaged;
    await build({ ...packaged, cwd: checkout, logLevel: 'silent' });
    const cli = join(checkout, 'dist/cli.js');
    return {
      async measure() {
        const from = performance.now();
        const words = ['up', '--json', '--port-base', '0', '--certs', certs];
        const child = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
        const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
        const { addresses, ca } = JSON.parse(line) as {
          readonly addresses: { readonly line: string };
          readonly ca: string;
        };
        const took = await first200({ url: addresses.line, ca }, '/centre', from);
        const cpu = { 'CPU ms': cpuMsOf(child.pid ?? 0) };
        child.kill();
        await once(child, 'exit');
        return { ...took, ...cpu };
      },
      stop: async () => undefined,
    };
  },
};

const wiremock: Subject = {
  name: 'WireMock',
  async start() {
    const path = installed('wiremock');
    return path === null ? 'not installed' : eachRound('WireMock', 'servers/wiremock.ts', { path }, '/hello').start();
  },
};

const benchmark: Benchmark = {
  what: 'from the start of the process to the first 200 over HTTPS, certificates cached',
  figures: {
    ms: {
      unit: 'ms',
      targets: [
        { of: 'bare Fastify', atMost: 2.5 },
        { of: 'WireMock', atMost: 0.5 },
      ],
    },
    // Whatever else the machine does.
    'CPU ms': { unit: 'ms', targets: [{ of: 'bare Fastify', atMost: 2.5 }] },
  },
  floor: {
    name: 'bare Fastify',
    async start() {
      await loadCertificates({ dir: certs, names: [], at: Date.now() });
      await build({ ...plain, input: 'bench/servers/bare.ts', output: { file: `bench/${BARE}` } });
      return eachRound('bare Fastify', BARE, { certs }, '/hello').start() as Promise<never>;
    },
  },
  peers: [wiremock],
  us,
};

export default benchmark;
