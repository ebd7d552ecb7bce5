import { expect, test } from 'vitest';
import { formatHkt } from '../../src/domain/calendar/calendar.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { answerOf, fromRap, granted, maker, rehearsalDay, riskUser } from '../support/circular-day.ts';
import { clientOf } from '../support/client.ts';

/** What a verb other than a log-on is told while it is closed: the next opening that the owner of its token may use. */
type Answer = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly refusal: Refusal };

function opens(answer: Answer): string {
  if (answer.ok) throw new Error('it is open');
  const { code, refusal } = answer;
  const next = formatHkt(refusal.retryAt ?? 0);
  // Words and member name the same opening.
  expect([refusal.detail.en, refusal.detail.zh]).toEqual([
    expect.stringContaining(next),
    expect.stringContaining(next),
  ]);
  return `${code} ${next}`;
}

test('an enquiry names the next opening for the registered, and Monday for one who was taken off the list, at CCASS and ORP Online (NOT_OPEN)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const [stays, leaves] = [day.tooling(), day.tooling()];
  const [risk, riskLeaves] = [day.orpUser(), day.orpUser()];
  for (const [client, id] of [
    [stays, 'B09901'],
    [leaves, 'B09902'],
  ] as const)
    answerOf(await client.logOn(maker(id)));
  answerOf(await risk.logOn(riskUser('B09901')));
  answerOf(await riskLeaves.logOn(riskUser('B09902')));
  granted(await day.control.register({ participant: 'B09902', registered: false }));
  // Who is logged on stays so.
  answerOf(await leaves.profile());

  await day.at('2021-07-24T18:30');
  expect(opens(await stays.profile())).toBe('NOT_OPEN 2021-07-24 20:30 HKT');
  expect(opens(await leaves.profile())).toBe('NOT_OPEN 2021-07-26 07:15 HKT');
  expect(opens(await leaves.inputInstructions([]))).toBe('NOT_OPEN 2021-07-26 08:00 HKT');
  expect(opens(await leaves.reports())).toBe('NOT_OPEN 2021-07-26 08:00 HKT');
  expect(opens(await risk.margin())).toBe('NOT_OPEN 2021-07-24 20:30 HKT');
  expect(opens(await riskLeaves.margin())).toBe('NOT_OPEN 2021-07-26 08:00 HKT');
  const refused = await leaves.profile();
  expect(refused.ok ? '' : refused.refusal.detail.en).toMatch(
    /Not for this participant: Session 2, .*\(registered participants only\)/,
  );
});

test('a log-off names the next opening by the channel of its token (NOT_OPEN)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T20:30');
  const [byC3t, byPg, absent] = [day.tooling(), day.tooling(), day.tooling()];
  answerOf(await byC3t.logOn(maker('B09901')));
  answerOf(await byPg.logOn(maker('B09902', { channel: 'PG' })));
  await day.at('2021-07-24T22:30');
  // The roll-back has ended both sessions; whose tokens they were is known all the same. Sunday is for C3T.
  expect(opens(await byC3t.logOff())).toBe('NOT_OPEN 2021-07-25 10:00 HKT');
  expect(opens(await byPg.logOff())).toBe('NOT_OPEN 2021-07-26 07:15 HKT');
  expect(opens(await absent.logOff())).toBe('NOT_OPEN 2021-07-25 10:00 HKT');
});

test('without a token, with one that is made up, of another service or of the other centre it is the next opening for anybody (NOT_OPEN)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const [client, risk] = [day.tooling(), day.orpUser()];
  const { token } = answerOf(await client.logOn(maker('B09902')));
  const { token: ofOrp } = answerOf(await risk.logOn(riskUser('B09902')));
  granted(await day.control.register({ participant: 'B09902', registered: false }));
  const { addresses, ca } = day.harness;
  const ask = async (url: string, bearer: string | null) => {
    using asking = clientOf({ url, ca });
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
    const { status, body } = await asking.ask('/ccass/v1/profile', { headers });
    return `${status} ${(JSON.parse(body.toString()) as { retryAt: string }).retryAt}`;
  };
  await day.at('2021-07-24T18:30');
  for (const bearer of [null, 'backup.made-up', 'x', ofOrp])
    expect(await ask(addresses.line, bearer)).toBe('423 2021-07-24T20:30:00+08:00');
  expect(await ask(addresses.line, token)).toBe('423 2021-07-26T07:15:00+08:00');
  expect(await ask(addresses.primary, token)).toBe('423 2021-07-24T20:30:00+08:00');
});

test('RAP over SFTP: a request over a connection that outlives the session names the next opening for its user, in the journal (NOT_OPEN)', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const [stays, leaves] = [await day.rapUser('B09901'), await day.rapUser('B09902')];
  fromRap(await stays.logOn());
  fromRap(await leaves.logOn());
  granted(await day.control.register({ participant: 'B09902', registered: false }));
  await day.at('2021-07-24T18:30');
  for (const rap of [stays, leaves]) expect((await rap.list('/')).ok).toBe(false);
  const refusals = await day.journal('refusal');
  expect(refusals.map(({ detail }) => [detail.code, formatHkt(detail.retryAt ?? 0)])).toEqual([
    ['NOT_OPEN', '2021-07-24 20:30 HKT'],
    ['NOT_OPEN', '2021-07-26 07:00 HKT'],
  ]);
});
