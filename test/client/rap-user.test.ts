import { describe, expect, test } from 'vitest';
import { readRapPackage } from '../../src/client/rap-package.ts';
import { RapConnectionLost, type RapUserOptions, rapUser, UnknownHostKey } from '../../src/client/rap-user.ts';
import type { Harness } from '../../src/harness/options.ts';
import { good, journalled, NIGHT, publish, rapNight } from '../support/rap-day.ts';

async function userOf(harness: Harness, options: Partial<RapUserOptions> = {}) {
  const { privateKey } = harness.rap;
  const knownHosts = await harness.rap.knownHosts();
  return rapUser({ sftp: harness.addresses.sftp, knownHosts, participant: 'B09901', privateKey, ...options });
}

function answerOf<T>(answer: { ok: true; value: T } | { ok: false; says: string }): T {
  if (!answer.ok) throw new Error(answer.says);
  return answer.value;
}

describe('the reference RAP user', () => {
  test('logs on by key or password, lists, and fetches whole files and the rest of one', async () => {
    await using harness = await rapNight();
    const [data, control] = await publish(harness, 'A,B\r\n1,2\r\n');
    for (const credentials of [{}, { privateKey: undefined, password: harness.rap.password }]) {
      using user = await userOf(harness, credentials);
      const { hostKey, banner } = answerOf(await user.logOn());
      expect((await harness.rap.fingerprints()).primary.map(({ fingerprint }) => fingerprint)).toContain(hostKey);
      expect(banner).toContain('SIMULATED');
      expect(answerOf(await user.list('/')).map(({ name, isFolder }) => [name, isFolder])).toEqual([
        ['INBOX', true],
        ['COMMON', true],
        ['RPF', true],
      ]);
      const rows = answerOf(await user.list('/INBOX/20210723'));
      expect(rows.find(({ name }) => name === data.name)).toEqual({
        name: data.name,
        isFolder: false,
        sizeBytes: data.sizeBytes,
        modifiedAt: NIGHT,
      });
      const whole = answerOf(await user.fetch(`/INBOX/20210723/${data.name}`));
      const beside = answerOf(await user.fetch(`/INBOX/20210723/${control.name}`));
      expect((await readRapPackage({ name: data.name, bytes: whole }, beside)).faults).toEqual([]);
      expect(answerOf(await user.fetch(`/INBOX/20210723/${data.name}`, 10)).equals(whole.subarray(10))).toBe(true);
    }
    const logons = await journalled(harness, 'logon');
    expect(logons.map(({ detail }) => detail.credential)).toEqual(['key', 'password']);
  });

  test('a refusal is an answer: a wrong password, a missing file, a folder opened as a file', async () => {
    await using harness = await rapNight();
    using stranger = await userOf(harness, { privateKey: undefined, password: 'wrong' });
    expect(await stranger.logOn()).toMatchObject({ ok: false, status: null });
    using user = await userOf(harness);
    answerOf(await user.logOn());
    expect(await user.list('/INBOX/20210724')).toMatchObject({ ok: false, status: 2 });
    expect(await user.fetch('/INBOX/20210723')).toMatchObject({ ok: false, says: expect.stringContaining('folder') });
  });

  test('an unknown host key: nothing is sent to that server', async () => {
    await using harness = await rapNight();
    using user = await userOf(harness, { knownHosts: '[127.0.0.1]:1 ssh-rsa AAAA\n' });
    await expect(user.logOn()).rejects.toThrow(UnknownHostKey);
    expect(await journalled(harness, 'logon', 'refusal')).toEqual([]);
  });

  test('no server, a log-off, a fail-over: the connection is lost, and a new one works', async () => {
    await using harness = await rapNight();
    using nobody = await userOf(harness, { sftp: 'sftp://127.0.0.1:1' });
    await expect(nobody.logOn()).rejects.toThrow(/ECONNREFUSED.*same address/);

    using user = await userOf(harness);
    await expect(user.list('/')).rejects.toThrow(RapConnectionLost);
    answerOf(await user.logOn());
    good(await harness.control.failover({ to: 'backup' }));
    await expect(user.list('/')).rejects.toThrow(RapConnectionLost);
    answerOf(await user.logOn());
    answerOf(await user.list('/'));
    user.logOff();
    await expect(user.list('/')).rejects.toThrow(RapConnectionLost);
    expect((await journalled(harness, 'logon')).map(({ centre }) => centre)).toEqual(['primary', 'backup']);
  });
});
