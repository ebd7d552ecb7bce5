import { expect, test } from 'vitest';
import { answerOf, fromRap, granted, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';
import { clientOf } from '../support/client.ts';

test('circular row 22: clearing participants log on to RAP and ORP Online through the backup centre', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  for (const id of ['B09901', 'B09902', 'B09903']) {
    const rap = await day.rapUser(id);
    const { banner } = fromRap(await rap.logOn());
    expect(banner).toContain('SIMULATED');
    const orp = day.orpUser();
    const on = await orp.logOn(riskUser(id));
    expect(on.certificate).toMatch(/^backup /);
    expect(answerOf(on)).toMatchObject({
      ...{ participant: id, user: 'RISK01', role: 'risk', centre: 'backup', release: 'upgraded' },
      rehearsalSession: { id: 'session-1', name: { en: 'Session 1', zh: '時段 1' } },
    });
    expect(answerOf(await orp.profile())).toMatchObject({ account: `HK ${id} MA1` });
    expect(outcome(await orp.logOff())).toBe('204');
    rap.logOff();
  }
  const logons = await day.journal('logon');
  expect(
    logons.map(({ centre, participant, service, detail }) => [centre, participant, service, detail.window]),
  ).toEqual(
    ['B09901', 'B09902', 'B09903'].flatMap((id) => [
      ['backup', id, 'rap', 'session-1'],
      ['backup', id, 'orp', 'session-1'],
    ]),
  );
});

test('circular row 22: they only: the custodian, the stock lender and whoever is not registered are refused at both (NOT_ENTITLED, NOT_REGISTERED)', async () => {
  await using day = await rehearsalDay();
  granted(await day.control.register({ participant: 'B09902', registered: false }));
  await day.at('2021-07-24T16:30');
  const met = [];
  for (const id of ['C09901', 'L09901', 'B09902']) {
    expect(await (await day.rapUser(id)).logOn()).toMatchObject({ ok: false });
    met.push([id, outcome(await day.orpUser().logOn(riskUser(id)))]);
  }
  expect(met).toEqual([
    ['C09901', '403 NOT_ENTITLED'],
    ['L09901', '403 NOT_ENTITLED'],
    ['B09902', '403 NOT_REGISTERED'],
  ]);
  const refusals = (await day.journal('refusal')).map(({ participant, service, detail }) => [
    participant,
    service,
    detail.code,
  ]);
  expect(refusals).toEqual([
    ['C09901', 'rap', 'NOT_ENTITLED'],
    ['C09901', 'orp', 'NOT_ENTITLED'],
    ['L09901', 'rap', 'NOT_ENTITLED'],
    ['L09901', 'orp', 'NOT_ENTITLED'],
    ['B09902', 'rap', 'NOT_REGISTERED'],
    ['B09902', 'orp', 'NOT_REGISTERED'],
  ]);
  const [first] = await day.journal('refusal');
  expect(first?.detail.says.en).toContain('RAP is for clearing participants only, and this is a custodian participant');
});

test.each(['2021-07-24T16:25', '2021-07-24T17:00', '2021-07-24T19:00', '2021-07-26T02:00'])(
  'circular row 22: at %s a custodian is told that these are never for it, not when to come back (NOT_ENTITLED)',
  async (time) => {
    await using day = await rehearsalDay();
    await day.at(time);
    using client = clientOf({ url: day.harness.addresses.line, ca: day.harness.ca });
    const bodies = { rap: { participant: 'C09901', password: 'x' }, orp: riskUser('C09901') };
    for (const [service, body] of Object.entries(bodies)) {
      const answer = await client.ask(`/${service}/v1/session`, { method: 'POST', body });
      expect([answer.status, answer.json().code, answer.headers['retry-after']]).toEqual([
        403,
        'NOT_ENTITLED',
        undefined,
      ]);
      expect(answer.json()).not.toHaveProperty('retryAt');
    }
    // By SFTP it sees what all others see; the journal says why.
    await (await day.rapUser('C09901')).logOn();
    expect(
      (await day.journal('refusal')).map(({ service, protocol, detail }) => [service, protocol, detail.code]),
    ).toEqual([
      ['rap', 'https', 'NOT_ENTITLED'],
      ['orp', 'https', 'NOT_ENTITLED'],
      ['rap', 'sftp', 'NOT_ENTITLED'],
    ]);
  },
);
