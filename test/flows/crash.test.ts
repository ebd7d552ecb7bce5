import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import https from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { batchFile, outcomeOf } from '../support/batch-files.ts';
import { type Batch, type Client, clientOf } from '../support/client.ts';
import { answered, batchesDone, FULL, noted } from '../support/rehearsal.ts';
import { failedUp, temporary, up } from '../support/up.ts';

const PARTICIPANTS = ['B09901', 'B09902', 'C09901'] as const;
/** Rows of several commits. */
const MANY = FULL ? 5_000 : 2_500;
const SATURDAY = ['--rehearsal', 'always-open', '--at', '2021-07-24T10:00', '--clock', 'frozen'];

const logonTo = async (url: string, ca: string, participant: string): Promise<Client> => {
  const client = clientOf({ url, ca });
  await client.logon({ participant });
  return client;
};

/** Uploads file after file until the server is gone; what was acknowledged, with the size of each. */
async function untilItDies(client: Client, participant: string, round: number, acknowledged: (count: number) => void) {
  const kept: { participant: string; reference: string; rows: number; file: Buffer }[] = [];
  for (let n = 1; ; n++) {
    // Some of one commit, some of several.
    const rows = n % 4 === 0 ? MANY : n % 5;
    const details = Array.from({ length: rows + 1 }, () => ({ counterparty: 'L09901' }));
    const file = batchFile(details, { participant, sequence: String(round * 400 + n).padStart(4, '0') });
    try {
      const answer = await client.upload(file);
      if (answer.status !== 202 && answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
      kept.push({ participant, reference: answer.json<Batch>().reference, rows: rows + 1, file });
      acknowledged(kept.length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNRESET' && code !== 'ECONNREFUSED' && code !== 'EPIPE') throw error;
      return { kept, file };
    }
  }
}

test('kill -9 in the middle of uploads: what was acknowledged is there whole, what was not is there whole or not at all', {
  timeout: 300_000,
}, async () => {
  await using data = await temporary('ccass-crash-');
  const all: Awaited<ReturnType<typeof untilItDies>>['kept'] = [];
  const rounds = FULL ? 10 : 2;
  for (let round = 1; round <= rounds; round++) {
    await using harness = await up('--data', data.path, ...(round === 1 ? SATURDAY : []));
    const { addresses, ca, recovered } = harness.info;
    if (round > 1)
      expect(recovered[0]).toMatch(
        /^the books are at \d+:\d+, active centre primary, market time 2021-07-24 10:00:00 HKT$/,
      );
    const clients = await Promise.all(PARTICIPANTS.map((participant) => logonTo(addresses.line, ca, participant)));
    // One more, that never gets to its end: its half must leave nothing.
    const half = https.request(new URL('/ccass/v1/batches', addresses.line), {
      method: 'POST',
      ca,
      agent: false,
      headers: { authorization: `Bearer ${clients[0]?.token}`, 'content-type': 'text/plain' },
    });
    half.on('error', () => undefined);
    const torn = batchFile(2_000, { sequence: String(9000 + round) });
    await new Promise<void>((resolve) => half.write(torn.subarray(0, 100_000), () => resolve()));
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    let files = 0;
    const dying = clients.map((client, n) =>
      untilItDies(client, PARTICIPANTS[n] ?? '', round, () => {
        if (++files === 6 + round * 3) resolve();
      }),
    );
    await Promise.race([enough, Promise.all(dying)]);
    await harness.end('SIGKILL');
    for (const { kept } of await Promise.all(dying)) all.push(...kept);
    for (const client of clients) client.close();
  }

  await using harness = await up('--data', data.path);
  const { addresses, ca, recovered } = harness.info;
  expect(recovered.length).toBeGreaterThan(0);
  const [start] = (await noted(harness.control, { kinds: ['start'] }, rounds + 1)).slice(-1);
  expect(start?.detail.recovered).toEqual(recovered);
  await batchesDone(harness.control);
  expect(all.length).toBeGreaterThanOrEqual(rounds * 6);
  const hashes = new Set<string>();
  for (const participant of PARTICIPANTS) {
    const client = await logonTo(addresses.line, ca, participant);
    const instructions = Map.groupBy(await client.instructions(), (row) => row.batch ?? '');
    for (const { reference, rows, file } of all.filter((one) => one.participant === participant)) {
      const { batch, report } = await outcomeOf(client, reference);
      expect(batch).toMatchObject({ status: 'processed', records: rows, done: rows, accepted: rows, refused: 0 });
      expect(report.details).toHaveLength(rows);
      expect(instructions.get(reference)?.map((row) => row.number)).toEqual(report.details.map((row) => row.number));
      const again = await client.upload(file);
      expect([again.status, again.json<Batch>().reference]).toEqual([200, reference]);
    }
    // Nothing is half there: every batch is done, every instruction belongs to one.
    const { rows: batches } = (await client.ask('/ccass/v1/batches')).json<{ rows: Batch[] }>();
    expect(batches.filter(({ status }) => status !== 'processed')).toEqual([]);
    expect([...instructions.keys()].sort()).toEqual(batches.map(({ reference }) => reference).sort());
    for (const batch of batches) {
      expect(instructions.get(batch.reference)).toHaveLength(batch.records);
      hashes.add(batch.sha256);
    }
    const { rows: reports } = (await client.ask('/ccass/v1/reports')).json<{ rows: { sha256: string }[] }>();
    for (const { sha256 } of reports) hashes.add(sha256);
    client.close();
  }
  const { centres, epoch } = answered(await harness.control.state({}));
  expect(epoch).toBe(1);
  expect(centres.primary.position).toEqual(centres.backup.position);
  const ended = await harness.end('SIGTERM');
  expect(ended).toMatchObject({ code: 0, signal: null });
  // No upload that broke off lies about.
  for (const centre of ['primary', 'backup']) {
    const blobs = await readdir(join(data.path, centre, 'blobs'));
    expect(blobs.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
    expect([...hashes].filter((sha256) => !blobs.includes(sha256))).toEqual([]);
  }
});

test('epoch, active centre, lag, registration, market time and seed survive a crash; sessions do not', async () => {
  await using data = await temporary('ccass-crash-');
  let token: string | undefined;
  {
    await using first = await up('--data', data.path, '--rehearsal', '2021-07-24', '--seed', '99');
    const { control } = first;
    answered(await control.clock({ set: '2021-07-24T17:15' }));
    answered(await control.lag({ lagMs: 30_000 }));
    answered(await control.register({ participant: 'L09901', registered: true }));
    answered(await control.failover({ to: 'primary', mode: 'cut' }));
    const client = await logonTo(first.info.addresses.line, first.info.ca, 'L09901');
    ({ token } = client);
    await client.upload(batchFile([{ account: '05' }], { participant: 'L09901' }));
    client.close();
    expect((await first.end('SIGKILL')).signal).toBe('SIGKILL');
  }
  await using second = await up('--data', data.path);
  expect(second.info.seed).toBe(99);
  const state = answered(await second.control.state({}));
  expect(state).toMatchObject({ active: 'primary', epoch: 3, lagMs: 30_000, rehearsal: '2021-07-24' });
  expect(state.market).toMatchObject({ hongKong: '2021-07-24 17:15:00 HKT', mode: 'frozen' });
  expect(answered(await second.control.registration({})).registered).toContain('L09901');
  const client = clientOf({ url: second.info.addresses.line, ca: second.info.ca });
  client.token = token;
  expect((await client.ask('/ccass/v1/profile')).json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'unknown' });
  await client.logon({ participant: 'L09901' });
  // What the lag still held back when it died is not lost: the active centre has it.
  await batchesDone(second.control);
  expect(await client.batch('U00000000001')).toMatchObject({ status: 'processed', accepted: 1 });
  client.close();
});

describe('SIGTERM', () => {
  test('drains: what is under way is answered, then it ends with 0 and leaves no lock', async () => {
    await using data = await temporary('ccass-term-');
    await using harness = await up('--data', data.path, ...SATURDAY);
    const { addresses, ca } = harness.info;
    const client = await logonTo(addresses.line, ca, 'B09901');
    const file = batchFile(3);
    const request = https.request(new URL('/ccass/v1/batches', addresses.line), {
      method: 'POST',
      ca,
      agent: false,
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'text/plain', 'content-length': file.length },
    });
    const response = once(request, 'response');
    await new Promise<void>((resolve) => request.write(file.subarray(0, 300), () => resolve()));
    await client.ask('/ccass/v1/profile');
    const ended = harness.end('SIGTERM');
    await harness.complained(/draining/);
    request.end(file.subarray(300));
    const [answer] = await response;
    answer.resume();
    expect(answer.statusCode).toBe(202);
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: expect.stringMatching(/draining/) });
    client.close();
    expect(await readdir(data.path)).not.toContain('lock');
    await using again = await up('--data', data.path);
    await batchesDone(again.control);
    const after = await logonTo(again.info.addresses.line, again.info.ca, 'B09901');
    expect(await after.batch('U00000000001')).toMatchObject({ status: 'processed', accepted: 3 });
    after.close();
  });
});

