import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Algorithms, Client, SFTPWrapper } from 'ssh2';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import type { JournalDetails, JournalEntry } from '../../../src/domain/journal/journal.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { FULL, good, journalled, publish, rapNight } from '../../support/rap-day.ts';
import { tryRap } from '../../support/ssh-client.ts';

function knock(harness: Harness): Socket {
  const { hostname, port } = new URL(harness.addresses.sftp);
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** The next entry of the journal that fits, from the start on. */
async function seen(harness: Harness, fits: (entry: JournalEntry) => boolean): Promise<JournalEntry> {
  const signal = AbortSignal.timeout(20_000);
  for await (const entry of harness.control.follow({ after: 0, kinds: ['closed', 'session-ended'] }, signal)) {
    if (fits(entry)) return entry;
  }
  throw new Error('not seen');
}

/** A connection that ended so. */
const ended = (how: JournalDetails['closed']['how']) => (entry: JournalEntry) =>
  entry.kind === 'closed' && entry.detail.how === how;

async function loggedOn(harness: Harness): Promise<{ client: Client; sftp: SFTPWrapper; gone: Promise<void> }> {
  const { client } = await tryRap(harness, { stay: true });
  if (!client) throw new Error('not logged on');
  client.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  );
  return { client, sftp, gone };
}

type Callback = (error?: Error | null, result?: unknown) => void;
/** The error's words and code, or null if it went well. */
const failure = (call: (done: Callback) => unknown) =>
  new Promise<{ message: string; code: unknown } | null>((resolve) => {
    call((error) => resolve(error ? { message: error.message, code: (error as { code?: unknown }).code } : null));
  });

test('who connects and does not log on has to go; who talks something else too', async () => {
  await using harness = await rapNight({ limits: { sftpLogonMs: 150 } });
  const silent = knock(harness);
  await once(silent.resume(), 'close');
  await seen(harness, ended('refused'));
  const browser = knock(harness);
  browser.write('GET / HTTP/1.1\r\n\r\n');
  await once(browser.resume(), 'close');
});

test.each([
  [{ kex: ['diffie-hellman-group14-sha1'] }, 'NO_COMMON_ALGORITHM', /no key exchange algorithm in common/],
  [{ serverHostKey: ['ssh-rsa'] }, 'NO_COMMON_ALGORITHM', /no host key format in common/],
] as const)('a client that knows only %j is told why in the journal', async (algorithms, code, cause) => {
  await using harness = await rapNight();
  const { hostname: host, port } = new URL(harness.addresses.sftp);
  const client = new ssh2.Client();
  client.on('error', () => undefined);
  client.connect({ host, port: Number(port), username: 'B09901', algorithms: algorithms as unknown as Algorithms });
  const { detail } = await seen(harness, ended('refused'));
  expect(detail).toMatchObject({
    code,
    cause: { en: expect.stringMatching(cause) },
    software: expect.stringContaining('ssh2'),
  });
  expect(detail).toMatchObject({ remedy: { en: expect.stringContaining('Let '), zh: expect.stringContaining('請') } });
  client.destroy();
});

test('connections of one address are counted', async () => {
  await using harness = await rapNight({ limits: { connectionsPerAddress: 2 } });
  const two = [knock(harness), knock(harness)];
  await Promise.all(two.map((socket) => once(socket, 'data')));
  const third = knock(harness);
  await new Promise((resolve) => third.once('close', resolve));
  expect((await seen(harness, ended('turned-away'))).detail).toMatchObject({ code: 'TOO_MANY_CONNECTIONS' });
  for (const socket of two) socket.destroy();
});

test('a connection without a request ends, keep-alive or not; a session idle in market time too', async () => {
  {
    await using harness = await rapNight({ limits: { sftpIdleMs: 200 } });
    // No channel is opened: on a busy machine that may take longer than the limit.
    const { client } = await tryRap(harness, { stay: true });
    if (!client) throw new Error('not logged on');
    client.on('error', () => undefined);
    await new Promise<void>((resolve) => client.once('close', () => resolve()));
    await seen(harness, ended('idle'));
  }
  await using harness = await rapNight();
  const { sftp, gone } = await loggedOn(harness);
  expect(await failure((done) => sftp.readdir('/INBOX', done))).toBeNull();
  good(await harness.control.clock({ advanceMs: 15 * 60_000 }));
  expect(await failure((done) => sftp.readdir('/INBOX', done))).toMatchObject({ code: 3 });
  await gone;
  expect((await seen(harness, ({ kind }) => kind === 'session-ended')).detail).toMatchObject({ why: 'idle' });
});

