import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { HarnessOptions } from '../../src/harness/options.ts';
import { PASSWORD, WINDOWS_10 } from '../support/client.ts';
import { customMarket as own } from '../support/custom-market.ts';
import { type OrpClient, orpClient, orpUser } from '../support/orp.ts';
import { answered, inSession1, noted, onTheLine } from '../support/rehearsal.ts';

/** ORP Online has a log-on and users of its own, apart from those of CCASS; only clearing participants have any. */
const start = (options: HarnessOptions = {}) =>
  startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', ...options });
const code = async (orp: OrpClient, credentials: object, headers = {}) =>
  (await orp.tryLogon(credentials, headers)).json().code;

test('a user of one service is none of another, nor is its token (NO_SESSION)', async () => {
  await using harness = await start();
  using orp = orpClient(harness);
  expect(await code(orp, { user: 'MAKER01' })).toBe('BAD_CREDENTIALS');
  const loggedOn = await orp.logon();
  expect(loggedOn).toMatchObject({ participant: 'B09901', user: 'RISK01', role: 'risk', simulated: true });
  expect(loggedOn).not.toHaveProperty('channel');
  expect((await orp.ask('/profile')).json()).toMatchObject({ account: 'HK B09901 MA1', user: { role: 'risk' } });

  using ccass = onTheLine(harness);
  expect((await ccass.tryLogon({ user: 'RISK01' })).json().code).toBe('BAD_CREDENTIALS');
  ccass.token = orp.client.token;
  const foreign = (await ccass.ask('/ccass/v1/profile')).json();
  expect([foreign.code, foreign.detail]).toEqual(['NO_SESSION', expect.stringMatching(/ORP Online.*CCASS/)]);
  await ccass.logon();
  orp.client.token = ccass.token;
  const other = (await orp.ask('/profile')).json();
  expect([other.code, other.detail]).toEqual(['NO_SESSION', expect.stringContaining('POST /orp/v1/session')]);
  expect((await ccass.ask('/ccass/v1/profile')).status).toBe(200);

  const logons = await noted(harness.control, { kinds: ['logon'] }, 2);
  expect(logons.map(({ user, service, detail }) => [user, service, detail.channel])).toEqual([
    ['RISK01', 'orp', undefined],
    ['MAKER01', 'ccass', 'C3T'],
  ]);
});

test('a body with a channel is not understood: the terminal rule is of CCASS alone (BAD_REQUEST)', async () => {
  await using harness = await start();
  using orp = orpClient(harness);
  expect(await code(orp, { channel: 'C3T' })).toBe('BAD_REQUEST');
  expect(await orp.outcome('/profile')).toEqual([401, 'NO_SESSION']);
  const old = await orp.tryLogon({}, { 'user-agent': WINDOWS_10.replace('10.0', '6.1') });
  expect(old.status).toBe(201);
});

test('the cookie is of ORP Online, and log-off ends the session (SESSION_ENDED)', async () => {
  await using harness = await start();
  using orp = orpClient(harness);
  const [cookie = ''] = (await orp.tryLogon()).headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^orp_session_\d+=primary\.[\w-]+; Path=\/orp; HttpOnly; Secure; SameSite=Strict$/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  expect((await orp.ask('/profile', { headers })).status).toBe(200);
  expect((await orp.ask('/session', { method: 'DELETE', headers })).status).toBe(204);
  expect((await orp.ask('/profile', { headers })).json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'log-off' });
});

test('log-on: what is refused, and in what order', async () => {
  await using market = await own({
    'orp-users.json': (content) => {
      const [first, ...others] = content.users as Readonly<Record<string, unknown>>[];
      const { passwordHash: _, ...row } = first ?? {};
      return { ...content, users: [{ ...row, password: PASSWORD, passwordSetAt: '2021-01-01T09:00' }, ...others] };
    },
    'addresses.json': (content) => ({
      ...content,
      enforced: true,
      ranges: [{ participant: 'B09901', addresses: ['127.0.0.0/8'] }],
    }),
  });
  await using harness = await startHarness({ rehearsal: '2021-07-24', seed: 1, market: market.folder });
  using orp = orpClient(harness);
  const refused = async (credentials: object) => code(orp, credentials);
  // Closed goes before all that is about the caller, but not for one who is never let in.
  expect(await refused({ password: 'wrong' })).toBe('NOT_OPEN');
  expect(await refused({ participant: 'C09901', password: 'wrong' })).toBe('NOT_ENTITLED');
  answered(await harness.control.clock({ set: '2021-07-24T16:30' }));
  expect(await refused({ participant: 'C09901', password: 'wrong' })).toBe('NOT_ENTITLED');
  answered(await harness.control.register({ participant: 'B09902', registered: false }));
  expect(await refused({ participant: 'B09902', password: 'wrong' })).toBe('NOT_REGISTERED');
  answered(await harness.control.register({ participant: 'B09902', registered: true }));
  expect(await refused({ participant: 'B09902', password: 'wrong' })).toBe('ADDRESS_NOT_ALLOWED');
  expect(await refused({ password: 'wrong' })).toBe('BAD_CREDENTIALS');
  expect(await refused({ user: 'NOBODY' })).toBe('BAD_CREDENTIALS');
  expect(await refused({})).toBe('PASSWORD_EXPIRED');
  expect(await refused({ newPassword: 'short' })).toBe('BAD_NEW_PASSWORD');
  await orp.logon({ newPassword: 'My-Own-Pass-2' });
  expect(await refused({ password: 'My-Own-Pass-2' })).toBe('SESSION_EXISTS');
  for (const _ of [1, 2, 3]) expect(await refused({ password: 'wrong' })).toBe('BAD_CREDENTIALS');
  expect(await refused({ password: 'My-Own-Pass-2' })).toBe('USER_LOCKED');
  expect(await refused({ password: 'wrong' })).toBe('USER_LOCKED');

  const closed = await noted(harness.control, { kinds: ['refusal'] });
  expect(closed[0]).toMatchObject({ service: 'orp', detail: { code: 'NOT_OPEN', operation: 'logon' } });
});

