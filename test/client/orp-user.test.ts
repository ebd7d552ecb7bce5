import { expect, test } from 'vitest';
import { orpUser } from '../../src/client/orp-user.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { answerOf } from '../support/circular-day.ts';

test('the reference user of ORP Online enquires and simulates, and gets refusals unchanged', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });
  const { orp } = harness;
  if (!orp) throw new Error('the harness offers no ORP user');
  using user = orpUser({ line: harness.addresses.line, ca: harness.ca });
  expect(await user.margin()).toMatchObject({ ok: false, code: 'NO_SESSION' });
  expect(await user.logOn({ ...orp, participant: 'C09901' })).toMatchObject({ ok: false, code: 'NOT_ENTITLED' });
  expect(await user.logOn(orp)).toMatchObject({ ok: true, status: 201, centre: 'primary' });

  const { account } = answerOf(await user.profile());
  const { margin, ...run } = answerOf(await user.margin());
  expect(run).toMatchObject({ account, businessDate: '2021-07-23', snapshot: '2030' });
  const query = { businessDate: run.businessDate, snapshot: run.snapshot };
  expect(answerOf(await user.positions(query)).rows.length).toBeGreaterThan(0);
  expect(answerOf(await user.mtm(query)).mtm).toMatchObject({ favourable: expect.any(Number) });

  const { reference } = answerOf(await user.simulate({ path: 'A', account }));
  let simulation = answerOf(await user.simulation(reference));
  while (simulation.status !== 'done') simulation = answerOf(await user.simulation(reference));
  expect(simulation.result?.margin).toEqual(margin);
  expect(await user.simulate({ path: 'C', account })).toMatchObject({ ok: false, code: 'SIMULATION_NOT_OFFERED' });
  expect(await user.logOff()).toMatchObject({ ok: true, status: 204 });
  expect(await user.profile()).toMatchObject({ ok: false, code: 'SESSION_ENDED' });
});
