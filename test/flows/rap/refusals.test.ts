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

test.skipIf(!hasSftp)('OpenSSH shows why, once, unless it is in batch mode', async () => {
  await using harness = await rapNight({ rehearsal: '2021-07-24', at: Date.parse('2021-07-24T08:25Z') });
  await using dir = await folder();
  const told = await openSftp(harness, dir.path, '', { batch: false });
  expect(told.code).not.toBe(0);
  expect(told.err.match(/Not open now/g)).toHaveLength(1);
  expect(told.err).toMatch(/It opens at the backup centre 2021-07-24 16:30 HKT/);
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