test('keep-alive of the client is answered', async () => {
  await using harness = await rapNight();
  const { client } = await loggedOn(harness);
  // What ssh2 sends by a timer; here each as soon as the one before is answered.
  const { _protocol, _sock } = client as unknown as { _protocol: { ping(): void }; _sock: Socket };
  for (let n = 0; n < 3; n++) {
    const answer = once(_sock, 'data');
    _protocol.ping();
    await answer;
  }
  client.end();
});

test('exec, shell and forwarding are refused; so is one SFTP channel too many', async () => {
  await using harness = await rapNight();
  const { client, sftp } = await loggedOn(harness);
  expect(await failure((done) => client.exec('id', done))).not.toBeNull();
  expect(await failure((done) => client.shell(false, done as never))).not.toBeNull();
  expect(await failure((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done))).toMatchObject({
    message: expect.stringMatching(/administratively prohibited|open failure/i),
  });
  expect(await failure((done) => client.forwardIn('127.0.0.1', 0, done))).not.toBeNull();
  for (let n = 1; n < 8; n++) expect(await failure((done) => client.sftp(done))).toBeNull();
  expect(await failure((done) => client.sftp(done))).not.toBeNull();
  // None of it hurts the session.
  expect(await failure((done) => sftp.stat('/INBOX', done))).toBeNull();
  const refused = await journalled(harness, 'refusal');
  expect(refused.map(({ detail }) => detail.what)).toEqual([
    'exec',
    'shell',
    'tcpip-forward',
    'one SFTP channel too many',
  ]);
  client.end();
});

test('odd requests get the right status: SFTP codes 2, 3 and 4', async () => {
  await using harness = await rapNight();
  const [data] = await publish(harness, 'A\r\n');
  const { client, sftp } = await loggedOn(harness);
  const path = `/INBOX/20210723/${data.name}`;
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(path, 'r', (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  const code = async (call: (done: Callback) => unknown) => (await failure(call))?.code;
  expect(await code((done) => sftp.stat('/INBOX/20210725', done))).toBe(2);
  expect(await code((done) => sftp.open('/RPF/../INBOX/x', 'r', done))).toBe(2);
  expect(await code((done) => sftp.open(path, 'r+', done))).toBe(3);
  expect(await code((done) => sftp.open(path, 'a', done))).toBe(3);
  expect(await code((done) => sftp.write(handle, Buffer.from('x'), 0, 1, 0, done))).toBe(3);
  expect(await code((done) => sftp.fsetstat(handle, { mode: 0o777 }, done))).toBe(3);
  expect(await code((done) => sftp.open('/INBOX', 'r', done))).toBe(4);
  expect(await code((done) => sftp.close(Buffer.from('none'), done))).toBe(4);
  expect(await code((done) => sftp.readlink(path, done))).toBe(4);
  let last: unknown;
  for (let n = 0; n < 260 && last === undefined; n++) last = await code((done) => sftp.open(path, 'r', done));
  expect(last).toBe(4);
  client.end();
});

test(`READDIR of ${FULL ? '10,000' : '300'} entries, page by page, none twice and none left out`, {
  timeout: 300_000,
}, async () => {
  await using harness = await rapNight();
  const packages = FULL ? 5_000 : 150;
  const names: string[] = [];
  for (let n = 0; n < packages; n += 50) {
    const some = Array.from({ length: Math.min(50, packages - n) }, (_, k) => `T${String(n + k).padStart(6, '0')}`);
    const files = await Promise.all(some.map((id) => publish(harness, 'A\r\n', { id, participant: 'COMMON' })));
    names.push(...files.flat().map(({ name }) => name));
  }
  const { client, sftp } = await loggedOn(harness);
  const listed = await new Promise<{ filename: string; longname: string; attrs: { size: number } }[]>(
    (resolve, reject) => sftp.readdir('/COMMON/20210723', (error, list) => (error ? reject(error) : resolve(list))),
  );
  const ours = listed.filter(({ filename }) => filename.startsWith('T'));
  expect(ours.map(({ filename }) => filename)).toEqual(names.toSorted());
  for (const { filename, longname, attrs } of ours.slice(0, 200)) {
    expect(longname.endsWith(` ${filename}`)).toBe(true);
    expect(longname).toContain(` ${attrs.size} `);
  }
  client.end();
});
