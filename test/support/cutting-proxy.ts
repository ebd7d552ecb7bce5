import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network in between that can be told to cut: it passes bytes on and knows nothing of them. */
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
    /** The next bytes from the centre, that many times, are a reset instead: the request went through, its answer did not. */
    cutAnswers(times: number) {
      answersToCut = times;
    },
    /** The next piece of more than this many bytes from the client is cut off after them. */
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
