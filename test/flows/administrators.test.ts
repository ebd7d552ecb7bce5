import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Client, clientOf } from '../support/client.ts';
import { answered, noted, onTheLine } from '../support/rehearsal.ts';

/** Delegated Administrators: the maker asks, the checker authorises with a code, and only then something happens. */
const FIRST = 'First-Pass-1';
const OWN = 'My-Own-Pass-2';

interface Told {
  readonly number: string;
  readonly code: string;
  readonly detail: string;
  readonly status: string;
  readonly rows: readonly { readonly user: string; readonly locked: string | null; readonly status: string }[];
}
async function call(client: Client, method: string, path: string, body?: object): Promise<readonly [number, Told]> {
  const answer = await client.ask(`/ccass/v1${path}`, { method, ...(body ? { body } : {}) });
  return [answer.status, answer.json<Told>()];
}
const start = () => startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });
const daUser = async (harness: Harness, user: string, participant = 'B09901') => {
  const client = onTheLine(harness);
  await client.logon({ participant, user });
  return client;
};
const newUser = { user: 'MAKER02', name: 'Second maker', role: 'maker', inputLimitHkd: '1000.00', password: FIRST };

/** The maker asks, the checker gets a code and authorises with it. */
async function done(maker: Client, checker: Client, path: string, body?: object): Promise<Told> {
  const [asked, request] = await call(maker, 'POST', path, body);
  expect([asked, request.status]).toEqual([202, 'waiting']);
  const [, { code }] = await call(checker, 'POST', '/users/authorisation-code');
  const [status, authorised] = await call(checker, 'POST', `/users/requests/${request.number}/authorise`, { code });
  expect([status, authorised.status]).toEqual([200, 'authorised']);
  return authorised;
}

test('create, lock, unlock and reset of a user, each as soon as the checker has authorised it', async () => {
  await using harness = await start();
  using maker = await daUser(harness, 'DAMAKER1');
  using checker = await daUser(harness, 'DACHECK1');
  using user = onTheLine(harness);
  const me = { user: 'MAKER02' };
  const code = async (credentials: object) => (await user.tryLogon({ ...me, ...credentials })).json().code;

  const [, waiting] = await call(maker, 'POST', '/users', newUser);
  expect(waiting).toMatchObject({ number: 'Q00000001', act: 'create', requestedBy: 'DAMAKER1', authorisedBy: null });
  expect(await code({ password: FIRST })).toBe('BAD_CREDENTIALS');
  const [, { code: authorisation }] = await call(checker, 'POST', '/users/authorisation-code');
  await call(checker, 'POST', `/users/requests/${waiting.number}/authorise`, { code: authorisation });

  expect(await code({ password: FIRST })).toBe('PASSWORD_EXPIRED');
  expect(await code({ password: FIRST, newPassword: FIRST })).toBe('BAD_NEW_PASSWORD');
  await user.logon({ ...me, password: FIRST, newPassword: OWN });
  expect((await user.ask('/ccass/v1/stock-balances')).status).toBe(200);

  await done(maker, checker, '/users/MAKER02/lock');
  expect((await user.ask('/ccass/v1/stock-balances')).json()).toMatchObject({ code: 'SESSION_ENDED' });
  expect(await code({ password: OWN })).toBe('USER_LOCKED');
  const [, disabled] = await call(checker, 'GET', '/users/disabled');
  expect(disabled.rows).toMatchObject([{ user: 'MAKER02', locked: 'administrator' }]);

  // A reset gives a password and leaves the lock to whoever set it.
  await done(maker, checker, '/users/MAKER02/reset', { password: 'Again-Pass-3' });
  expect(await code({ password: 'Again-Pass-3' })).toBe('USER_LOCKED');
  await done(maker, checker, '/users/MAKER02/unlock');
  expect(await code({ password: 'Again-Pass-3' })).toBe('PASSWORD_EXPIRED');
  await user.logon({ ...me, password: 'Again-Pass-3', newPassword: OWN });
  expect((await call(maker, 'GET', '/users/disabled'))[1].rows).toEqual([]);
  expect((await call(maker, 'GET', '/users'))[1].rows.map((row) => row.user).toSorted()).toEqual([
    'CHECK01',
    'DACHECK1',
    'DAMAKER1',
    'MAKER01',
    'MAKER02',
  ]);

  const entries = await noted(harness.control, { kinds: ['administration'] }, 12);
  expect(entries.map(({ detail }) => detail.what)).toEqual(
    [1, 2, 3, 4].flatMap(() => ['request', 'authorisation-code', 'authorise']),
  );
  const journal = JSON.stringify(answered(await harness.control.journal({ limit: 10_000 })));
  for (const secret of [FIRST, OWN, 'Again-Pass-3', 'scrypt$', authorisation]) expect(journal).not.toContain(secret);
});

