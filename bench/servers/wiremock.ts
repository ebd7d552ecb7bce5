/** A peer: WireMock (the jar of npm's `wiremock`) with one static answer over HTTPS. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { answering, argument } from '../answering.ts';
import { cpuMsOf } from '../proc.ts';

const { path } = argument<{ readonly path: string }>();
const jar = readdirSync(path, { recursive: true })
  .map(String)
  .find((name) => name.endsWith('.jar'));
if (jar === undefined) throw new Error(`no jar in ${path}`);
const folder = mkdtempSync(join(tmpdir(), 'bench-wiremock-'));
mkdirSync(join(folder, 'mappings'));
const hello = {
  request: { method: 'GET', urlPath: '/hello' },
  response: { status: 200, jsonBody: { hello: 'world' } },
};
writeFileSync(join(folder, 'mappings', 'hello.json'), JSON.stringify(hello));
const words = ['--https-port', '0', '--port', '0', '--root-dir', folder, '--no-request-journal', '--disable-banner'];
const java = spawn('java', ['-jar', join(path, jar), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
let port = 0;
for await (const line of createInterface({ input: java.stdout })) {
  port = Number(/https-port:\s+(\d+)/.exec(line)?.[1] ?? port);
  if (port > 0 && !line.includes('https-port')) break;
}
java.stdout.resume();
// Its certificate is its own; whoever asks trusts what was seen first.
const ca = await new Promise<string>((resolve, reject) => {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    resolve(`-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`);
  });
  socket.once('error', reject);
});
const cpuMs = () => cpuMsOf(java.pid ?? 0);
answering({ url: `https://127.0.0.1:${port}`, ca }, { cpuMs }, async () => {
  java.kill();
  rmSync(folder, { recursive: true, force: true });
});
