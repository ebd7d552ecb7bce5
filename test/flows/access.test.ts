import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';
import { type Answer, type Credentials, clientOf, PASSWORD, WINDOWS_10 } from '../support/client.ts';
import { customMarket } from '../support/custom-market.ts';
import { answered, FULL, inSession1, noted, onTheLine } from '../support/rehearsal.ts';

const WINDOWS_7 = 'Mozilla/5.0 (Windows NT 6.1; Win64; x64)';
const MINUTE_MS = 60_000;
const STRANGERS = FULL ? 1_000 : 100;

const told = (answer: Answer): readonly [number, string] => [answer.status, answer.json().code];

/** A market folder in which MAKER01 of B09901 set his password so long ago. */
async function marketWith(passwordSetAt: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-market-'));
  await cp(new URL('../../fixtures/market', import.meta.url), folder, { recursive: true });
  const file = join(folder, 'users.json');
  const users = JSON.parse(await readFile(file, 'utf8')) as { users: Record<string, unknown>[] };
  users.users = users.users.map((user) => (user.id === 'MAKER01' ? { ...user, passwordSetAt } : user));
  await writeFile(file, JSON.stringify(users));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('log-on: each refusal in its order, with all the later ones waiting behind it', async () => {
  // The password of every maker expires at 16:35, five minutes into session 1.
  await using market = await marketWith('2021-04-25T16:35');
  await using harness = await startHarness({ rehearsal: '2021-07-24', market: market.folder });
  const { control, addresses, ca } = harness;
  using line = onTheLine(harness);
  using primary = clientOf({ url: addresses.primary, ca });
  const logon = async (credentials: Credentials, agent: string) =>
    told(await line.tryLogon(credentials, { 'user-agent': agent }));
  const worst: Credentials = { participant: 'L09901', password: 'wrong' };

  expect(await logon(worst, WINDOWS_7)).toEqual([423, 'NOT_OPEN']);
  expect(told(await primary.tryLogon(worst, { 'user-agent': WINDOWS_7 }))).toEqual([423, 'NOT_OPEN']);
  answered(await control.clock({ set: '2021-07-24T16:30' }));
  expect(told(await primary.tryLogon(worst, { 'user-agent': WINDOWS_7 }))).toEqual([503, 'CENTRE_STANDBY']);
  expect(await logon(worst, WINDOWS_7)).toEqual([403, 'NOT_REGISTERED']);
  answered(await control.register({ participant: 'L09901', registered: true }));
  expect(await logon(worst, WINDOWS_7)).toEqual([403, 'TERMINAL_UNSUPPORTED']);

  // A session that will hold, and a password that will expire; only then the lock.
  await line.logon({ participant: 'L09901' });
  answered(await control.clock({ set: '2021-07-24T16:36' }));
  expect((await line.ask('/ccass/v1/profile')).status).toBe(200);
  for (let wrong = 1; wrong <= 3; wrong++) expect(await logon(worst, WINDOWS_10)).toEqual([401, 'BAD_CREDENTIALS']);
  expect(await logon(worst, WINDOWS_10)).toEqual([423, 'USER_LOCKED']);
  const right: Credentials = { participant: 'L09901' };
  expect(await logon(right, WINDOWS_10)).toEqual([423, 'USER_LOCKED']);
  for (let minutes = 0; minutes < 30; minutes += 10) {
    answered(await control.clock({ advanceMs: 10 * MINUTE_MS }));
    expect((await line.ask('/ccass/v1/profile')).status).toBe(200);
  }
  expect(await logon(right, WINDOWS_10)).toEqual([403, 'PASSWORD_EXPIRED']);
  expect(await logon({ ...right, newPassword: 'short1' }, WINDOWS_10)).toEqual([422, 'BAD_NEW_PASSWORD']);
  expect(await logon({ ...right, newPassword: 'Rehearsal-2022' }, WINDOWS_10)).toEqual([409, 'SESSION_EXISTS']);
  const taken = await line.tryLogon({ ...right, newPassword: 'Rehearsal-2022', takeOver: true });
  expect(taken.status).toBe(201);
  expect(taken.json<{ passwordExpires: string }>().passwordExpires).toBe('2021-10-22');

  const refusals = await noted(control, { kinds: ['refusal'] }, 13);
  expect(refusals.map(({ detail }) => detail.operation)).toEqual(refusals.map(() => 'logon'));
  expect(refusals.every(({ connection }) => /^[pb]-https-\d+$/.test(connection ?? ''))).toBe(true);
});

const VERBS: readonly (readonly [method: string, path: string])[] = [
  ['DELETE', '/ccass/v1/session'],
  ['GET', '/ccass/v1/profile'],
  ['GET', '/ccass/v1/stock-balances?limit=none'],
  ['GET', '/ccass/v1/settlement-instructions?colour=blue'],
  ['GET', '/ccass/v1/settlement-instructions/D00000001'],
  ['GET', '/ccass/v1/broadcasts'],
  ['POST', '/ccass/v1/batches'],
  ['GET', '/ccass/v1/batches'],
  ['GET', '/ccass/v1/batches/U00000000001'],
  ['GET', '/ccass/v1/reports'],
  ['GET', '/ccass/v1/reports/R00000001'],
  ['HEAD', '/ccass/v1/reports/R00000001'],
];

test('a log-on is decided when its body is read: what is no log-on is that, closed or on standby (BAD_REQUEST)', async () => {
  await using harness = await startHarness({ rehearsal: '2021-07-24' });
  using line = onTheLine(harness);
  using backup = clientOf({ url: harness.addresses.backup, ca: harness.ca });
  const json = { 'content-type': 'application/json' };
  for (const client of [line, backup]) {
    const post = async (body: string | object, headers = {}) =>
      told(await client.ask('/ccass/v1/session', { method: 'POST', body, headers }));
    expect(await post('{', json)).toEqual([400, 'BAD_REQUEST']);
    expect(await post({ participant: 'B09901' })).toEqual([400, 'BAD_REQUEST']);
    expect(await post('x', { 'content-type': 'image/png' })).toEqual([415, 'UNSUPPORTED_MEDIA']);
    expect(await post(`"${'x'.repeat(65_536)}"`, json)).toEqual([413, 'TOO_LARGE']);
    expect(told(await client.tryLogon())).toEqual([423, 'NOT_OPEN']);
  }
});

describe('every verb asks in the same order: open, active, session, and only then what was sent', () => {
  test('all of them', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { control, addresses, ca } = harness;
    using line = onTheLine(harness);
    using primary = clientOf({ url: addresses.primary, ca });
    // Nothing in these requests is right: no session, a shape or content type that the verb does not take.
    const all = (client: typeof line) =>
      Promise.all(
        VERBS.map(async ([method, path]) => {
          const body = method === 'POST' ? { headers: { 'content-type': 'image/png' }, body: 'no batch' } : {};
          const answer = await client.ask(path, { method, ...body });
          if (method === 'HEAD') return answer.status;
          expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
          return answer.json().code;
        }),
      );
    const every = (status: number, code: string) => VERBS.map(([method]) => (method === 'HEAD' ? status : code));

    expect(await all(line)).toEqual(every(423, 'NOT_OPEN'));
    expect(await all(primary)).toEqual(every(423, 'NOT_OPEN'));
    answered(await control.clock({ set: '2021-07-24T16:30' }));
    expect(await all(primary)).toEqual(every(503, 'CENTRE_STANDBY'));
    expect(await all(line)).toEqual(every(401, 'NO_SESSION'));
    line.token = 'never-given-out';
    expect(await all(line)).toEqual(every(401, 'NO_SESSION'));
    line.token = `backup.${'A'.repeat(43)}`;
    expect(await all(line)).toEqual(every(401, 'SESSION_ENDED'));
    await line.logon();
    expect((await line.ask('/ccass/v1/stock-balances?limit=none')).json().code).toBe('BAD_REQUEST');
    expect((await line.ask('/ccass/v1/settlement-instructions?colour=blue')).json().code).toBe('BAD_REQUEST');
    expect((await line.upload('x', { 'content-type': 'image/png' })).json().code).toBe('UNSUPPORTED_MEDIA');
  });

  test('what is closed says when it opens, in market time (NOT_OPEN)', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    using line = onTheLine(harness);
    const answer = await line.tryLogon();
    expect(answer.headers['retry-after']).toBe('300');
    expect(answer.json()).toMatchObject({ status: 423, code: 'NOT_OPEN', retryAt: '2021-07-24T16:30:00+08:00' });
    expect(answer.json().detail).toMatch(/backup.*2021-07-24 16:30 HKT/);
  });

  test('a centre on standby names the line and lets the connection go', async () => {
    await using harness = await inSession1();
    using primary = clientOf({ url: harness.addresses.primary, ca: harness.ca });
    const answer = await primary.tryLogon();
    expect(answer.json().detail).toContain(harness.addresses.line);
    expect(answer.headers.connection).toBe('close');
    expect(answer.headers['x-data-centre']).toBe('primary');
    expect(answer.certificate).toMatch(/^primary/);
  });
});