test('wrong passwords lock a user until an administrator unlocks him or the lock lapses (USER_LOCKED)', async () => {
  await using harness = await start();
  using maker = await daUser(harness, 'DAMAKER1');
  using checker = await daUser(harness, 'DACHECK1');
  using user = onTheLine(harness);
  for (let wrong = 0; wrong < 3; wrong++) await user.tryLogon({ password: 'wrong' });
  expect((await user.tryLogon()).json().code).toBe('USER_LOCKED');
  expect((await call(maker, 'GET', '/users/disabled'))[1].rows).toMatchObject([
    { user: 'MAKER01', locked: 'wrong-passwords' },
  ]);
  await done(maker, checker, '/users/MAKER01/unlock');
  expect((await user.tryLogon()).status).toBe(201);
});

test('an authorisation code is good for one authorisation of its own checker, for a while; a wrong one spends it (BAD_AUTHORISATION_CODE, USER_REQUEST_CONFLICT)', async () => {
  await using harness = await start();
  using maker = await daUser(harness, 'DAMAKER1');
  using checker = await daUser(harness, 'DACHECK1');
  const ask = async (id: string) => (await call(maker, 'POST', '/users', { ...newUser, user: id }))[1].number;
  const getCode = async () => (await call(checker, 'POST', '/users/authorisation-code'))[1].code;
  const authorise = async (number: string, code: string) => {
    const [status, told] = await call(checker, 'POST', `/users/requests/${number}/authorise`, { code });
    return status === 200 ? 'authorised' : told.code;
  };
  const [first, second] = [await ask('MAKER02'), await ask('MAKER03')];

  expect(await authorise(first, '00000000')).toBe('BAD_AUTHORISATION_CODE');
  const spentByError = await getCode();
  expect(await authorise(first, spentByError === '11111111' ? '22222222' : '11111111')).toBe('BAD_AUTHORISATION_CODE');
  expect(await authorise(first, spentByError)).toBe('BAD_AUTHORISATION_CODE');
  const replaced = await getCode();
  const good = await getCode();
  expect(await authorise('Q99999999', good)).toBe('NOT_FOUND');
  if (replaced === good) throw new Error('two codes are equal');
  expect(await authorise(first, good)).toBe('authorised');
  expect(await authorise(second, good)).toBe('BAD_AUTHORISATION_CODE');
  expect(await authorise(first, await getCode())).toBe('USER_REQUEST_CONFLICT');

  const old = await getCode();
  answered(await harness.control.clock({ advanceMs: 10 * 60_000 }));
  expect(await authorise(second, old)).toBe('BAD_AUTHORISATION_CODE');
  expect((await call(checker, 'GET', '/users/requests?status=waiting'))[1].rows).toMatchObject([{ user: 'MAKER03' }]);
  // Two at once with one code: it authorises one of them.
  const third = await ask('MAKER04');
  const once = await getCode();
  const both = await Promise.all([authorise(second, once), authorise(third, once)]);
  expect(both.toSorted()).toEqual(['BAD_AUTHORISATION_CODE', 'authorised']);
});

