import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { remoteControl } from '../../../src/client/remote-control.ts';
import { run } from '../../../src/commands/program.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { clientOf } from '../../support/client.ts';
import { fakeCliContext } from '../../support/fake-cli-context.ts';
import { FULL, folder, good, rapNight } from '../../support/rap-day.ts';

const MIB = 1024 * 1024;
const place = { id: 'DWH0081C', participant: 'B09901', businessDate: '2021-07-23', snapshot: '2030' };
const CSV = 'A,B\r\n1,2\r\n\r\n3,4\r\n';

function post(
  { addresses }: Harness,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  more: Record<string, string> = {},
) {
  const url = `${addresses.admin}/v1/rap-files?${new URLSearchParams({ ...place, ...more })}`;
  const headers = { 'content-type': 'application/octet-stream' };
  return fetch(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
}

const blobsIn = async (data: string) =>
  (await readdir(data, { recursive: true })).filter((name) => /[0-9a-f]{64}|tmp|part/.test(name)).sort();

describe('a csv that is the body itself', () => {
  test('becomes the same package as one in base64, whatever its pieces, and a report ID of eight characters works', async () => {
    await using harness = await rapNight();
    const content = Buffer.from(CSV).toString('base64');
    const { files: whole } = good(await harness.control.publishRapPackage({ ...place, content }));
    const pieces = ReadableStream.from([...CSV].map((letter) => Buffer.from(letter)));
    const response = await post(harness, pieces);
    expect(response.status).toBe(200);
    const { files } = (await response.json()) as { files: typeof whole };
    expect(files.map(({ name, sha256 }) => [name, sha256])).toEqual(whole.map(({ name, sha256 }) => [name, sha256]));
    expect(files[0]?.name).toBe('DWH0081C_B09901_20210723_2030_D.zip');

    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    const body = { participant: 'B09901', password: harness.rap.password };
    const { token } = (await client.ask('/rap/v1/session', { method: 'POST', body })).json<{ token: string }>();
    const headers = { authorization: `Bearer ${token}` };
    const listed = await client.ask('/rap/v1/files?folder=INBOX&businessDate=2021-07-23', { headers });
    expect(listed.body.toString()).toContain('DWH0081C_B09901_20210723_2030_C.zip');
  });

  test('from the command line: the file is streamed, in place of the report', async () => {
    await using harness = await rapNight();
    await using dir = await folder();
    const path = join(dir.path, 'dwh.csv');
    await writeFile(path, CSV);
    const context = fakeCliContext({ environment: { CCASS_HARNESS_ADMIN: harness.addresses.admin } });
    const words = ['--id', 'DWH0081C', '--participant', 'B09901', '--date', '2021-07-23', '--time', '2030'];
    expect(await run(['rap', 'publish', ...words, path], context)).toBe(0);
    expect(context.out.join('\n')).toContain('DWH0081C_B09901_20210723_2030_D.zip');
  });

  test('is held in memory only in part', { timeout: 60_000 }, async () => {
    await using dir = await folder();
    await using harness = await rapNight({ data: dir.path });
    const used = () => process.memoryUsage().arrayBuffers;
    const before = used();
    let most = 0;
    async function* csv() {
      for (let n = 0; n < (FULL ? 256 : 96); n++) {
        most = Math.max(most, used() - before);
        yield Buffer.alloc(MIB, '5,1\n');
      }
    }
    const { files } = good(
      await remoteControl({ url: harness.addresses.admin }).publishRapCsv({ ...place, csv: csv() }),
    );
    expect(files).toHaveLength(2);
    expect(most).toBeLessThan(72 * MIB);
  });

  test('that is too large is refused with the limit and leaves nothing (TOO_LARGE)', async () => {
    await using dir = await folder();
    await using harness = await rapNight({ data: dir.path, limits: { rapCsvBytes: MIB } });
    const before = await blobsIn(dir.path);
    const fits = await post(harness, randomBytes(MIB));
    expect(fits.status).toBe(200);
    const withOne = await blobsIn(dir.path);
    expect(withOne.length).toBeGreaterThan(before.length);
    for (const size of [MIB + 1, 8 * MIB]) {
      const response = await post(harness, randomBytes(size), { id: 'RPF01X' });
      expect([response.status, await response.json()]).toMatchObject([
        413,
        {
          code: 'TOO_LARGE',
          detail: expect.stringMatching(/1048576 bytes.*Nothing was published.*--limit rapCsvBytes/),
        },
      ]);
    }
    expect(await blobsIn(dir.path)).toEqual(withOne);
    const { files } = good(await harness.control.rapFiles({}));
    expect(files.filter(({ reportId }) => reportId === 'RPF01X')).toEqual([]);
  });

  test('for a place that is refused gets the answer, although it is not read (NOT_FOUND, BAD_REQUEST)', async () => {
    await using harness = await rapNight();
    const unknown = await post(harness, randomBytes(4 * MIB), { participant: 'B12345' });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    const bad = await post(harness, randomBytes(4 * MIB), { snapshot: 'noon' });
    expect([bad.status, await bad.json()]).toMatchObject([400, { code: 'BAD_REQUEST' }]);
  });

  test('whose connection breaks leaves nothing, and is no bug of the harness', async () => {
    await using dir = await folder();
    const harness = await rapNight({ data: dir.path });
    const before = await blobsIn(dir.path);
    const { port } = new URL(harness.addresses.admin);
    const socket = connect(Number(port), '127.0.0.1');
    const query = new URLSearchParams(place);
    socket.write(
      `POST /v1/rap-files?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\n`,
    );
    socket.write('Content-Length: 9000000\r\n\r\n');
    await new Promise((resolve) => socket.write(randomBytes(2 * MIB), resolve));
    socket.destroy();
    // The end of the harness waits for what is under way.
    const { entries } = good(await harness.control.journal({ kinds: 'report,error' }));
    await harness.stop();
    expect(entries.filter(({ kind }) => kind === 'error')).toEqual([]);
    expect(await blobsIn(dir.path)).toEqual(before);
    await using again = await rapNight({ data: dir.path });
    expect(
      good(await again.control.rapFiles({})).files.filter(({ name }) =>
        name.startsWith('DWH0081C_B09901_20210723_2030'),
      ),
    ).toEqual([]);
  });
});