test('a custodian is told that ORP Online is not for him, in both languages (NOT_ENTITLED)', async () => {
  await using harness = await start();
  using orp = orpClient(harness);
  const answer = await orp.tryLogon({ participant: 'C09901' }, { 'accept-language': 'zh-HK' });
  expect([answer.status, answer.json().code, answer.json().detail]).toEqual([
    403,
    'NOT_ENTITLED',
    expect.stringMatching(/ORP Online只供結算參與者使用/),
  ]);
});

test('the standby leads to the line, and a switch ends the session (SESSION_ENDED)', async () => {
  await using harness = await inSession1();
  using orp = await orpUser(harness);
  answered(await harness.control.failover({ to: 'primary' }));
  const ended = (await orp.ask('/profile')).json();
  expect([ended.code, ended.reason]).toEqual(['SESSION_ENDED', 'switch']);
  expect(await orp.logon()).toMatchObject({ centre: 'primary' });
});

test('Delegated Administrators look after the users of ORP Online, and only after those', async () => {
  await using harness = await start();
  using maker = await orpUser(harness, { user: 'DAMAKER1' });
  using checker = await orpUser(harness, { user: 'DACHECK1' });
  const post = async (orp: OrpClient, path: string, body?: object) => {
    const answer = await orp.ask(path, { method: 'POST', ...(body ? { body } : {}) });
    return answer.json<Record<string, unknown>>();
  };
  const done = async (path: string, body?: object) => {
    const request = await post(maker, path, body);
    expect([request.status, request.act]).toEqual(['waiting', path.split('/')[3] ?? 'create']);
    const { code } = await post(checker, '/users/authorisation-code');
    return post(checker, `/users/requests/${request.number}/authorise`, { code });
  };
  const newUser = { user: 'RISK02', name: 'Second risk user', password: 'First-Pass-1' };
  expect(await post(maker, '/users', { ...newUser, role: 'maker' })).toMatchObject({ code: 'BAD_REQUEST' });
  // The ID of a CCASS user is free here.
  expect(await post(maker, '/users', { ...newUser, user: 'MAKER01' })).toMatchObject({ status: 'waiting' });
  expect(await post(maker, '/users', { ...newUser, user: 'RISK01' })).toMatchObject({ code: 'USER_REQUEST_CONFLICT' });
  expect(await post(maker, '/users/CHECK01/lock')).toMatchObject({
    code: 'NOT_FOUND',
    detail: expect.stringContaining('GET /orp/v1/users'),
  });

  expect(await done('/users', newUser)).toMatchObject({ status: 'authorised' });
  using user = orpClient(harness);
  await user.logon({ user: 'RISK02', password: 'First-Pass-1', newPassword: 'My-Own-Pass-2' });
  expect(await user.outcome('/users')).toEqual([403, 'NOT_ENTITLED']);
  await done('/users/RISK02/lock');
  expect((await user.ask('/profile')).json()).toMatchObject({ code: 'SESSION_ENDED', reason: 'administrator' });
  expect(await code(user, { user: 'RISK02', password: 'My-Own-Pass-2' })).toBe('USER_LOCKED');
  await done('/users/RISK02/unlock');
  await done('/users/RISK02/reset', { password: 'Other-Pass-3' });
  expect(await code(user, { user: 'RISK02', password: 'Other-Pass-3' })).toBe('PASSWORD_EXPIRED');

  const { rows } = (await maker.ask('/users')).json<{ rows: { user: string; role: string }[] }>();
  expect(rows.map(({ user, role }) => [user, role])).toEqual([
    ['DACHECK1', 'da-checker'],
    ['DAMAKER1', 'da-maker'],
    ['RISK01', 'risk'],
    ['RISK02', 'risk'],
  ]);
  // At CCASS nothing of it is seen, and its administrators cannot act on it.
  using ccass = onTheLine(harness);
  await ccass.logon({ user: 'DACHECK1' });
  const requests = (await ccass.ask('/ccass/v1/users/requests')).json<{ rows: unknown[] }>();
  expect(requests.rows).toEqual([]);
  const [waiting] = (await maker.ask('/users/requests?status=waiting')).json<{ rows: { number: string }[] }>().rows;
  const { code: theirs } = (await ccass.ask('/ccass/v1/users/authorisation-code', { method: 'POST' })).json<{
    code: string;
  }>();
  const path = `/ccass/v1/users/requests/${waiting?.number}/authorise`;
  expect((await ccass.ask(path, { method: 'POST', body: { code: theirs } })).json().code).toBe('NOT_FOUND');
  const administration = await noted(harness.control, { kinds: ['administration'] }, 3);
  expect(administration.every(({ service }) => service === 'orp')).toBe(true);
});

test('OpenAPI and its page are those of ORP Online; an unknown path leads there', async () => {
  await using harness = await start();
  using orp = orpClient(harness);
  const document = (await orp.ask('/openapi.json')).json<{ info: { title: string }; paths: object }>();
  expect(document.info.title).toMatch(/^ORP Online/);
  expect(Object.keys(document.paths).every((path) => path.startsWith('/orp/v1/'))).toBe(true);
  expect((await orp.ask('/docs')).body.toString()).toContain('/orp/v1/docs/start.js');
  const answer = (await orp.ask('/profil')).json();
  expect(answer.detail).toMatch(/Nearest: \/orp\/v1\/profile.*All of them: \/orp\/v1\/docs/);
});
