/** A load generator for SFTP, in its own process: one file read whole, many reads under way at once, thrown away. */
import { connect } from 'node:net';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { answering } from './answering.ts';

export interface SftpLoad {
  readonly port: number;
  readonly user: string;
  /** OpenSSH or PEM. */
  readonly privateKey: string;
  readonly path: string;
}

const READ = 32_768;
const AT_ONCE = 64;

answering(null, {
  /** How many bytes came. */
  async download({ port, user, privateKey, path }: SftpLoad): Promise<number> {
    const client = new ssh2.Client();
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', reject);
    });
    client.connect({
      sock: connect(port, '127.0.0.1'),
      username: user,
      privateKey,
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
    await ready;
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
      client.sftp((error, opened) => (error ? reject(error) : resolve(opened))),
    );
    const sizeBytes = await readAll(sftp, path);
    client.end();
    return sizeBytes;
  },
});

async function readAll(sftp: SFTPWrapper, path: string): Promise<number> {
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(path, 'r', (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  let [next, came, ended] = [0, 0, false];
  const reader = async () => {
    const buffer = Buffer.alloc(READ);
    while (!ended) {
      const from = next;
      next += READ;
      const count = await new Promise<number>((resolve, reject) =>
        sftp.read(handle, buffer, 0, READ, from, (error, read) => {
          if (error && (error as { code?: unknown }).code !== 1) reject(error);
          else resolve(error ? 0 : read);
        }),
      );
      came += count;
      if (count < READ) ended = true;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return came;
}
