import { expect, test } from 'vitest';
import { RapConnectionLost } from '../../src/client/rap-user.ts';
import { answerOf, filesInRap, fromRap, granted, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';

// Any business day: the contingency is not the rehearsal.
test.each(['drain', 'cut'] as const)(
  'circular row 14: after a %s RAP and ORP Online are reached at the backup centre with the configuration that there is',
  async (mode) => {
    await using day = await rehearsalDay({ at: Date.parse('2021-07-27T10:00:00+08:00') });
    const rap = await day.rapUser('B09901');
    const orp = day.orpUser();
    const { hostKey } = fromRap(await rap.logOn());
    const on = answerOf(await orp.logOn(riskUser('B09901')));
    expect(on).toMatchObject({ centre: 'primary', release: 'production' });
    const files = await filesInRap(rap);
    const file = files.find((path) => path.includes('/RMAMR01_B09901_20210726_2030_D')) ?? '';
    const [bytes, margin] = [fromRap(await rap.fetch(file)), answerOf(await orp.margin())];

    granted(await day.control.failover({ to: 'backup', mode }));

    await expect(rap.list('/')).rejects.toThrow(RapConnectionLost);
    const late = await orp.margin();
    expect([outcome(late), late.centre]).toEqual(['401 SESSION_ENDED', 'backup']);
    // The same tooling, the same addresses, the same host key: nothing but a new log-on.
    expect(fromRap(await rap.logOn()).hostKey).toBe(hostKey);
    expect(answerOf(await orp.logOn(riskUser('B09901')))).toMatchObject({ centre: 'backup', release: 'production' });
    expect(await filesInRap(rap)).toEqual(files);
    expect(fromRap(await rap.fetch(file)).equals(bytes)).toBe(true);
    expect(answerOf(await orp.margin())).toEqual(margin);

    const logons = (await day.journal('logon')).map(({ centre, service }) => [service, centre]);
    expect(logons).toEqual([
      ['rap', 'primary'],
      ['orp', 'primary'],
      ['rap', 'backup'],
      ['orp', 'backup'],
    ]);
  },
);

test('circular row 14: the centre that is not active takes nobody, and names the line', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-27T10:00:00+08:00') });
  expect(await (await day.rapUser('B09901', { centre: 'backup' })).logOn()).toMatchObject({ ok: false });
  const refused = await day.orpUser({ centre: 'backup' }).logOn(riskUser('B09901'));
  expect(outcome(refused)).toBe('503 CENTRE_STANDBY');
  const refusals = await day.journal('refusal');
  expect(refusals.map(({ service, detail }) => [service, detail.code])).toEqual([
    ['rap', 'CENTRE_STANDBY'],
    ['orp', 'CENTRE_STANDBY'],
  ]);
  for (const { detail } of refusals) expect(detail.says.en).toContain(new URL(day.harness.addresses.line).hostname);
});
