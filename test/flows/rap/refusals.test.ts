import { expect, test } from 'vitest';
import type { RefusalCode } from '../../../src/domain/refusal.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { customMarket } from '../../support/custom-market.ts';
import { folder, good, hasSftp, journalled, keyPair, openSftp, rapNight } from '../../support/rap-day.ts';
import { type Tried, tryRap } from '../../support/ssh-client.ts';

/** The codes of all refusals of a log-on so far. */
const codes = async (harness: Harness) => (await journalled(harness, 'refusal')).map(({ detail }) => detail.code);

/** Refused with this code, in words that stand in the journal. A client that shows texts gets both languages. */
async function expectRefused(harness: Harness, tried: Tried, code: RefusalCode, words: RegExp) {
  expect(tried.in, code).toBe(false);
  const last = (await journalled(harness, 'refusal')).at(-1);
  expect(last).toMatchObject({ service: 'rap', detail: { code, operation: 'logon' } });
  expect(last?.detail.says.en).toMatch(words);
}

test('closed: told when it opens, before any key is looked at, and journalled once (NOT_OPEN)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:25Z') });
  const tried = await tryRap(harness);
  await expectRefused(harness, tried, 'NOT_OPEN', /opens at the backup centre 2021-07-24 16:30 HKT/);
  expect(await codes(harness)).toEqual(['NOT_OPEN']);

  good(await harness.control.clock({ set: '2021-07-24T16:30' }));
  expect((await tryRap(harness)).in).toBe(true);
});

test('the standby centre names the line (CENTRE_STANDBY)', async () => {
  await using harness = await rapNight();
  const tried = await tryRap(harness, { at: harness.addresses.sftpBackup });
  await expectRefused(harness, tried, 'CENTRE_STANDBY', /The backup centre is not the active one/);
  // The protocol that the user logged on by: an HTTPS address would be of no use to an SFTP client.
  await expectRefused(harness, tried, 'CENTRE_STANDBY', new RegExp(`Use the line, ${harness.addresses.sftp}: `));
  expect(await codes(harness)).toEqual(['CENTRE_STANDBY']);
});

test('a custodian is not entitled; an unregistered participant is told how to register (NOT_ENTITLED, NOT_REGISTERED)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:31Z') });
  await expectRefused(harness, await tryRap(harness, { user: 'C09901' }), 'NOT_ENTITLED', /clearing/i);
  good(await harness.control.register({ participant: 'B09901', registered: false }));
  await expectRefused(harness, await tryRap(harness), 'NOT_REGISTERED', /registration --add B09901/);
  expect(await codes(harness)).toEqual(['NOT_ENTITLED', 'NOT_REGISTERED']);
});

test('until a key or password has fitted every name gets the same answers; the journal has the reason (NOT_ENTITLED, NOT_REGISTERED, USER_LOCKED)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:31Z') });
  good(await harness.control.register({ participant: 'B09902', registered: false }));
  const wrong = (user: string) => tryRap(harness, { user, keys: [], password: 'guess', answer: 'guess' });
  for (const _ of [1, 2]) await wrong('B09903');
  // Its right password as well, which must not stand out.
  const locked = await tryRap(harness, { user: 'B09903', keys: [], password: harness.rap.password, answer: 'guess' });
  const seen = [await wrong('B09901'), await wrong('B09902'), await wrong('C09901'), await wrong('B00000'), locked];
  expect(new Set(seen.map((tried) => JSON.stringify(tried))).size).toBe(1);
  expect(seen[0]?.in).toBe(false);
  const reasons = (await journalled(harness, 'refusal')).map(
    ({ participant, detail }) => `${participant} ${detail.code}`,
  );
  expect([...new Set(reasons)]).toEqual([
    'B09903 BAD_CREDENTIALS',
    'B09903 USER_LOCKED',
    'B09901 BAD_CREDENTIALS',
    'B09902 NOT_REGISTERED',
    'C09901 NOT_ENTITLED',
    'B00000 NOT_REGISTERED',
  ]);
  // Noted once a connection, at once.
  expect(reasons.filter((reason) => reason.startsWith('B09902'))).toHaveLength(1);
});

