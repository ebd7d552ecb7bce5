import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { remoteControl } from '../../src/client/remote-control.ts';
import { answerOf, fromRap, granted, maker, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';

test('circular row 33: who is not registered is asked not to log on: he is refused in every session (NOT_REGISTERED)', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  expect(granted(await day.control.registration({}))).toMatchObject({
    by: '2021-07-21',
    policy: 'deny',
    registered: ['B09901', 'B09902', 'B09903', 'C09901'],
    notRegistered: ['L09901'],
  });
  for (const time of ['2021-07-24T16:30', '2021-07-24T20:30']) {
    await day.at(time);
    const refused = await client.logOn(maker('L09901'));
    expect(outcome(refused)).toBe('403 NOT_REGISTERED');
    if (refused.ok) throw new Error('it is not registered');
    expect(refused.refusal.detail.en).toContain('not to log on that day');
    expect(refused.refusal.detail.zh).toContain('請勿登入');
  }
  expect((await day.journal('refusal')).map(({ participant, detail }) => [participant, detail.code])).toEqual([
    ['L09901', 'NOT_REGISTERED'],
    ['L09901', 'NOT_REGISTERED'],
  ]);
});

test('circular row 33: one who is not registered is sent to Monday, before the sessions and in them (NOT_OPEN, NOT_REGISTERED)', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  const monday = Date.parse('2021-07-26T07:15:00+08:00');
  const logOn = async (participant: string) => {
    const answer = await client.logOn(maker(participant));
    if (answer.ok) throw new Error(`${participant} is let in`);
    return [answer.code, answer.refusal.retryAt, answer.refusal.detail.en] as const;
  };
  const sessions = /Not for this participant: Session 1, .*\(registered participants only\)/;
  expect(await logOn('L09901')).toEqual(['NOT_OPEN', monday, expect.stringMatching(sessions)]);
  expect((await logOn('B09901')).slice(0, 2)).toEqual(['NOT_OPEN', Date.parse('2021-07-24T16:30:00+08:00')]);
  await day.at('2021-07-24T17:00');
  expect((await logOn('L09901')).slice(0, 2)).toEqual(['NOT_REGISTERED', monday]);
  await day.at('2021-07-24T22:30');
  expect((await logOn('L09901')).slice(0, 2)).toEqual(['NOT_OPEN', monday]);
  // B09901 is registered, but did not take part.
  const missed = /Not for this participant: Verification after the test, .*logged on in an earlier session/;
  expect(await logOn('B09901')).toEqual(['NOT_OPEN', monday, expect.stringMatching(missed)]);
});

test('circular row 29: the tester registers and takes back at any time', async () => {
  await using day = await rehearsalDay();
  const client = day.tooling();
  await day.at('2021-07-24T16:30');
  expect(granted(await day.control.register({ participant: 'L09901', registered: true })).notRegistered).toEqual([]);
  expect(answerOf(await client.logOn(maker('L09901'))).participant).toBe('L09901');
  granted(await day.control.register({ participant: 'B09901', registered: false }));
  expect(outcome(await day.tooling().logOn(maker('B09901')))).toBe('403 NOT_REGISTERED');
});

test.each([
  ['2021-07-21T23:59:59.999', false],
  ['2021-07-22T00:00', true],
  ['2021-07-24T17:00', true],
])('circular row 29: a registration at %s is warned of as late: %s', async (time, late) => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-20T10:00:00+08:00') });
  await day.at(time);
  const { registered, warnings } = granted(await day.control.register({ participant: 'L09901', registered: true }));
  expect(registered).toContain('L09901');
  const words = {
    en: expect.stringMatching(/after the last day, 2021-07-21/),
    zh: expect.stringContaining('截止日期 2021-07-21'),
  };
  expect(warnings).toEqual(late ? [words] : []);
  const [entry] = await day.journal('registration');
  expect(entry?.detail.warnings ?? []).toEqual(warnings);
  // Taking one off the list is nothing that the circular has a day for.
  expect(granted(await day.control.register({ participant: 'L09901', registered: false })).warnings).toEqual([]);
  expect(granted(await day.control.registration({})).warnings).toEqual([]);
});

test('circular row 33: on other days nobody asks for a registration', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-23T10:00:00+08:00') });
  const client = day.tooling();
  for (const time of ['2021-07-23T10:00', '2021-07-26T10:00']) {
    await day.at(time);
    expect(answerOf(await client.logOn(maker('L09901'))).warnings).toEqual([]);
  }
});

test('circular row 33: by policy `warn` he comes in with a warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'registration-'));
  try {
    const file = readFileSync(new URL('../../fixtures/rehearsals/2021-07-24.json', import.meta.url), 'utf8');
    const own = join(folder, 'own.json');
    writeFileSync(own, file.replace('"policy": "deny"', '"policy": "warn"'));
    await using day = await rehearsalDay({ rehearsal: own });
    await day.at('2021-07-24T16:30');
    const { warnings } = answerOf(await day.tooling().logOn(maker('L09901')));
    expect(warnings).toEqual([
      { en: expect.stringContaining('not registered'), zh: expect.stringContaining('並未登記') },
    ]);
    expect(answerOf(await day.tooling().logOn(maker('B09901'))).warnings).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['2021-07-24', '2021-07-31'])(
  'circular row 29: who registers by 21 July takes part on %s, in both sessions and at every service that is its; who does not stays out',
  async (saturday) => {
    await using day = await rehearsalDay({ rehearsal: saturday, at: Date.parse('2021-07-20T10:00:00+08:00') });
    // Client Connect is not played: the tester enters what it would have told, here over HTTP and at the last moment.
    const connect = remoteControl({ url: day.harness.addresses.admin, token: day.harness.token });
    granted(await connect.register({ participant: 'B09902', registered: false }));
    granted(await connect.register({ participant: 'B09903', registered: false }));
    await day.at('2021-07-21T23:59:59.999');
    const answer = granted(await connect.register({ participant: 'B09902', registered: true }));
    expect(answer).toMatchObject({ by: '2021-07-21', warnings: [] });
    expect([answer.registered, answer.notRegistered]).toEqual([
      ['B09901', 'B09902', 'C09901'],
      ['B09903', 'L09901'],
    ]);
    for (const [time, centre] of [
      ['16:30', 'backup'],
      ['20:30', 'primary'],
    ] as const) {
      await day.at(`${saturday}T${time}`);
      expect(answerOf(await day.tooling().logOn(maker('B09902')))).toMatchObject({ centre, warnings: [] });
      answerOf(await day.orpUser().logOn(riskUser('B09902')));
      fromRap(await (await day.rapUser('B09902')).logOn());
      expect(outcome(await day.tooling().logOn(maker('B09903')))).toBe('403 NOT_REGISTERED');
      expect(outcome(await day.orpUser().logOn(riskUser('B09903')))).toBe('403 NOT_REGISTERED');
      expect((await (await day.rapUser('B09903')).logOn()).ok).toBe(false);
      expect((await day.journal('refusal')).at(-1)).toMatchObject({
        ...{ service: 'rap', participant: 'B09903', detail: { code: 'NOT_REGISTERED' } },
      });
    }
  },
);
