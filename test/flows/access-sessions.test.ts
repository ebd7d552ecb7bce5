import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Answer, PASSWORD, type Problem } from '../support/client.ts';
import { answered, inSession1, noted, onTheLine, sessionCookie } from '../support/rehearsal.ts';

const told = (answer: Answer): readonly [number, string] => [answer.status, answer.json().code];

describe('one session a user', () => {
  test('a second log-on is refused; a take-over ends the first, which is told so (SESSION_EXISTS, SESSION_ENDED)', async () => {
    await using harness = await inSession1();
    using first = onTheLine(harness);
    using second = onTheLine(harness);
    await first.logon();
    const refused = await second.tryLogon();
    expect(told(refused)).toEqual([409, 'SESSION_EXISTS']);
    expect(refused.json().detail).toMatch(/2021-07-24 16:30 HKT.*takeOver/);
    await second.logon({ takeOver: true });
    expect((await first.ask('/ccass/v1/profile')).json()).toMatchObject({
      code: 'SESSION_ENDED',
      reason: 'taken-over',
    });
    expect((await second.ask('/ccass/v1/profile')).status).toBe(200);
    const ends = await noted(harness.control, { kinds: ['session-ended'] });
    expect(ends).toMatchObject([{ service: 'ccass', session: 'b-1', detail: { why: 'taken-over' } }]);
  });

  test('of many log-ons at once one gets in', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.tryLogon()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
    const state = answered(await harness.control.state({}));
    expect(state.centres.backup.sessions).toBe(1);
  });

  test('of many take-overs at once one session is left, and it works', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    const answers = await Promise.all(Array.from({ length: 6 }, () => client.tryLogon({ takeOver: true })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const worked: number[] = [];
    for (const answer of answers) {
      client.token = answer.json<{ token: string }>().token;
      worked.push((await client.ask('/ccass/v1/profile')).status);
    }
    expect(worked.sort()).toEqual([200, ...Array.from({ length: 5 }, () => 401)]);
  });

  test('a log-on that is refused changes no password', async () => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    const wishes = ['Rehearsal-2022', 'Rehearsal-2023', 'Rehearsal-2024'];
    const answers = await Promise.all(wishes.map((newPassword) => client.tryLogon({ newPassword })));
    const won = wishes.filter((_, n) => answers[n]?.status === 201);
    expect(won).toHaveLength(1);
    const after = [];
    for (const password of wishes.toSorted((a) => (won.includes(a) ? -1 : 1))) {
      after.push((await client.tryLogon({ password, takeOver: true })).status);
    }
    expect(after).toEqual([201, 401, 401]);
  });
});

test('the token works as bearer and as cookie; the cookie is Secure, HttpOnly, SameSite and has no end', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  const answer = await client.tryLogon();
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  const { token } = answer.json<{ token: string }>();
  expect(cookie).toBe(`${sessionCookie(harness)}=${token}; Path=/ccass; HttpOnly; Secure; SameSite=Strict`);
  expect(
    (await client.ask('/ccass/v1/profile', { headers: { cookie: `other=1; ${sessionCookie(harness)}=${token}` } }))
      .status,
  ).toBe(200);
  expect((await client.ask('/ccass/v1/profile', { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
  const basic = await client.ask('/ccass/v1/profile', { headers: { authorization: `Basic ${token}` } });
  expect(told(basic)).toEqual([401, 'NO_SESSION']);
  expect(basic.headers['www-authenticate']).toMatch(/^Bearer/);
});

test('log-off ends the session and the cookie, and is noted (SESSION_ENDED)', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  await client.logon();
  const answer = await client.ask('/ccass/v1/session', { method: 'DELETE' });
  expect([answer.status, answer.body.length]).toEqual([204, 0]);
  expect(answer.headers['set-cookie']?.[0]).toMatch(/^ccass_session_\d+=;.*Expires=Thu, 01 Jan 1970/);
  expect((await client.ask('/ccass/v1/profile')).json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'log-off' });
  const [entry] = await noted(harness.control, { kinds: ['logoff'] });
  expect(entry).toMatchObject({ participant: 'B09901', user: 'MAKER01', session: 'b-1', detail: {} });
});

test.each(['drain', 'cut'] as const)(
  'a session ended by a %s is told why, at the new centre and when the old one is back (SESSION_ENDED)',
  async (mode) => {
    await using harness = await inSession1();
    using client = onTheLine(harness);
    await client.logon();
    const report = answered(await harness.control.failover({ to: 'primary', mode }));
    expect(report.endedSessions).toBe(1);
    const away = await client.ask('/ccass/v1/profile');
    expect(away.certificate).toMatch(/^primary/);
    expect(away.json<Problem>()).toMatchObject({ code: 'SESSION_ENDED', reason: 'switch' });
    expect(away.json().detail).toMatch(/opened at the backup centre; the primary centre is active now.*Log on again/);
    answered(await harness.control.failover({ to: 'backup', mode }));
    const back = await client.ask('/ccass/v1/profile');
    expect(back.certificate).toMatch(/^backup/);
    expect(back.json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'switch' });
  },
);

test('no password and no token stands in the journal or in the books', async () => {
  await using folder = await dataFolder();
  let token = '';
  {
    await using harness = await inSession1({ data: folder.path });
    using client = onTheLine(harness);
    await client.tryLogon({ password: 'A-wrong-guess-1' });
    token = (await client.logon({ newPassword: 'A-new-secret-1' })).token;
    await client.ask('/ccass/v1/profile', { headers: { cookie: `${sessionCookie(harness)}=${token}` } });
    answered(await harness.control.failover({ to: 'primary', mode: 'cut' }));
    await client.ask('/ccass/v1/profile');
    const { entries } = answered(await harness.control.journal({ limit: 10_000 }));
    expect(entries.length).toBeGreaterThan(5);
  }
  const secrets = [token, token.split('.')[1] ?? '', PASSWORD, 'A-new-secret-1', 'A-wrong-guess-1'];
  const files = await folder.files();
  expect(files.length).toBeGreaterThan(5);
  for (const { path, bytes } of files) {
    // Keys of the certificates stand in certs/, which is no record.
    for (const secret of secrets) expect(bytes.includes(secret), `${secret} in ${path}`).toBe(false);
  }
});

/** A data folder, and all that stands in it. */
async function dataFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ccass-data-'));
  return {
    path,
    async files() {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return Promise.all(names.map(async (name) => ({ path: name, bytes: await readFile(name) })));
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
