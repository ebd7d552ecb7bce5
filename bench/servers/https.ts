/** The floor of a handshake: node:https over the very TLS that a centre speaks. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadCertificates } from '../../src/centre/certificates.ts';
import { listenerTls } from '../../src/centre/tls.ts';
import { answering } from '../answering.ts';

const { ca, centres } = await loadCertificates({ dir: 'memory', names: [], at: Date.now() });
const server = createServer(listenerTls(centres.primary), (_request, response) => response.end('hello'));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answering({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca }, {}, async () => {
  server.closeAllConnections();
  server.close();
});
