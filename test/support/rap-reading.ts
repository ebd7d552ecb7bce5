import type { Client, SFTPWrapper } from 'ssh2';
import type { Harness } from '../../src/harness/options.ts';
import { type Try, tryRap } from './ssh-client.ts';

export const MIB = 1024 * 1024;

/** Does not compress. */
export function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = 7;
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer.writeUInt32LE(state, at);
  }
  return buffer;
}

export async function session(harness: Harness, call: Try = {}): Promise<{ client: Client; sftp: SFTPWrapper }> {
  const { client } = await tryRap(harness, { ...call, stay: true });
  if (!client) throw new Error('not logged on');
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  );
  return { client, sftp };
}

/** Reads a file in pieces of 32 KiB, 16 under way at a time, as clients do; calls back with each. */
export async function fetched(
  sftp: SFTPWrapper,
  path: string,
  size: number,
  take: (piece: Buffer, at: number) => void,
): Promise<void> {
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(path, 'r', (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  let next = 0;
  const one = async (): Promise<void> => {
    for (let at = next; at < size; at = next) {
      const length = Math.min(32_768, size - at);
      next = at + length;
      const piece = Buffer.alloc(length);
      const got = await new Promise<number>((resolve, reject) =>
        sftp.read(handle, piece, 0, length, at, (error, count) => (error ? reject(error) : resolve(count))),
      );
      if (got !== length) throw new Error(`${got} bytes came of ${length} at ${at}`);
      take(piece, at);
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  await new Promise<void>((resolve, reject) => sftp.close(handle, (error) => (error ? reject(error) : resolve())));
}
