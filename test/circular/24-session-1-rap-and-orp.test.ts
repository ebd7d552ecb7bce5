import { expect, test } from 'vitest';
import { answerOf, fromRap, granted, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';

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
