import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKET_TIME } from './batch-file.ts';
import type { Benchmark, Subject } from './benchmark.ts';
import { startChild } from './child.ts';
import type { SftpLoad } from './sftp-load.ts';

const MIB = 1 << 20;
const SIZE = 64 * MIB;
const folder = mkdtempSync(join(tmpdir(), 'bench-sftp-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

type Door = Omit<SftpLoad, 'path'>;

function downloading(
  name: string,
  file: string,
  argument: () => unknown,
  pathOf: (publish: () => Promise<string>) => Promise<string>,
): Subject {
  return {
    name,
    async start() {
      const server = await startChild(file, argument());
      const generator = await startChild('sftp-load.ts', null);
      const ready = server.ready as Door & { readonly rap?: Door };
      const path = await pathOf(() => server.ask<string>('publishPackage', SIZE));
      const load = { ...(ready.rap ?? ready), path };
      return {
        async measure() {
          const before = await server.cpuMs();
          const sizeBytes = await generator.ask<number>('download', load);
          if (sizeBytes < SIZE) throw new Error(`${sizeBytes} bytes came`);
          const after = await server.cpuMs();
          return { rate: sizeBytes / MIB / ((after - before) / 1000) };
        },
        async stop() {
          await generator.stop();
          await server.stop();
        },
      };
    },
  };
}

const benchmark: Benchmark = {
  what: 'a RAP package of 64 MiB over SFTP, through the line; theirs a file of a bare ssh2 server',
  figures: { rate: { unit: 'MiB/s of CPU', targets: [{ of: 'bare ssh2', atLeast: 0.9 }] } },
  floor: downloading(
    'bare ssh2',
    'servers/sftp.ts',
    () => {
      const path = join(folder, 'file');
      writeFileSync(path, randomFillSync(Buffer.alloc(SIZE)));
      return { path };
    },
    async () => '/file',
  ),
  peers: [],
  us: downloading(
    'us',
    'servers/harness.ts',
    () => ({ at: MARKET_TIME, clock: 'frozen', data: join(folder, 'data') }),
    (publish) => publish(),
  ),
};

export default benchmark;
