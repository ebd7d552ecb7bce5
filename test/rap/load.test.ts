import { once } from 'node:events';
import type { Client, SFTPWrapper } from 'ssh2';
import { expect, test } from 'vitest';
import type { Harness } from '../../src/harness-options.ts';
import { clientOf } from '../flows/client.ts';
import { ownMarket } from '../flows/own-market.ts';
import { FULL, folder, journalled, publish, rapNight } from './rap-day.ts';
import { tryRap } from './ssh-client.ts';
import { entriesOf } from './zips.ts';

const MIB = 1024 * 1024;

/** Does not compress. */
function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = 7;
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer.writeUInt32LE(state, at);
  }
  return buffer;
}

async function session(harness: Harness): Promise<{ client: Client; sftp: SFTPWrapper }> {
  const { client } = await tryRap(harness, { stay: true });
  if (!client) throw new Error('not logged on');
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  );
  return { client, sftp };
}

/** Reads a file in pieces of 32 KiB, 16 under way at a time, as clients do; calls back with each. */
async function fetched(
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
      expect(got).toBe(length);
      take(piece, at);
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  await new Promise<void>((resolve, reject) => sftp.close(handle, (error) => (error ? reject(error) : resolve())));
}

const [SESSIONS, SIZE] = FULL ? [50, 16 * MIB] : [6, MIB];

test(`${SESSIONS} sessions at once each fetch ${SIZE / MIB} MiB while enquiries go on`, {
  timeout: 600_000,
}, async () => {
  const many = ({ rules, ...rest }: { readonly rules?: unknown }) => ({
    ...rest,
    rules: { ...(rules as object), sessionsPerUser: 60 },
  });
  await using market = await ownMarket({ 'rap.json': many });
  await using data = await folder();
  await using harness = await rapNight({ market: market.folder, data: data.path });
  // Control takes 16 MiB in base64 over HTTP; in process it takes what it is given.
  const csv = noise(SIZE);
  const [file] = await publish(harness, csv);
  const path = `/INBOX/20210723/${file.name}`;
  const enquirer = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await enquirer.logon(harness.demo);
  let fetching = true;
  const enquiries = (async () => {
    let count = 0;
    for (; fetching; count++) expect((await enquirer.ask('/ccass/v1/stock-balances')).status).toBe(200);
    return count;
  })();

  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => session(harness)));
  const wholes = await Promise.all(
    sessions.map(async ({ sftp }, n) => {
      const whole = n === 0 ? Buffer.alloc(file.sizeBytes) : null;
      let bytes = 0;
      await fetched(sftp, path, file.sizeBytes, (piece, at) => {
        bytes += piece.length;
        whole?.set(piece, at);
      });
      expect(bytes).toBe(file.sizeBytes);
      return whole;
    }),
  );
  fetching = false;
  expect(await enquiries).toBeGreaterThan(0);
  enquirer[Symbol.dispose]();
  const [entry] = await entriesOf(wholes[0] ?? Buffer.alloc(0));
  expect(entry?.content.equals(csv)).toBe(true);
  const downloads = await journalled(harness, 'download');
  expect(downloads.map(({ detail }) => detail.whole)).toEqual(Array(SESSIONS).fill(true));
  for (const { client } of sessions) {
    const closed = once(client as never, 'close');
    client.end();
    await closed;
  }
});

test.skipIf(!FULL)('memory stays flat over 1 GiB served from the disk', { timeout: 600_000 }, async () => {
  await using data = await folder();
  await using harness = await rapNight({ data: data.path });
  const [file] = await publish(harness, noise(16 * MIB));
  const { client, sftp } = await session(harness);
  const path = `/INBOX/20210723/${file.name}`;
  const round = () => fetched(sftp, path, file.sizeBytes, () => undefined);
  for (let n = 0; n < 4; n++) await round();
  const before = process.memoryUsage().rss;
  for (let served = 0; served < 1024 * MIB; served += file.sizeBytes) await round();
  // The client is in this process as well; what it reads is garbage soon.
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
  client.end();
});
