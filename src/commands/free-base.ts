import { createServer } from 'node:net';
import { BLOCK, DEFAULT_BASE, portsOf } from './ports.ts';

/** Bases that are tried before the search gives up. */
const TRIES = 40;

/** The first port base whose ports are all free now at `host`, from 7000 on in steps of a block; null if none is. */
export async function freeBase(host = '127.0.0.1', isFree = canListen): Promise<number | null> {
  for (let base = DEFAULT_BASE; base < DEFAULT_BASE + TRIES * BLOCK; base += BLOCK) {
    const free = await Promise.all(portsOf(base).map((port) => isFree(port, host)));
    if (free.every(Boolean)) return base;
  }
  return null;
}

/** Whether a port can be listened on; the attempt leaves nothing open. */
function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
