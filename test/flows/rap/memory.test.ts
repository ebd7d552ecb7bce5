import type { Client, SFTPWrapper } from 'ssh2';
import { expect, test } from 'vitest';
import type { EntryOf } from '../../../src/domain/journal/journal.ts';
import { FULL, journalled, publish, rapNight } from '../../support/rap-day.ts';
import { MIB, noise, session } from '../../support/rap-reading.ts';
import { noted, notedWhere } from '../../support/rehearsal.ts';

const openChannel = (client: Client) =>
  new Promise<SFTPWrapper>((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
const openFile = (sftp: SFTPWrapper, path: string) =>
  new Promise<Buffer>((resolve, reject) =>
    sftp.open(path, 'r', (error, handle) => (error ? reject(error) : resolve(handle))),
  );

test('256 files open on each of 8 channels, a byte read from each, take no more than the budget', {
  timeout: 120_000,
}, async () => {
  await using harness = await rapNight();
  const [data] = await publish(harness, noise(3 * MIB));
  const path = `/INBOX/20210723/${data.name}`;
  const { client, sftp: first } = await session(harness);
  const channels = [first];
  while (channels.length < 8) channels.push(await openChannel(client));
  const before = process.memoryUsage().external;
  await Promise.all(
    channels.map(async (sftp) => {
      for (let n = 0; n < 256; n++) {
        const handle = await openFile(sftp, path);
        await new Promise<void>((resolve, reject) =>
          sftp.read(handle, Buffer.alloc(1), 0, 1, 0, (error) => (error ? reject(error) : resolve())),
        );
      }
    }),
  );
  // Without the budget 4 GiB; other garbage of client and server is in it.
  expect(process.memoryUsage().external - before).toBeLessThan(128 * MIB);
  client.end();
});

/** Bytes of a channel that a client of ssh2 takes before it has to say that it takes more. */
const WINDOW = 2 * MIB;
const PIECE = 16_384;

/** Makes the server hold 800 requests, some 300 KiB: they lie beyond the client's window, which it never widens. */
function askBeyondWindow({ client, sftp }: { client: Client; sftp: SFTPWrapper }, handle: Buffer): void {
  client.on('error', () => undefined);
  const { _protocol } = client as unknown as { _protocol: { channelWindowAdjust(): void } };
  _protocol.channelWindowAdjust = () => undefined;
  for (let n = 0; n < WINDOW / PIECE + 800; n++) sftp.read(handle, Buffer.alloc(PIECE), 0, PIECE, 0, () => undefined);
}

test('connections of one user, each within its budget, end once they are over that of the user together (OVER_MEMORY_BUDGET)', {
  timeout: 60_000,
}, async () => {
  const limits = { sftpConnectionBytes: 512 * 1024, sftpUserBytes: 768 * 1024, sftpOverBudgetMs: 300 };
  await using harness = await rapNight({ limits });
  const [data] = await publish(harness, noise(PIECE));
  const path = `/INBOX/20210723/${data.name}`;
  const other = await session(harness, { user: 'B09902', password: harness.rap.password });
  const load = async () => {
    const mine = await session(harness);
    askBeyondWindow(mine, await openFile(mine.sftp, path));
    return mine;
  };
  const two = [await load(), await load()];
  // The server still reads from both: they are within the user's budget.
  for (const { client } of two) expect(await stated(await openChannel(client), path)).toBeGreaterThan(PIECE);
  const third = await load();
  const isOver = ({ detail }: EntryOf<'closed'>) => detail.code === 'OVER_MEMORY_BUDGET';
  const entry = await notedWhere(harness.control, { kinds: ['closed'] }, isOver);
  expect(entry).toMatchObject({ participant: 'B09901', detail: { how: 'refused' } });
  // Another user of the same address has a budget of its own.
  await expect(new Promise((resolve) => other.sftp.stat('/INBOX', (error) => resolve(error)))).resolves.toBeUndefined();
  for (const { client } of [...two, third, other]) client.destroy();
});

const stated = (sftp: SFTPWrapper, path: string) =>
  new Promise<number>((resolve, reject) =>
    sftp.stat(path, (error, { size } = { size: -1 } as never) => (error ? reject(error) : resolve(size))),
  );

/** Each kind of request, sent again and again without the answers being read. */
const ASKS: Readonly<Record<string, (sftp: SFTPWrapper, path: string, handle: Buffer) => unknown>> = {
  READ: (sftp, _path, handle) => sftp.read(handle, Buffer.alloc(16_384), 0, 16_384, 0, () => undefined),
  OPEN: (sftp, path) => sftp.open(path, 'r', () => undefined),
  OPENDIR: (sftp) => sftp.opendir('/INBOX/20210723', () => undefined),
  STAT: (sftp, path) => sftp.stat(path, () => undefined),
  LSTAT: (sftp, path) => sftp.lstat(path, () => undefined),
  FSTAT: (sftp, _path, handle) => sftp.fstat(handle, () => undefined),
  READDIR: (sftp, _path, handle) => sftp.readdir(handle, () => undefined),
  REALPATH: (sftp, path) => sftp.realpath(path, () => undefined),
  READLINK: (sftp, path) => sftp.readlink(path, () => undefined),
  REMOVE: (sftp, path) => sftp.unlink(path, () => undefined),
  WRITE: (sftp, _path, handle) => sftp.write(handle, Buffer.from('x'), 0, 1, 0, () => undefined),
  EXTENDED: (sftp, path) => sftp.ext_openssh_statvfs(path, () => undefined),
};

test('a client that reads many files at once, and takes what it reads, is never over its budget for long', async () => {
  await using harness = await rapNight({ limits: { sftpConnectionBytes: 4 * MIB, sftpOverBudgetMs: 200 } });
  const csv = noise(2 * MIB);
  const [data] = await publish(harness, csv);
  const { client, sftp } = await session(harness);
  const path = `/INBOX/20210723/${data.name}`;
  const whole = await readAll(sftp, path, data.sizeBytes);
  const files = await Promise.all(Array.from({ length: 60 }, () => readAll(sftp, path, data.sizeBytes)));
  expect(files.filter((bytes) => !bytes.equals(whole))).toEqual([]);
  client.end();
  const [closed] = await noted(harness.control, { kinds: ['closed'] });
  expect(closed?.detail).toMatchObject({ how: 'closed' });
});

/** Every piece is requested before the first one comes. */
async function readAll(sftp: SFTPWrapper, path: string, size: number): Promise<Buffer> {
  const handle = await openFile(sftp, path);
  const bytes = Buffer.alloc(size);
  const PIECE = 16_384;
  await Promise.all(
    Array.from({ length: Math.ceil(size / PIECE) }, (_, n) => {
      const length = Math.min(PIECE, size - n * PIECE);
      return new Promise<void>((resolve, reject) =>
        sftp.read(handle, bytes, n * PIECE, length, n * PIECE, (error) => (error ? reject(error) : resolve())),
      );
    }),
  );
  await new Promise<void>((resolve) => sftp.close(handle, () => resolve()));
  return bytes;
}

// Small answers have to fill the client's window first, which takes seconds for each kind.
test.each(FULL ? Object.keys(ASKS) : ['READ'])(
  '%s without reading the answers ends with OVER_MEMORY_BUDGET',
  async (what) => {
    await using harness = await rapNight({ limits: { sftpConnectionBytes: 256 * 1024, sftpOverBudgetMs: 200 } });
    const [data] = await publish(harness, noise(MIB));
    const path = `/INBOX/20210723/${data.name}`;
    const { client, sftp } = await session(harness);
    client.on('error', () => undefined);
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const handle = await openFile(sftp, path);
    // The client's end of the channel takes nothing more.
    const { _extensions } = sftp as unknown as { _extensions: Record<string, string> };
    _extensions['statvfs@openssh.com'] = '2';
    const { _protocol } = client as unknown as { _protocol: { channelWindowAdjust(): void } };
    _protocol.channelWindowAdjust = () => undefined;
    const ask = ASKS[what];
    let open = true;
    void gone.then(() => {
      open = false;
    });
    // Until the server ends it; each turn lets the socket write.
    while (open) {
      for (let n = 0; n < 500; n++) ask?.(sftp, path, handle);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [closed] = await journalled(harness, 'closed');
    expect(closed?.detail).toMatchObject({ how: 'refused', code: 'OVER_MEMORY_BUDGET' });
  },
);