describe('a data folder that cannot be used is refused by name', () => {
  test('another process has it', async () => {
    await using data = await temporary('ccass-two-');
    await using harness = await up('--data', data.path, ...SATURDAY);
    const second = await failedUp('--data', data.path);
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(new RegExp(`${data.path}/lock: process \\d+ uses this data folder\\. Stop it`));
    expect(answered(await harness.control.state({})).active).toBe('primary');
  });

  test('the log of either centre was written by another version', async () => {
    await using data = await temporary('ccass-old-');
    expect((await (await up('--data', data.path, ...SATURDAY)).end('SIGTERM')).code).toBe(0);
    for (const centre of ['primary', 'backup']) {
      const file = join(data.path, centre, 'changes.sqlite');
      const db = new DatabaseSync(file);
      const mark = db.prepare('UPDATE meta SET value = ? WHERE name = ?');
      const before = db.prepare("SELECT value, name FROM meta WHERE name IN ('program', 'format')").all();
      mark.run('ccass-harness 9.9.9', 'program');
      mark.run('99', 'format');
      const refused = await failedUp('--data', data.path);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain(file);
      expect(refused.stderr).toContain('ccass-harness 9.9.9');
      expect(refused.stderr).toMatch(/Start it with ccass-harness 9\.9\.9, or name another data folder/);
      expect(refused.stderr).not.toMatch(/\n\s+at /);
      expect(before).toHaveLength(2);
      for (const { value, name } of before) mark.run(value ?? null, name ?? null);
      db.close();
    }
  });
});
