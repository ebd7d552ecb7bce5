import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { batchFile } from '../support/batch-files.ts';
import { exclusiveAddress } from '../support/exclusive-address.ts';
import { answered, batchesDone, noted, onTheLine } from '../support/rehearsal.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'ccass-data-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** How a connection to an address ends: `open`, or the error's code. */
async function tryConnect(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return 'open';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

describe('startHarness', () => {
  test('opens seven listeners on free ports, and its demo user can log on', async () => {
    await using harness = await startHarness();
    const { addresses, demo } = harness;
    expect(new Set(Object.values(addresses).map((url) => new URL(url).port)).size).toBe(7);
    using client = onTheLine(harness);
    expect(await client.logon(demo)).toMatchObject({
      participant: demo.participant,
      centre: 'primary',
      release: 'production',
    });
    expect(harness.recovered).toEqual([]);
    expect(harness.caPath).toBeNull();
    expect(await (await fetch(`${addresses.admin}/v1/state`)).json()).toMatchObject({
      line: addresses.line,
      seed: harness.seed,
    });
  });

  test('runs many at once, each with its own market', async () => {
    const harnesses = await Promise.all([1, 2, 3].map((seed) => startHarness({ seed, rehearsal: '2021-07-24' })));
    try {
      const urls = harnesses.flatMap(({ addresses }) => Object.values(addresses));
      expect(new Set(urls).size).toBe(21);
      answered(await harnesses[1]?.control.clock({ set: '2021-07-24T16:30' }));
      const states = await Promise.all(harnesses.map(async ({ control }) => answered(await control.state({}))));
      expect(states.map(({ active, seed }) => [active, seed])).toEqual([
        ['primary', 1],
        ['backup', 2],
        ['primary', 3],
      ]);
      // One CA for the whole process.
      expect(new Set(harnesses.map(({ ca }) => ca)).size).toBe(1);
    } finally {
      await Promise.all(harnesses.map((harness) => harness.stop()));
    }
  });

  test('stop closes every listener, whatever is connected, and can be called twice', async () => {
    const host = exclusiveAddress(1);
    const harness = await startHarness({ host });
    const socket = connectTls({
      port: Number(new URL(harness.addresses.line).port),
      host,
      ca: harness.ca,
      servername: 'localhost',
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const following = harness.control
      .follow({ after: Number.MAX_SAFE_INTEGER }, new AbortController().signal)
      [Symbol.asyncIterator]();
    const ended = following.next();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([harness.stop(), harness.stop()]);
    await closed;
    expect((await ended).done).toBe(true);
    const results = await Promise.all(Object.values(harness.addresses).map(tryConnect));
    expect(results).toEqual(Array.from({ length: 7 }, () => 'ECONNREFUSED'));
  });

  test('leaves nothing open: a process that starts, uses and stops a harness exits', async () => {
    const script = `
      import { startHarness } from ${JSON.stringify(new URL('../../src/harness/harness.ts', import.meta.url).href)};
      await using harness = await startHarness({ rehearsal: 'always-open', clock: 'running', rate: 1000 });
      await harness.control.failover({ to: 'backup' });
      await fetch(harness.addresses.admin + '/v1/state');
      console.log('done');`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 50_000 });
    expect((await run).stdout).toBe('done\n');
  });

  test('a port in use: the error names it, and nothing stays open or locked', async () => {
    await using data = await folder();
    const host = exclusiveAddress(2);
    const taken = createServer().listen(0, host);
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    for (const name of ['line', 'primary', 'backup', 'admin'] as const) {
      const ports = { line: 0, primary: 0, backup: 0, admin: 0, [name]: port };
      await expect(startHarness({ host, ports, data: data.path })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    }
    taken.close();
    await using harness = await startHarness({
      data: data.path,
      host,
      ports: { line: port, primary: 0, backup: 0, admin: 0 },
    });
    expect(harness.addresses.line).toBe(`https://${host}:${port}`);
  });

  test('invalid fixtures are reported before any listener opens', async () => {
    await expect(startHarness({ rehearsal: '2021-07-25' })).rejects.toThrow(/2021-07-24/);
    await using market = await folder();
    await mkdir(join(market.path, 'empty'));
    await expect(startHarness({ market: join(market.path, 'empty') })).rejects.toThrow(/empty: got no JSON file/);
  });

  test('market time, mode, rate, lag and names are those of the options', async () => {
    const at = instant('2021-08-13T10:00');
    await using harness = await startHarness({
      at,
      clock: 'frozen',
      lagMs: 5000,
      seed: 42,
      san: ['ccass.example.test'],
    });
    const state = answered(await harness.control.state({}));
    expect(state).toMatchObject({
      market: { at, mode: 'frozen', rate: 1 },
      lagMs: 5000,
      seed: 42,
      rehearsal: 'always-open',
    });
    const { port } = new URL(harness.addresses.line);
    const socket = connectTls({
      port: Number(port),
      host: '127.0.0.1',
      ca: harness.ca,
      servername: 'ccass.example.test',
    });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  test('limits are those of the options', async () => {
    await using harness = await startHarness({ limits: { connectionsPerAddress: 2 } });
    const port = Number(new URL(harness.addresses.primary).port);
    const first = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(first.map((socket) => once(socket, 'connect')));
    const third = connect(port, '127.0.0.1');
    const end = await once(third, 'error').catch((error: unknown) => error);
    expect(end).toMatchObject([{ code: 'ECONNRESET' }]);
    const [entry] = await noted(harness.control, { kinds: ['tls-refused'] });
    expect(entry).toMatchObject({ centre: 'primary', via: 'direct', detail: { code: 'TOO_MANY_CONNECTIONS' } });
    for (const socket of first) socket.destroy();
  });
});

describe('--data', () => {
  test('books, blobs, epoch, active centre, market time, registration, lag, seed and journal survive; sessions do not', async () => {
    await using data = await folder();
    const options = { data: data.path, rehearsal: '2021-07-24' };
    let before: Record<string, unknown>;
    let token: string | undefined;
    let report: Buffer;
    {
      await using harness = await startHarness({ ...options, seed: 7 });
      const { control } = harness;
      answered(await control.clock({ set: '2021-07-24T17:00' }));
      answered(await control.register({ participant: 'L09901', registered: true }));
      answered(await control.register({ participant: 'C09901', registered: false }));
      answered(await control.lag({ lagMs: 90_000 }));
      using client = onTheLine(harness);
      await client.logon();
      await client.upload(batchFile(5));
      await batchesDone(control);
      token = client.token;
      report = (await client.ask('/ccass/v1/reports/R00000047')).body;
      before = { ...answered(await control.state({})) };
      expect(harness.caPath).toBe(join(data.path, 'certs', 'ca.pem'));
      const key = await stat(join(data.path, 'certs', 'primary-key.pem'));
      expect(key.mode & 0o777).toBe(0o600);
    }
    await using harness = await startHarness(options);
    const after = answered(await harness.control.state({}));
    expect(after).toMatchObject({
      seed: 7,
      active: 'backup',
      epoch: before.epoch,
      market: before.market,
      lagMs: 90_000,
    });
    expect(after.centres.backup.instructions).toBe(5);
    expect(after.centres.backup.position).toEqual(after.centres.primary.position);
    const { registered } = answered(await harness.control.registration({}));
    expect(registered).toEqual(['B09901', 'B09902', 'B09903', 'L09901']);
    expect(harness.recovered.join('\n')).toMatch(
      /the books are at 2:\d+, active centre backup, market time 2021-07-24 17:00:00 HKT/,
    );
    using client = onTheLine(harness);
    client.token = token;
    expect((await client.ask('/ccass/v1/profile')).json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'unknown' });
    await client.logon();
    expect(await client.instructions()).toHaveLength(5);
    expect((await client.ask('/ccass/v1/reports/R00000047')).body.equals(report)).toBe(true);
    expect((await client.upload(batchFile(5))).status).toBe(200);
    const starts = await noted(harness.control, { kinds: ['start'] }, 2);
    expect(starts[1]?.detail.recovered).toEqual(harness.recovered);
    expect(starts[1]?.seq).toBeGreaterThan(starts[0]?.seq ?? 0);
  });

  test('one harness per folder: the error of the second names the process that uses it', async () => {
    await using data = await folder();
    await using first = await startHarness({ data: data.path });
    await expect(startHarness({ data: data.path })).rejects.toThrow(
      new RegExp(`process ${process.pid} uses this data folder`),
    );
    expect(await tryConnect(first.addresses.line)).toBe('open');
  });

  test('the lock of a dead process is ignored', async () => {
    await using data = await folder();
    const gone = execFile(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    await writeFile(join(data.path, 'lock'), String(gone.pid));
    await using harness = await startHarness({ data: data.path });
    expect(await readFile(join(data.path, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid}\\b`));
    expect(harness.recovered).toEqual([]);
  });

  test('a folder keeps its rehearsal, and a start with another is refused', async () => {
    await using data = await folder();
    await (await startHarness({ data: data.path, rehearsal: '2021-07-31' })).stop();
    await expect(startHarness({ data: data.path, rehearsal: '2021-07-24' })).rejects.toThrow(
      /created with the rehearsal 2021-07-31/,
    );
    await using harness = await startHarness({ data: data.path });
    expect(answered(await harness.control.state({})).rehearsal).toBe('2021-07-31');
  });

  test('a restart does the scheduled runs that came due in between', async () => {
    await using data = await folder();
    const options = { data: data.path, rehearsal: 'always-open', clock: 'frozen' } as const;
    const reports = async (control: Awaited<ReturnType<typeof startHarness>>['control']) => {
      const { reports: all } = answered(await control.reports({ participant: 'B09901' }));
      return all.filter(({ id }) => id === 'ZSBAL01').map(({ businessDate }) => businessDate);
    };
    const first = await startHarness({ ...options, at: instant('2021-08-03T12:00') });
    expect(new Set(await reports(first.control))).toEqual(new Set(['2021-08-02']));
    await first.stop();
    const file = join(data.path, 'harness.json');
    const remembered = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...remembered, at: instant('2021-08-05T12:00'), sha256: undefined }));
    await using second = await startHarness(options);
    expect([...new Set(await reports(second.control))].sort()).toEqual(['2021-08-02', '2021-08-03', '2021-08-04']);
  });
});
