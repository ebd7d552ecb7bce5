import { expect, test } from 'vitest';
import { fromRap, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';

/** The sessions of a Saturday, to the millisecond, and the Sunday after. */
test.each([
  ['2021-07-24', '2021-07-25', '2021-07-26'],
  ['2021-07-31', '2021-08-01', '2021-08-02'],
  ['2021-08-14', '2021-08-15', '2021-08-16'],
])('circular row 15: RAP and ORP Online are open in the sessions of %s only', async (saturday, sunday, monday) => {
  await using day = await rehearsalDay({ rehearsal: saturday });
  const rap = await day.rapUser('B09901');
  const orp = day.orpUser();
  const at = async (time: string) => {
    await day.at(time);
    const on = await orp.logOn({ ...riskUser('B09901'), takeOver: true });
    return [(await rap.logOn()).ok, outcome(on), on.centre];
  };
  const closed = (centre: string) => [false, '423 NOT_OPEN', centre];
  const open = (centre: string) => [true, '201', centre];
  expect(await at(`${saturday}T16:29:59.999`)).toEqual(closed('primary'));
  expect(await at(`${saturday}T16:30`)).toEqual(open('backup'));
  expect(await at(`${saturday}T18:29:59.999`)).toEqual(open('backup'));
  expect(await rap.list('/INBOX')).toMatchObject({ ok: true });

  expect(await at(`${saturday}T18:30`)).toEqual(closed('backup'));
  expect(await at(`${saturday}T20:29:59.999`)).toEqual(closed('backup'));
  expect(await at(`${saturday}T20:30`)).toEqual(open('primary'));
  expect(await at(`${saturday}T22:29:59.999`)).toEqual(open('primary'));
  expect(await at(`${saturday}T22:30`)).toEqual(closed('primary'));
  // The verification of the Sunday is of CCASS alone.
  expect(await at(`${sunday}T10:00`)).toEqual(closed('primary'));
  expect(await at(`${monday}T09:00`)).toEqual(open('primary'));
});

test('circular row 15: a connection that outlives its session may do nothing more, and what is closed says when it opens', async () => {
  await using day = await rehearsalDay();
  const rap = await day.rapUser('B09901');
  await day.at('2021-07-24T16:30');
  fromRap(await rap.logOn());
  await day.at('2021-07-24T18:30');
  const refused = await rap.list('/INBOX');
  expect(refused).toMatchObject({
    ok: false,
    says: expect.stringContaining(
      'RAP is closed now (2021-07-24 18:30 HKT). It opens at the primary centre 2021-07-24 20:30 HKT',
    ),
  });
  const orp = await day.orpUser().logOn(riskUser('B09901'));
  if (orp.ok) throw new Error('it is closed');
  expect(orp.refusal.retryAt).toBe(Date.parse('2021-07-24T20:30:00+08:00'));
  expect(orp.refusal.detail.zh).toContain('2021-07-24 20:30 HKT');
});