test('an unknown user and a wrong password are answered the same, whichever part is wrong (BAD_CREDENTIALS)', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  const tries: Credentials[] = [{ password: 'wrong' }, { user: 'NOBODY01' }, { user: 'CHECK01', password: 'x' }];
  const answers = await Promise.all(tries.map((credentials) => client.tryLogon(credentials)));
  const bodies = answers.map(({ body }) => body.toString());
  expect(answers.map(told)).toEqual(tries.map(() => [401, 'BAD_CREDENTIALS']));
  expect(new Set(bodies).size).toBe(1);
  expect(
    new Set(answers.map(({ headers }) => JSON.stringify({ ...headers, connection: '', 'keep-alive': '' }))).size,
  ).toBe(1);
});

test(`${STRANGERS} log-ons of unknown users (BAD_CREDENTIALS) leave the log as long as it was, at both centres`, async () => {
  const data = await mkdtemp(join(tmpdir(), 'ccass-strangers-'));
  try {
    await using harness = await inSession1({ data });
    using client = onTheLine(harness);
    const positions = async () => {
      const { centres } = answered(await harness.control.state({}));
      return [centres.primary.position, centres.backup.position];
    };
    const before = await positions();
    for (let tried = 0; tried < STRANGERS; tried += 20) {
      const users = Array.from({ length: 20 }, (_, n) => `X${tried + n}`);
      const answers = await Promise.all(users.map((user) => client.tryLogon({ user })));
      expect(answers.map(told)).toEqual(users.map(() => [401, 'BAD_CREDENTIALS']));
    }
    expect(await positions()).toEqual(before);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

describe('wrong passwords', () => {
  test('the third locks the user, for lockMinutes of market time, and a right one before it wipes the slate (USER_LOCKED)', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    const wrong = async () =>
      expect(told(await client.tryLogon({ password: 'wrong' }))).toEqual([401, 'BAD_CREDENTIALS']);
    await wrong();
    await wrong();
    await client.logon();
    await client.ask('/ccass/v1/session', { method: 'DELETE' });
    for (let times = 0; times < 3; times++) await wrong();
    const locked = await client.tryLogon();
    expect(told(locked)).toEqual([423, 'USER_LOCKED']);
    expect(locked.json().retryAt).toBe('2021-07-24T17:00:00+08:00');
    expect(locked.headers['retry-after']).toBe('1800');
    answered(await harness.control.clock({ advanceMs: 30 * MINUTE_MS - 1 }));
    expect(told(await client.tryLogon())).toEqual([423, 'USER_LOCKED']);
    answered(await harness.control.clock({ advanceMs: 1 }));
    await client.logon();
    // Another user of the participant was never locked.
    await client.logon({ user: 'CHECK01' });
  });

  test('a locked user gets the same answer whatever the password, and nothing more is counted (USER_LOCKED)', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    await client.ask('/ccass/v1/session', { method: 'DELETE' });
    for (let times = 0; times < 3; times++) await client.tryLogon({ password: 'wrong' });
    const before = answered(await harness.control.state({})).centres.backup.position;
    const answers: Answer[] = [];
    for (const password of [PASSWORD, 'wrong', 'wrong again', PASSWORD])
      answers.push(await client.tryLogon({ password, newPassword: 'short1', takeOver: true }));
    expect(answers.map(told)).toEqual(Array(4).fill([423, 'USER_LOCKED']));
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
    expect(answered(await harness.control.state({})).centres.backup.position).toEqual(before);
    const [first] = (await noted(harness.control, { kinds: ['refusal'] }, 7)).slice(-4);
    expect(first).toMatchObject({ user: 'MAKER01', detail: { code: 'USER_LOCKED' } });
  });

  test('the lock is known at the other centre after a switch (USER_LOCKED)', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    for (let times = 0; times < 3; times++) await client.tryLogon({ password: 'wrong' });
    answered(await harness.control.failover({ to: 'primary' }));
    expect(told(await client.tryLogon())).toEqual([423, 'USER_LOCKED']);
  });

  test.each([
    ['who has logged on before', true],
    ['who never has', false],
  ])('many guesses at once are no way round the lock of a user %s (USER_LOCKED)', async (_, before) => {
    // In clear it is hashed anew, so that no log-on of another test was with the same hash.
    await using market = await customMarket({
      'users.json': (file) => ({
        ...file,
        users: (file.users as { participant: string; id: string }[]).map((user) =>
          `${user.participant} ${user.id}` === 'B09901 MAKER01'
            ? { ...user, passwordHash: undefined, password: PASSWORD }
            : user,
        ),
      }),
    });
    await using harness = await inSession1({ market: market.folder });
    using client = onTheLine(harness);
    if (before) {
      await client.logon();
      await client.ask('/ccass/v1/session', { method: 'DELETE' });
    }
    const guesses = Array.from({ length: 12 }, (_, n) =>
      client.tryLogon({ password: n === 11 ? PASSWORD : `guess ${n}` }),
    );
    const codes = (await Promise.all(guesses)).map((answer) => answer.json().code);
    // From the third failure on a right guess looks like a wrong one.
    expect(codes.filter((code) => code === 'BAD_CREDENTIALS')).toHaveLength(3);
    expect(codes.filter((code) => code === 'USER_LOCKED')).toHaveLength(9);
    expect(codes[11]).toBe('USER_LOCKED');
  });
});

