/** The floor of a handshake: node:https over the very TLS that a centre speaks. */
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadCertificates } from '../../src/centre/tls/certificates.ts';
import { listenerTls } from '../../src/centre/tls/tls.ts';
import { answering } from '../answering.ts';

const { ca, centres } = await loadCertificates({ dir: 'memory', names: [], at: Date.now() });
let path: string | null = null;
const server = createServer(listenerTls(centres.primary), (_request, response) => {
  if (path === null) return response.end('hello');
  response.setHeader('content-length', statSync(path).size);
  createReadStream(path, { highWaterMark: 1 << 20 }).pipe(response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answering({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca }, { serve }, async () => {
  server.closeAllConnections();
  server.close();
});

/** Every answer is this file from now on. */
function serve(file: string): void {
  path = file;
}