test('after a right key or password a client is left with the method by which SSH shows a text (NOT_REGISTERED)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:31Z') });
  good(await harness.control.register({ participant: 'B09901', registered: false }));
  const { password } = harness.rap;
  for (const call of [{ keys: [], password }, {}]) {
    const tried = await tryRap(harness, call);
    expect(tried.in).toBe(false);
    expect(tried.left.at(-1)).toEqual([]);
    expect(tried.left.at(-2)).toEqual(['keyboard-interactive']);
  }
  expect(await codes(harness)).toEqual(['NOT_REGISTERED', 'NOT_REGISTERED']);
});

test('wrong passwords of one who is refused anyway count too (USER_LOCKED)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:31Z') });
  good(await harness.control.register({ participant: 'B09901', registered: false }));
  for (const _ of [1, 2, 3]) await tryRap(harness, { keys: [], password: 'guess' });
  good(await harness.control.register({ participant: 'B09901', registered: true }));
  await expectRefused(harness, await tryRap(harness), 'USER_LOCKED', /Too many wrong/);
});

test('closed is shown to everyone alike; that a custodian is never let in, the journal has at once (NOT_OPEN, NOT_ENTITLED)', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:25Z') });
  const seen = [];
  for (const user of ['B09901', 'C09901', 'L09901', 'B00000']) seen.push(await tryRap(harness, { user }));
  expect(new Set(seen.map((tried) => JSON.stringify(tried))).size).toBe(1);
  expect(seen[0]?.left.at(-2)).toEqual(['keyboard-interactive']);
  expect(await codes(harness)).toEqual(['NOT_OPEN', 'NOT_ENTITLED', 'NOT_ENTITLED', 'NOT_OPEN']);
});

test.skipIf(!hasSftp)('OpenSSH shows why, once, unless it is in batch mode', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:25Z') });
  await using dir = await folder();
  const told = await openSftp(harness, dir.path, '', { batch: false });
  expect(told.code).not.toBe(0);
  expect(told.err.match(/Not open now/g)).toHaveLength(1);
  expect(told.err).toMatch(/It opens at the backup centre 2021-07-24 16:30 HKT/);
  good(await harness.control.register({ participant: 'B09901', registered: false }));
  good(await harness.control.clock({ set: '2021-07-24T16:30' }));
  const unregistered = await openSftp(harness, dir.path, '', { batch: false });
  expect(unregistered.err).toMatch(/Not registered for this rehearsal/);
  expect(unregistered.err).toMatch(/RAP for it opens 2021-07-26 07:00 HKT/);
  const batch = await openSftp(harness, dir.path, '');
  expect(batch.err).toContain('Permission denied');
  expect(batch.err).not.toContain('Not open');
});

test('a foreign address (ADDRESS_NOT_ALLOWED)', async () => {
  const enforced = (content: object) => ({ ...content, enforced: true });
  await using market = await customMarket({ 'addresses.json': enforced });
  await using harness = await rapNight({ market: market.folder });
  await expectRefused(harness, await tryRap(harness), 'ADDRESS_NOT_ALLOWED', /127\.0\.0\.1, which is outside/);
  expect((await tryRap(harness, { from: '127.0.1.7' })).in).toBe(true);
});

test('three connections with wrong keys lock the user, for the right key too, until the lock lapses (BAD_CREDENTIALS, USER_LOCKED)', async () => {
  await using harness = await rapNight();
  await using dir = await folder();
  const keys = [1, 2, 3].map((n) => keyPair(dir.path, `wrong-${n}`, '-t', 'ecdsa', '-b', '256').path);
  // However many keys one connection shows, it has failed once.
  for (const _ of [1, 2]) expect((await tryRap(harness, { keys })).in).toBe(false);
  expect((await tryRap(harness)).in).toBe(true);
  for (const _ of [1, 2, 3]) expect((await tryRap(harness, { keys: keys.slice(0, 1) })).in).toBe(false);
  await expectRefused(harness, await tryRap(harness), 'USER_LOCKED', /2021-07-23 22:30 HKT/);
  expect(await codes(harness)).toEqual([...Array(5).fill('BAD_CREDENTIALS'), 'USER_LOCKED']);
  const [first] = await journalled(harness, 'refusal');
  expect(first?.detail.says.en).toMatch(/SHA256:\S+, SHA256:\S+, SHA256:\S+/);

  good(await harness.control.clock({ advanceMs: 30 * 60_000 }));
  expect((await tryRap(harness)).in).toBe(true);
});

