import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { clientOf } from '../../support/client.ts';
import { customMarket } from '../../support/custom-market.ts';
import { FULL, folder, journalled, publish, rapNight } from '../../support/rap-day.ts';
import { fetched, MIB, noise, session } from '../../support/rap-reading.ts';
import { entriesOf } from '../../support/zips.ts';

const [SESSIONS, SIZE] = FULL ? [50, 16 * MIB] : [6, MIB];

test(`${SESSIONS} sessions at once each fetch ${SIZE / MIB} MiB while enquiries go on`, {
  timeout: 600_000,
}, async () => {
  const many = ({ rules, ...rest }: { readonly rules?: unknown }) => ({
    ...rest,
    rules: { ...(rules as object), sessionsPerUser: 60 },
  });
  await using market = await customMarket({ 'rap.json': many });
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
  // Its own process: here other tests come and go beside it.
  const program = fileURLToPath(new URL('flat-memory.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { servedBytes, grownBytes } = JSON.parse(stdout) as Record<string, number>;
  expect(servedBytes).toBeGreaterThanOrEqual(1024 * MIB);
  expect(grownBytes).toBeLessThan(100 * MIB);
});