test('fifteen minutes of market time without a request end a session; a second less does not (SESSION_ENDED)', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  const { idleMinutes } = await client.logon();
  expect(idleMinutes).toBe(15);
  const profile = () => client.ask('/ccass/v1/profile');
  for (let times = 0; times < 2; times++) {
    answered(await harness.control.clock({ advanceMs: 15 * MINUTE_MS - 1000 }));
    expect((await profile()).status).toBe(200);
  }
  answered(await harness.control.clock({ advanceMs: 15 * MINUTE_MS }));
  const ended = await profile();
  expect(ended.status).toBe(401);
  expect(ended.json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'idle' });
  expect(ended.json().detail).toMatch(/idle for too long.*Log on again/);
  const [entry] = await noted(harness.control, { kinds: ['session-ended'] });
  expect(entry).toMatchObject({ participant: 'B09901', user: 'MAKER01', centre: 'backup', detail: { why: 'idle' } });
  // It holds no place: no take-over is asked for.
  await client.logon();
});

test('a password expires, newPassword is the way out, and the old one is worth nothing then (PASSWORD_EXPIRED, BAD_NEW_PASSWORD)', async () => {
  await using market = await marketWith('2021-04-25T16:30');
  await using harness = await inSession1({ market: market.folder });
  using client = onTheLine(harness);
  const expired = await client.tryLogon();
  expect(told(expired)).toEqual([403, 'PASSWORD_EXPIRED']);
  expect(expired.json().detail).toMatch(/2021-07-24 16:30 HKT.*newPassword/);
  for (const newPassword of [PASSWORD, 'short-1', 'no digit here', '1234567890', `1${'x'.repeat(64)}`]) {
    expect(told(await client.tryLogon({ newPassword }))).toEqual([422, 'BAD_NEW_PASSWORD']);
  }
  expect((await client.tryLogon({ newPassword: 'Rehearsal-2022' })).status).toBe(201);
  expect(told(await client.tryLogon({ takeOver: true }))).toEqual([401, 'BAD_CREDENTIALS']);
  answered(await harness.control.failover({ to: 'primary' }));
  expect((await client.logon({ password: 'Rehearsal-2022' })).centre).toBe('primary');
});
