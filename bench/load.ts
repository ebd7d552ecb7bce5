/** A load generator, in its own process: requests over kept-alive connections, or full TLS handshakes. */
import https from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { answering } from './answering.ts';

export interface Load {
  readonly url: string;
  readonly ca: string;
  readonly connections: number;
  readonly count: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Loaded {
  readonly wallMs: number;
  /** Milliseconds of each request, sorted; empty for handshakes. */
  readonly sortedMs: readonly number[];
}

/** What `begin` began. */
let underWay: { readonly loaded: Promise<Loaded>; enough: boolean } | null = null;

answering(null, {
  requests(load: Load): Promise<Loaded> {
    let left = load.count;
    return requests(load, () => left-- > 0);
  },

  /** Requests until `end` is asked. */
  begin(load: Omit<Load, 'count'>): void {
    const it = { enough: false };
    underWay = Object.assign(it, { loaded: requests(load, () => !it.enough) });
  },

  async end(): Promise<Loaded> {
    if (!underWay) throw new Error('nothing has begun');
    underWay.enough = true;
    return underWay.loaded;
  },

  /** The bytes of one answer, thrown away as they come. */
  download({ url, ca, headers = {} }: Load): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = https.get(url, { ca, headers, agent: false }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode} came`));
        let sizeBytes = 0;
        response.on('data', (chunk: Buffer) => {
          sizeBytes += chunk.length;
        });
        response.once('error', reject);
        response.once('end', () => resolve(sizeBytes));
      });
      request.once('error', reject);
    });
  },

  async handshakes(load: Load): Promise<Loaded> {
    let left = load.count;
    const from = performance.now();
    await Promise.all(
      Array.from({ length: load.connections }, async () => {
        while (left-- > 0) (await open(load)).destroy();
      }),
    );
    return { wallMs: performance.now() - from, sortedMs: [] };
  },
});

async function requests(load: Omit<Load, 'count'>, goOn: () => boolean): Promise<Loaded> {
  const url = new URL(load.url);
  const lines = Object.entries({ host: url.host, ...load.headers }).map(([name, value]) => `${name}: ${value}`);
  const request = Buffer.from(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)));
  const took: number[] = [];
  const from = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (goOn()) {
        const sent = performance.now();
        await exchange(socket, request);
        took.push(performance.now() - sent);
      }
    }),
  );
  const wallMs = performance.now() - from;
  for (const socket of sockets) socket.destroy();
  return { wallMs, sortedMs: took.sort((a, b) => a - b) };
}

function open({ url, ca }: Pick<Load, 'url' | 'ca'>): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      // The chain is verified; whose name a peer writes into its own certificate is not what is measured.
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) reject(new Error('that was no full handshake'));
      else resolve(socket);
    });
  });
}

/** Sends one request and waits for the whole answer, which must be 200 and say where it ends. */
function exchange(socket: TLSSocket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let came = '';
    const done = (error?: Error) => {
      socket.off('data', read);
      socket.off('close', closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = () => done(new Error(`the connection closed; so far came ${came.slice(0, 200)}`));
    const read = (chunk: Buffer) => {
      came += chunk.toString('latin1');
      const head = came.indexOf('\r\n\r\n');
      if (head < 0) return;
      if (!came.startsWith('HTTP/1.1 200 ')) return done(new Error(`came ${came.slice(0, 400)}`));
      const length = /\r\ncontent-length: (\d+)/i.exec(came.slice(0, head + 2))?.[1];
      // Without a length it comes in chunks, the last of them empty.
      if (length === undefined ? came.endsWith('\r\n0\r\n\r\n') : came.length >= head + 4 + Number(length)) done();
    };
    socket.on('data', read);
    socket.once('close', closed);
    socket.write(request);
  });
}
