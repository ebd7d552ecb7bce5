/** The floor of a start: Fastify, the TLS options of a centre, certificates that are there already; nothing else is imported. */
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { listenerTls } from '../../src/centre/tls/tls.ts';
import { answering, argument } from '../answering.ts';

const { certs } = argument<{ readonly certs: string }>();
const pem = (name: string) => readFileSync(`${certs}/${name}.pem`, 'utf8');
const app = Fastify({ https: listenerTls({ key: pem('primary-key'), chain: pem('primary') }), logger: false });
app.get('/hello', async () => ({ hello: 'world' }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
answering({ url, ca: pem('ca') }, {}, () => app.close());
