/** The floor of an SFTP download: a bare ssh2 server that reads one file for whoever comes. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { openSync, read } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { answering, argument } from '../answering.ts';

const { path } = argument<{ readonly path: string }>();
const file = openSync(path, 'r');
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const server = new ssh2.Server({ hostKeys: [pem()] }, (client) => {
  client.on('error', () => undefined);
  client.on('authentication', (attempt) => attempt.accept());
  client.on('session', (accept) => {
    accept().on('sftp', (acceptSftp) => {
      const sftp = acceptSftp();
      sftp.on('OPEN', (id) => sftp.handle(id, Buffer.from('f')));
      sftp.on('READ', (id, _handle, offset, length) => {
        read(file, Buffer.allocUnsafe(length), 0, length, offset, (error, count, bytes) => {
          if (error) sftp.status(id, ssh2.utils.sftp.STATUS_CODE.FAILURE);
          else if (count === 0) sftp.status(id, ssh2.utils.sftp.STATUS_CODE.EOF);
          else sftp.data(id, bytes.subarray(0, count));
        });
      });
    });
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answering({ port: (server.address() as AddressInfo).port, user: 'anyone', privateKey: pem() }, {}, async () => {
  server.close();
});
