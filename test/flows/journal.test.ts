import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import tls from 'node:tls';
import { Ajv } from 'ajv';
import type { SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { journalEntry } from '../../src/api/journal.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { JournalEntry } from '../../src/domain/journal/journal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import type { Client } from '../support/client.ts';
import { ofKind } from '../support/of-kind.ts';
import { good, publish, rapNight } from '../support/rap-day.ts';
import { answered, batchesDone, noted, notedWhere, onTheLine } from '../support/rehearsal.ts';
import { tryRap } from '../support/ssh-client.ts';

const MONDAY = { at: instant('2021-07-26T09:30'), clock: 'frozen', seed: 7 } as const;
const ROW = {
  ...{ reference: 'A-1', side: 'deliver', stock: '5', quantity: 400, counterparty: 'B09902', account: '01' },
  ...{ payment: 'FOP', settlementDate: '2021-07-27' },
} as const;
const input = (client: Client, rows: readonly object[]) =>
  client.ask('/ccass/v1/settlement-instructions', { method: 'POST', body: { rows } });
const all = async ({ control }: Harness, after = 0) =>
  answered(await control.journal({ after, limit: 10_000 })).entries;
const isEntry = new Ajv({ strict: true, discriminator: true }).compile(journalEntry);

function expectDescribed(entries: readonly JournalEntry[]) {
  for (const entry of entries) expect([entry.kind, isEntry(entry), isEntry.errors]).toEqual([entry.kind, true, null]);
}

// Each test goes on from what the ones before it did.
describe('one request after the other', { shuffle: false }, () => {
  let harness: Harness;
  let client: Client;
  beforeAll(async () => {
    harness = await startHarness(MONDAY);
    client = onTheLine(harness);
    await client.logon();
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    await harness.stop();
  });

  test('an enquiry is one entry: what, rows, status, bytes, sent', async () => {
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    const { body } = await client.ask('/ccass/v1/stock-balances?limit=3');
    const [entry] = await noted(harness.control, { kinds: ['answer'], after: last });
    expect(await all(harness, last)).toEqual([entry]);
    expect(entry).toMatchObject({
      ...{ centre: 'primary', service: 'ccass', protocol: 'https', via: 'line', connection: 'p-https-1' },
      ...{ request: 'p-https-1.2', session: 'p-1', participant: 'B09901', user: 'MAKER01', fault: null },
      detail: { operation: 'enquire', what: 'stock-balances', rows: 3, status: 200, sent: 'all' },
    });
    expect(entry?.detail.bytes).toBeGreaterThan(body.length);
    expect(entry?.detail.ms).toBeGreaterThan(0);
  });

  test('what changes something has its entry before its answer, with the same request', async () => {
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    await input(client, [ROW, { ...ROW, reference: 'A-2', stock: '99999' }]);
    await noted(harness.control, { kinds: ['answer'], after: last });
    const [instruction, answer] = await all(harness, last);
    expect([instruction?.kind, answer?.kind]).toEqual(['instruction', 'answer']);
    expect(instruction?.request).toBe(answer?.request);
    expect(instruction?.detail).toMatchObject({
      ...{ act: 'input', channel: 'C3T', accepted: 1, refused: 1 },
      rows: [
        { number: 'D00000001', reference: 'A-1', content: expect.stringMatching(/^[0-9a-f]{16}$/) },
        { reference: 'A-2', reason: 'UNKNOWN_STOCK' },
      ],
    });
    expect(answer?.detail).toMatchObject({ operation: 'input', rows: 2 });
  });

  test('the same instruction has the same content, typed, in a batch and when it is acted on', async () => {
    await client.upload(
      batchFile([{ counterparty: 'B09902', settlementDate: '2021-07-27', quantity: 800 }], {
        ...{ participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' },
      }),
    );
    await batchesDone(harness.control);
    const [batch] = await noted(harness.control, { kinds: ['batch'] });
    const [fromBatch] = (await client.instructions()).filter(({ quantity }) => quantity === 800);
    if (!fromBatch) throw new Error('the batch brought nothing');
    const { side, stock, quantity, counterparty, account, payment, currency, amount, settlementDate, hold } = fromBatch;
    const money = payment === 'FOP' ? {} : { currency, amount };
    const same = { side, stock, quantity, counterparty, account, payment, settlementDate, hold, ...money };
    await input(client, [{ ...same, reference: 'TYPED' }]);
    await client.ask('/ccass/v1/settlement-instructions/delete', {
      ...{ method: 'POST', body: { numbers: [fromBatch.number, 'D99999999'] } },
    });
    const instructions = await noted(harness.control, { kinds: ['instruction'], session: 'p-1' }, 3);
    const [, typed, deleted] = instructions.map(({ detail }) => detail);
    expect(typed?.rows[0]?.content).toBe(batch?.detail.content);
    expect(deleted).toMatchObject({
      ...{ act: 'delete', accepted: 1, refused: 1 },
      rows: [{ number: fromBatch.number, content: batch?.detail.content }, { number: 'D99999999' }],
    });
  });

  test('a browser that asks by itself, and pages, leave nothing; an unknown route does', async () => {
    await notedWhere(
      harness.control,
      { kinds: ['answer'] },
      ({ detail }) => detail.what === 'settlement-instructions/delete',
    );
    const { last } = answered(await harness.control.journal({ limit: 1 }));
    for (const path of [
      '/',
      '/favicon.ico',
      '/apple-touch-icon.png',
      '/centre',
      '/ccass/v1/openapi.json',
      '/ccass/v1/docs',
    ]) {
      await client.ask(path);
    }
    await client.ask('/ccass/v1/nothing');
    const [answer] = await noted(harness.control, { kinds: ['answer'], after: last });
    const what = 'GET /ccass/v1/nothing';
    expect((await all(harness, last)).map(({ kind, detail }) => [kind, 'what' in detail && detail.what])).toEqual([
      ['refusal', what],
      ['answer', what],
    ]);
    expect(answer?.detail).toMatchObject({ operation: 'unknown', status: 404, code: 'NOT_FOUND' });
  });

  test('a client that goes before its answer: sent none, and the connection was reset', async () => {
    const { port, hostname } = new URL(harness.addresses.line);
    const raw = connect(Number(port), hostname);
    const socket = tls.connect({ socket: raw, ca: harness.ca, maxVersion: 'TLSv1.2', servername: 'localhost' });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const from = raw.localPort;
    socket.write(
      'POST /ccass/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\nExpect: 100-continue\r\n\r\n',
    );
    // The head is here: the server asks for the rest.
    await new Promise((resolve) => socket.once('data', resolve));
    raw.resetAndDestroy();
    const closed = await notedWhere(harness.control, { kinds: ['closed'] }, ({ detail }) => detail.port === from);
    expect(closed.detail).toMatchObject({ how: 'reset', requests: 1 });
    expect(closed.detail.bytesIn).toBeGreaterThan(200);
    expect(closed.detail.bytesOut).toBeGreaterThan(1_000);
    const { connection } = closed;
    const entries = answered(await harness.control.journal({ connection: connection ?? '' })).entries;
    expect(ofKind(entries, 'secured')[0]?.detail).toMatchObject({
      version: 'TLSv1.2',
      resumed: false,
      sni: 'localhost',
    });
    const [answer] = ofKind(entries, 'answer');
    expect(answer).toMatchObject({ request: `${connection}.1`, detail: { operation: 'logon', sent: 'none' } });
    expect(answer?.detail).not.toHaveProperty('status');
  });

  test('a socket that never speaks has one entry, with its address and when it was opened', async () => {
    const { port, hostname } = new URL(harness.addresses.line);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    const from = socket.localPort;
    socket.end();
    const closed = await notedWhere(harness.control, { kinds: ['closed'] }, ({ detail }) => detail.port === from);
    expect(closed).toMatchObject({
      ...{ via: 'line', participant: null },
      detail: { how: 'closed', requests: 0, bytesIn: 0, bytesOut: 0, address: '127.0.0.1' },
    });
    expect(closed.detail.openedWallMs).toBeLessThanOrEqual(closed.wallMs);
    expect(answered(await harness.control.journal({ connection: closed.connection ?? '' })).entries).toEqual([closed]);
  });

  test('JA4 is computed from the kept ClientHello for those who ask', async () => {
    const [plain] = answered(await harness.control.journal({ kinds: 'secured', limit: 1 })).entries;
    const [asked] = answered(await harness.control.journal({ kinds: 'secured', limit: 1, ja4: true })).entries;
    if (plain?.kind !== 'secured' || asked?.kind !== 'secured') throw new Error('no TLS connection');
    expect(plain.detail).not.toHaveProperty('ja4');
    // By the specification: TLS over TCP, highest version, SNI, numbers of ciphers and extensions, ALPN; then the sorted ciphers.
    const hello = Buffer.from(plain.detail.hello ?? '', 'base64');
    const ciphersAt = 44 + (hello[43] ?? 0);
    const ciphers = Array.from({ length: hello.readUInt16BE(ciphersAt) / 2 }, (_, n) =>
      hello.toString('hex', ciphersAt + 2 + 2 * n, ciphersAt + 4 + 2 * n),
    );
    const digest = createHash('sha256').update(ciphers.toSorted().join(',')).digest('hex').slice(0, 12);
    const count = String(ciphers.length).padStart(2, '0');
    expect(asked.detail.ja4).toMatch(new RegExp(`^t1[23][di]${count}\\d\\d(h1|00)_${digest}_[0-9a-f]{12}$`));
  });

  test('every entry of all this is as the schema says', async () => {
    expectDescribed(await all(harness));
  });
});

test('a cut: sessions end, each thing lost has its owner, the new centre admits', async () => {
  await using harness = await startHarness({ ...MONDAY, lagMs: 600_000 });
  using client = onTheLine(harness);
  await client.logon();
  await input(client, [ROW]);
  await client.upload(batchFile(3, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' }));
  await batchesDone(harness.control);
  answered(await harness.control.failover({ to: 'backup', mode: 'cut' }));

  const mine = answered(await harness.control.journal({ participant: 'B09901', kinds: 'loss,session-ended' })).entries;
  expect(ofKind(mine, 'loss').map(({ centre, detail }) => [centre, detail.what, detail.id])).toEqual([
    ['primary', 'instruction', 'D00000001'],
    ['primary', 'batch', 'U00000000001'],
    ...[2, 3, 4].map((n) => ['primary', 'instruction', `D0000000${n}`]),
    ['primary', 'report', expect.stringMatching(/^R/)],
    ['primary', 'report', expect.stringMatching(/^R/)],
  ]);
  expect(ofKind(mine, 'session-ended')).toMatchObject([{ session: 'p-1', detail: { why: 'switch' } }]);
  const order: string[] = (await all(harness)).map(({ kind, detail }) =>
    'run' in detail && detail.run === 'made again' ? 'again' : kind,
  );
  const of = (kind: string) => order.indexOf(kind);
  expect([of('switch'), of('loss'), of('again'), of('session-ended'), of('admits')]).toEqual(
    [of('switch'), of('loss'), of('again'), of('session-ended'), of('admits')].toSorted((a, b) => a - b),
  );
  const [switched] = await noted(harness.control, { kinds: ['switch'] });
  expect(switched?.detail.lost).toMatchObject({ batches: 1, instructions: 4, transfers: 0, reports: 2 });
  expect(await client.ask('/ccass/v1/profile').then(({ status }) => status)).toBe(401);
  const [refusal] = await noted(harness.control, { kinds: ['refusal'], centre: 'backup' });
  expect(refusal?.detail).toMatchObject({ code: 'SESSION_ENDED', why: 'switch', operation: 'enquire' });
  expectDescribed(await all(harness));
});

test('a batch that another centre finishes has the content of the whole file', async () => {
  const file = batchFile(9_000, { participant: 'B09901', businessDate: '2021-07-26', sequence: '0001' });
  const contents: (string | undefined)[] = [];
  for (const isSwitched of [false, true]) {
    await using harness = await startHarness(MONDAY);
    using client = onTheLine(harness);
    await client.logon();
    await client.upload(file);
    if (isSwitched) answered(await harness.control.failover({ to: 'backup' }));
    await batchesDone(harness.control);
    const [batch] = await noted(harness.control, { kinds: ['batch'] });
    contents.push(batch?.detail.content);
  }
  expect(contents[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(contents[1]).toBe(contents[0]);
});

test('windows open and close; a harness that starts in one says so', async () => {
  await using early = await startHarness({ rehearsal: '2021-07-24' });
  answered(await early.control.clock({ set: '2021-07-24T18:30' }));
  const windows = await noted(early.control, { kinds: ['window'] }, 2);
  expect(windows).toMatchObject([
    {
      at: instant('2021-07-24T16:30'),
      centre: 'backup',
      detail: { id: 'session-1', event: 'opened', release: 'upgraded' },
    },
    { at: instant('2021-07-24T18:30'), centre: 'backup', detail: { id: 'session-1', event: 'closed' } },
  ]);
  await using late = await startHarness({ rehearsal: '2021-07-24', at: instant('2021-07-24T17:00'), clock: 'frozen' });
  const [window] = await noted(late.control, { kinds: ['window'] });
  expect(window?.detail).toMatchObject({
    id: 'session-1',
    event: 'opened',
    name: { zh: expect.stringMatching(/時段/) },
  });
});

test('RAP over SFTP: what was agreed on, what was opened and how the connection ended', async () => {
  await using harness = await rapNight();
  const [data] = await publish(harness, 'A,B\r\n1,2\r\n');
  const { client } = await tryRap(harness, { stay: true });
  if (!client) throw new Error('not logged on');
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, channel) => (error ? reject(error) : resolve(channel))),
  );
  const path = `/INBOX/20210723/${data.name}`;
  await new Promise<void>((resolve, reject) =>
    sftp.open(path, 'r', (error, handle) => (error ? reject(error) : sftp.close(handle, () => resolve()))),
  );
  await new Promise((resolve) => sftp.open('/INBOX/20210723/none.zip', 'r', resolve));
  client.end();
  const [closed] = await noted(harness.control, { kinds: ['closed'], protocol: 'sftp' });
  const { connection } = closed ?? {};
  const entries = answered(await harness.control.journal({ connection: connection ?? '' })).entries;
  expectDescribed(entries);
  const [opened] = ofKind(entries, 'ssh-opened');
  expect(opened?.detail).toMatchObject({
    software: expect.stringContaining('ssh2'),
    agreed: { mac: expect.any(String) },
  });
  expect(good(await harness.control.rapKeys({})).keys.length).toBeGreaterThan(0);
  expect(opened?.detail.hostKeyShown).toMatch(/^SHA256:\S{43}$/);
  expect(ofKind(entries, 'open')[0]?.detail).toMatchObject({ path, part: 'D', control: 'there' });
  expect(ofKind(entries, 'download')[0]?.detail).toMatchObject({
    path,
    bytes: 0,
    whole: false,
    ended: 'closed-by-client',
  });
  const answers = ofKind(entries, 'answer').map(({ request, detail }) => [request, detail.what, detail.code]);
  const [first, second] = answers;
  expect(first).toEqual([ofKind(entries, 'open')[0]?.request, 'OPEN', undefined]);
  expect(second).toEqual([ofKind(entries, 'refusal')[0]?.request, 'OPEN', 'NOT_FOUND']);
  expect(closed).toMatchObject({
    participant: 'B09901',
    detail: { how: 'closed', software: expect.stringContaining('ssh2') },
  });
  expect(closed?.detail.bytesOut).toBeGreaterThan(500);
});
