import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can cut connections: it forwards bytes without parsing them. */
export async function cuttingProxy(target: string) {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let answersToCut = 0;
  let bodyLimit = Number.POSITIVE_INFINITY;
  let cuts = 0;

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const cut = () => {
      cuts++;
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.on('data', (bytes: Buffer) => {
      if (bytes.length <= bodyLimit) return void far.write(bytes);
      far.write(bytes.subarray(0, bodyLimit));
      bodyLimit = Number.POSITIVE_INFINITY;
      cut();
    });
    far.on('data', (bytes: Buffer) => {
      if (answersToCut === 0) return void near.write(bytes);
      answersToCut--;
      cut();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resets the connection at the next bytes from the centre, that many times: the request arrived, its answer does not. */
    cutAnswers(times: number) {
      answersToCut = times;
    },
    /** Cuts the connection after this many bytes of the client's next larger chunk. */
    cutBody(afterBytes: number) {
      bodyLimit = afterBytes;
    },
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
