import { createHash } from 'node:crypto';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import { type Batch, PASSWORD, type Report } from '../support/client.ts';
import { has, run } from '../support/foreign.ts';
import { answered, batchesDone, inSession1, noted, notedWhere } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

// One script, whose commands hand the cookie jar and their files on to each other.
describe.skipIf(!has('curl', '--version'))('curl (skipped only where there is none)', { shuffle: false }, () => {
  let harness: Harness;
  let folder: Awaited<ReturnType<typeof temporary>>;
  const file = (name: string) => join(folder.path, name);
  /** curl as a script would call it: the CA, a cookie jar, the status on the last line. */
  async function curl(path: string, ...args: string[]) {
    const ours = ['-sS', '--cacert', file('ca.pem'), '-b', file('jar'), '-c', file('jar'), '-w', '\n%{http_code}'];
    const { code, stdout, stderr } = await run('curl', [...ours, ...args, `${harness.addresses.line}${path}`]);
    const at = stdout.lastIndexOf('\n');
    return { code, stderr, status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
  }
  const json = <T>(text: string): T => JSON.parse(text);
  const logon = (...more: string[]) => {
    const credentials = { participant: 'B09901', user: 'MAKER01', password: PASSWORD, channel: 'C3T' };
    return curl(
      '/ccass/v1/session',
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(credentials),
      ...more,
    );
  };

  beforeAll(async () => {
    harness = await inSession1();
    folder = await temporary('ccass-curl-');
    await writeFile(file('ca.pem'), harness.ca);
  });
  afterAll(async () => {
    await harness.stop();
    await folder[Symbol.asyncDispose]();
  });

  test('does not trust us without the CA, and needs no -k with it', async () => {
    const stranger = await run('curl', ['-sS', `${harness.addresses.line}/centre`]);
    expect([stranger.code, stranger.stderr]).toEqual([60, expect.stringMatching(/certificate/)]);
    expect(await curl('/centre')).toMatchObject({ code: 0, status: 200 });
  });

  test('logs on; the cookie jar is the session', async () => {
    expect((await curl('/ccass/v1/profile')).status).toBe(401);
    const { status, body } = await logon();
    expect([status, json<{ centre: string }>(body).centre]).toEqual([201, 'backup']);
    expect(await readFile(file('jar'), 'utf8')).toMatch(
      /#HttpOnly_127\.0\.0\.1\s+FALSE\s+\/ccass\s+TRUE\s+0\s+ccass_session_\d+\s+backup\./,
    );
    const profile = await curl('/ccass/v1/profile');
    expect([profile.status, json<{ participant: { id: string } }>(profile.body).participant.id]).toEqual([
      200,
      'B09901',
    ]);
  });

  test.each<[string, string, Buffer, string[]]>([
    [
      '--data-binary',
      '0011',
      batchFile(2, { sequence: '0011' }),
      ['-H', 'Content-Type: text/plain', '--data-binary', '@FILE'],
    ],
    ['-F', '0012', batchFile(2, { sequence: '0012' }), ['-F', 'file=@FILE']],
    [
      '-F with a gzip file',
      '0013',
      gzipSync(batchFile(2, { sequence: '0013' })),
      ['-F', 'file=@FILE;type=application/gzip'],
    ],
    [
      'gzip',
      '0014',
      gzipSync(batchFile(2, { sequence: '0014' })),
      ['-H', 'Content-Type: text/plain', '-H', 'Content-Encoding: gzip', '--data-binary', '@FILE'],
    ],
    [
      '-T, a stream without a length',
      '0015',
      batchFile(2, { sequence: '0015' }),
      ['-X', 'POST', '-H', 'Transfer-Encoding: chunked', '-T', 'FILE'],
    ],
    [
      '-T of a megabyte, with Expect: 100-continue',
      '0016',
      batchFile(8000, { sequence: '0016' }),
      ['-X', 'POST', '-T', 'FILE'],
    ],
  ])('uploads with %s; the same command again is a repeat', async (_, sequence, content, args) => {
    await writeFile(file('batch'), content);
    const command = () => curl('/ccass/v1/batches', ...args.map((arg) => arg.replace('FILE', file('batch'))));
    const first = await command();
    expect([first.stderr, first.status]).toEqual(['', 202]);
    const batch = json<Batch>(first.body);
    expect(batch).toMatchObject({ sequence, repeat: false });
    await batchesDone(harness.control);
    const again = await command();
    expect([again.status, json<Batch>(again.body)]).toMatchObject([
      200,
      { reference: batch.reference, repeat: true, refused: 0 },
    ]);
  });

  test('-d, which takes the line ends away, is told what is wrong with its file', async () => {
    await writeFile(file('batch'), batchFile(2, { sequence: '0020' }));
    const { status, body } = await curl(
      '/ccass/v1/batches',
      '-H',
      'Content-Type: text/plain',
      '-d',
      `@${file('batch')}`,
    );
    expect(status).toBe(202);
    await batchesDone(harness.control);
    const done = json<Batch>((await curl(`/ccass/v1/batches/${json<Batch>(body).reference}`)).body);
    expect([done.status, done.fault?.code]).toEqual(['discarded', 'RECORD_LENGTH']);
  });

  test('downloads under the name that we give, resumes what broke off, and asks with -I', async () => {
    const list = await curl('/ccass/v1/reports?id=ZSICR01');
    const largest = json<{ rows: Report[] }>(list.body)
      .rows.filter((row) => row.format === 'data')
      .sort((a, b) => b.sizeBytes - a.sizeBytes)[0] as Report;
    const path = `/ccass/v1/reports/${largest.reference}`;
    expect((await curl(path, '-OJ', '--output-dir', folder.path)).status).toBe(200);
    const whole = await readFile(file(largest.fileName));
    expect(whole.length).toBe(largest.sizeBytes);

    await writeFile(file('part'), whole);
    await truncate(file('part'), 70_001);
    const resumed = await curl(path, '-C', '-', '-o', file('part'));
    expect([resumed.stderr, resumed.status]).toEqual(['', 206]);
    expect((await readFile(file('part'))).equals(whole)).toBe(true);
    const entry = await notedWhere(
      harness.control,
      { kinds: ['download'] },
      ({ detail }) => detail.ranges[0]?.first === 70_001,
    );
    expect(entry.detail).toMatchObject({ ranges: [{ last: largest.sizeBytes - 1 }], whole: false });

    const head = await curl(path, '-I');
    expect(head.body).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head.body).toMatch(new RegExp(`^content-length: ${largest.sizeBytes}\r$`, 'm'));
    expect(head.body).toMatch(/^date: Sat, 24 Jul 2021 08:30:00 GMT\r$/m);
    expect((await stat(file('part'))).size).toBe(largest.sizeBytes);
  });

  test('--compressed: a report travels as gzip and arrives as it is; enquiries come as they are', async () => {
    expect(await curl('/ccass/v1/stock-balances?stock=5', '--compressed')).toMatchObject({ code: 0, status: 200 });
    const { rows } = json<{ rows: Report[] }>((await curl('/ccass/v1/reports?id=ZSICR01')).body);
    const [largest] = rows.filter((row) => row.format === 'data').sort((a, b) => b.sizeBytes - a.sizeBytes);
    const path = `/ccass/v1/reports/${largest?.reference}`;
    // --etag-compare is how a script keeps a copy up to date.
    const save = ['--compressed', '-D', file('headers'), '-o', file('copy'), '--etag-save', file('etag')];
    const first = await curl(path, ...save, '-w', '%{size_download}\n%{http_code}');
    expect(await readFile(file('headers'), 'utf8')).toMatch(/^content-encoding: gzip\r$/m);
    const copy = await readFile(file('copy'));
    expect(createHash('sha256').update(copy).digest('hex')).toBe(largest?.sha256);
    expect([first.status, Number(first.body) < copy.length / 2]).toEqual([200, true]);
    const again = await curl(path, '--compressed', '-o', file('again'), '--etag-compare', file('etag'));
    expect([again.code, again.status]).toEqual([0, 304]);
    expect((await curl(path, '-o', file('again'), '--etag-compare', file('etag'))).status).toBe(304);
  });

  test('TLS 1.2 only: what is older or newer is refused by us, and the journal says why', async () => {
    expect(await curl('/centre', '--tlsv1.2', '--tls-max', '1.2')).toMatchObject({ code: 0, status: 200 });
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    const old = await curl('/centre', '--tlsv1.1', '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0');
    expect([old.code, old.stderr]).toEqual([35, expect.stringMatching(/alert protocol version/)]);
    const young = await curl('/centre', '--tlsv1.3');
    expect([young.code, young.stderr]).toEqual([35, expect.stringMatching(/alert protocol version/)]);
    const entries = await noted(harness.control, { kinds: ['tls-refused'], after: last }, 2);
    expect(entries.map(({ via, detail }) => [via, detail.code])).toEqual([
      ['line', 'NO_COMMON_VERSION'],
      ['line', 'NO_COMMON_VERSION'],
    ]);
    expect(entries[0]?.detail).toMatchObject({
      cause: { en: expect.stringMatching(/TLSv1\.1/), zh: expect.stringMatching(/[一-鿿]/) },
      remedy: { en: expect.stringMatching(/TLS 1\.2/), zh: expect.stringMatching(/TLS 1\.2/) },
    });
    expect(entries[1]?.detail).toMatchObject({ cause: { en: expect.stringMatching(/TLS 1\.3/) } });
  });

  test('plain HTTP is told to use https', async () => {
    const { code, stdout } = await run('curl', ['-sS', harness.addresses.line.replace('https', 'http')]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/https/)]);
  });

  test('the very same commands work over a fail-over: only the session has to be opened anew (SESSION_ENDED)', async () => {
    answered(await harness.control.failover({ to: 'primary', mode: 'cut' }));
    const told = await curl('/ccass/v1/settlement-instructions?limit=1');
    expect([told.status, json<{ code: string; reason: string }>(told.body)]).toMatchObject([
      401,
      { code: 'SESSION_ENDED', reason: 'switch' },
    ]);
    expect((await logon()).status).toBe(201);
    expect((await curl('/ccass/v1/settlement-instructions?limit=1')).status).toBe(200);
    await writeFile(file('batch'), batchFile(2, { sequence: '0011' }));
    const again = await curl(
      '/ccass/v1/batches',
      '-H',
      'Content-Type: text/plain',
      '--data-binary',
      `@${file('batch')}`,
    );
    expect([again.status, json<Batch>(again.body).repeat]).toEqual([200, true]);
  });
});