test('who may do what: administrators no business, business users no administration, nobody another participant (NOT_ENTITLED)', async () => {
  await using harness = await start();
  using maker = await daUser(harness, 'DAMAKER1');
  using checker = await daUser(harness, 'DACHECK1');
  using foreign = await daUser(harness, 'DACHECK1', 'B09902');
  using business = await daUser(harness, 'CHECK01');
  const code = async (client: Client, method: string, path: string, body?: object) => {
    const [status, told] = await call(client, method, path, body);
    return status < 300 ? status : told.code;
  };
  for (const path of ['/stock-balances', '/settlement-instructions', '/reports', '/batches', '/broadcasts']) {
    expect(await code(maker, 'GET', path), path).toBe('NOT_ENTITLED');
    expect(await code(business, 'GET', path), path).toBe(200);
  }
  // The role is asked before the shape.
  expect(await code(maker, 'POST', '/settlement-instructions', { rows: 'none' })).toBe('NOT_ENTITLED');
  for (const [method, path] of [
    ['GET', '/users'],
    ['GET', '/users/disabled'],
    ['GET', '/users/requests'],
    ['POST', '/users/authorisation-code'],
    ['POST', '/users/MAKER01/lock'],
  ] as const) {
    expect(await code(business, method, path), path).toBe('NOT_ENTITLED');
  }
  expect(await code(checker, 'POST', '/users', { colour: 'blue' })).toBe('NOT_ENTITLED');
  expect(await code(maker, 'POST', '/users/authorisation-code')).toBe('NOT_ENTITLED');
  expect(await code(maker, 'GET', '/profile')).toBe(200);
  const [, told] = await call(maker, 'GET', '/stock-balances');
  expect(told.detail).toMatch(/maker, checker\. Log on as one/);

  expect(await code(maker, 'POST', '/users/DACHECK1/lock')).toBe('NOT_ENTITLED');
  expect(await code(maker, 'POST', '/users/NOBODY/lock')).toBe('NOT_FOUND');
  expect(await code(maker, 'POST', '/users/MAKER01/unlock')).toBe('USER_REQUEST_CONFLICT');
  expect(await code(maker, 'POST', '/users', { ...newUser, user: 'MAKER01' })).toBe('USER_REQUEST_CONFLICT');
  expect(await code(maker, 'POST', '/users', { ...newUser, role: 'da-maker' })).toBe('BAD_REQUEST');
  expect(await code(maker, 'POST', '/users', { ...newUser, password: 'short' })).toBe('BAD_NEW_PASSWORD');

  const [, request] = await call(maker, 'POST', '/users/MAKER01/lock');
  const [, { code: theirs }] = await call(foreign, 'POST', '/users/authorisation-code');
  expect((await call(foreign, 'GET', '/users/requests'))[1].rows).toEqual([]);
  expect(await code(foreign, 'POST', `/users/requests/${request.number}/authorise`, { code: theirs })).toBe(
    'NOT_FOUND',
  );
});

test('requests, users and codes are the same at the backup', async () => {
  await using harness = await start();
  using maker = await daUser(harness, 'DAMAKER1');
  const [, request] = await call(maker, 'POST', '/users', newUser);
  answered(await harness.control.failover({ to: 'backup' }));
  using checker = await daUser(harness, 'DACHECK1');
  const [, { code }] = await call(checker, 'POST', '/users/authorisation-code');
  expect((await call(checker, 'POST', `/users/requests/${request.number}/authorise`, { code }))[0]).toBe(200);
  using user = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await user.logon({ user: 'MAKER02', password: FIRST, newPassword: OWN });
});

test('what a cut lost of users and requests is told without their secrets', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', lagMs: 60_000 });
  using maker = await daUser(harness, 'DAMAKER1');
  using checker = await daUser(harness, 'DACHECK1');
  await call(maker, 'POST', '/users', newUser);
  await call(checker, 'POST', '/users/authorisation-code');
  const report = answered(await harness.control.failover({ to: 'backup', mode: 'cut' }));
  expect(report.lost.map(({ table }) => table)).toEqual(expect.arrayContaining(['userRequest', 'user']));
  expect(JSON.stringify(report)).not.toMatch(/scrypt|passwordHash|codeHash/);
});