test('a password, also by keyboard-interactive; wrong ones count one by one, an unknown user learns nothing (USER_LOCKED)', async () => {
  await using harness = await rapNight();
  const { password } = harness.rap;
  expect((await tryRap(harness, { keys: [], password })).in).toBe(true);
  expect((await tryRap(harness, { keys: [], answer: password })).in).toBe(true);
  const wrong = await tryRap(harness, { keys: [], password: 'guess' });
  const unknown = await tryRap(harness, { keys: [], password: 'guess', user: 'B00000' });
  expect(unknown).toEqual(wrong);
  expect(wrong.in).toBe(false);
  for (const _ of [2, 3]) await tryRap(harness, { keys: [], password: 'guess' });
  await expectRefused(harness, await tryRap(harness, { keys: [], password }), 'USER_LOCKED', /Too many wrong/);
  const [logon] = await journalled(harness, 'logon');
  expect(logon).toMatchObject({ service: 'rap', detail: { credential: 'password' } });
  expect(JSON.stringify(await journalled(harness))).not.toContain('guess');
});

test('password log-on can be switched off', async () => {
  const off = ({ rules, ...rest }: { readonly rules?: unknown }) => ({
    ...rest,
    rules: { ...(rules as object), passwordLogon: false },
  });
  await using market = await customMarket({ 'rap.json': off });
  await using harness = await rapNight({ market: market.folder });
  expect((await tryRap(harness, { keys: [], password: harness.rap.password })).in).toBe(false);
  expect((await tryRap(harness)).in).toBe(true);
});

test('one session too many (SESSION_EXISTS)', async () => {
  const two = ({ rules, ...rest }: { readonly rules?: unknown }) => ({
    ...rest,
    rules: { ...(rules as object), sessionsPerUser: 2 },
  });
  await using market = await customMarket({ 'rap.json': two });
  await using harness = await rapNight({ market: market.folder });
  const open = [await tryRap(harness, { stay: true }), await tryRap(harness, { stay: true })];
  await expectRefused(harness, await tryRap(harness), 'SESSION_EXISTS', /This RAP user has 2 open sessions/);
  const closed = harness.control.follow({ kinds: ['logoff'] }, AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
  const next = closed.next();
  open[0]?.client?.end();
  await next;
  expect((await tryRap(harness)).in).toBe(true);
  open[1]?.client?.end();
});

test('a key holds in its time only; while it changes over, the old and the new one hold', async () => {
  await using harness = await rapNight();
  await using dir = await folder();
  const [old, next] = ['old', 'next'].map((name) => keyPair(dir.path, name, '-t', 'ed25519'));
  if (!old || !next) throw new Error('two keys were made');
  const { control } = harness;
  good(await control.addRapKey({ participant: 'B09901', publicKey: old.publicKey, until: '2021-07-24T00:00' }));
  good(await control.addRapKey({ participant: 'B09901', publicKey: next.publicKey, from: '2021-07-23T23:00' }));
  const both = async () => [
    (await tryRap(harness, { keys: [old.path] })).in,
    (await tryRap(harness, { keys: [next.path] })).in,
  ];
  expect(await both()).toEqual([true, false]);
  good(await control.clock({ set: '2021-07-23T23:00' }));
  expect(await both()).toEqual([true, true]);
  good(await control.clock({ set: '2021-07-24T00:00' }));
  expect(await both()).toEqual([false, true]);
  // Another participant's key is a stranger's.
  expect((await tryRap(harness, { keys: [next.path], user: 'B09902' })).in).toBe(false);
});

test('keys are in the books: they survive a fail-over, and a restart', async () => {
  await using data = await folder();
  await using dir = await folder();
  const own = keyPair(dir.path, 'own', '-t', 'ed25519');
  {
    await using harness = await rapNight({ data: data.path });
    good(await harness.control.addRapKey({ participant: 'B09902', publicKey: own.publicKey }));
    good(await harness.control.failover({ to: 'backup' }));
    expect((await tryRap(harness, { user: 'B09902', keys: [own.path] })).in).toBe(true);
  }
  await using harness = await rapNight({ data: data.path });
  expect((await tryRap(harness, { user: 'B09902', keys: [own.path] })).in).toBe(true);
  expect((await tryRap(harness)).in).toBe(true);
});
