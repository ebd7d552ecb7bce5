/** The floor of an enquiry: bare Fastify over the very TLS that a centre speaks, answering a small JSON. */
import Fastify from 'fastify';
import { loadCertificates } from '../../src/centre/tls/certificates.ts';
import { listenerTls } from '../../src/centre/tls/tls.ts';
import { answering, argument } from '../answering.ts';

const { certs } = argument<{ readonly certs?: string }>();
const { ca, centres } = await loadCertificates({ dir: certs ?? 'memory', names: [], at: Date.now() });
const app = Fastify({ https: listenerTls(centres.primary), logger: false });
app.get('/hello', async () => ({ hello: 'world' }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
answering({ url, ca }, {}, () => app.close());
