/** A peer: mockttp with one static answer over HTTPS. */
import { createRequire } from 'node:module';
import { answering, argument } from '../answering.ts';

/** As much of mockttp as is used; the package itself is optional. */
interface Mockttp {
  generateCACertificate(options: object): Promise<{ readonly key: string; readonly cert: string }>;
  getLocal(options: object): {
    start(): Promise<void>;
    stop(): Promise<void>;
    forGet(path: string): { thenJson(status: number, body: object): Promise<unknown> };
    readonly port: number;
  };
}

const { path } = argument<{ readonly path: string }>();
const mockttp = createRequire(import.meta.url)(path) as Mockttp;
const ca = await mockttp.generateCACertificate({ subject: { commonName: 'bench' } });
const server = mockttp.getLocal({ https: { key: ca.key, cert: ca.cert }, recordTraffic: false, http2: false });
await server.start();
await server.forGet('/hello').thenJson(200, { hello: 'world' });
answering({ url: `https://127.0.0.1:${server.port}`, ca: ca.cert }, {}, () => server.stop());
