import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/calendar/calendar.ts';
import { answerOf, fromRap, maker, outcome, PASSWORD, rehearsalDay, riskUser } from '../support/circular-day.ts';
import { clientOf } from '../support/client.ts';

describe.each([
  ['2021-07-24', '2021-07-25'],
  ['2021-07-31', '2021-08-01'],
])('circular row 27: the Sunday after %s', (saturday, sunday) => {
  test('is for those who logged on in either session (NOT_ENTITLED)', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const tooling = Object.fromEntries(
      ['B09901', 'B09902', 'B09903', 'C09901', 'L09901'].map((id) => [id, day.tooling()]),
    );
    const tries = async (id: string, more = {}) => {
      const answer = await tooling[id]?.logOn(maker(id, more));
      return answer ? outcome(answer) : '';
    };
    await day.at(`${saturday}T16:30`);
    expect(await tries('B09901')).toBe('201');
    expect(await tries('B09902', { password: 'not the right one' })).toBe('401 BAD_CREDENTIALS');
    expect(await tries('L09901')).toBe('403 NOT_REGISTERED');
    await day.at(`${saturday}T20:30`);
    expect(await tries('B09903', { channel: 'PG' })).toBe('201');

    await day.at(`${sunday}T10:00`);
    expect(await tries('B09901')).toBe('201');
    expect(await tries('B09903')).toBe('201');
    expect(await tries('B09901', { user: 'CHECK01' })).toBe('201');
    // Trying is not taking part; nor is staying away.
    for (const id of ['B09902', 'C09901', 'L09901']) expect([id, await tries(id)]).toEqual([id, '403 NOT_ENTITLED']);
    const refused = await tooling.C09901?.logOn(maker('C09901'));
    if (!refused || refused.ok) throw new Error('it took no part');
    expect(refused.refusal.detail.en).toContain('logged on in an earlier session of this rehearsal');
    expect(refused.refusal.detail.zh).toContain('未曾登入');
  });

  test.each([
    ['RAP over SFTP', 'B09902', '201'],
    ['RAP over HTTPS', 'B09902', '201'],
    ['ORP Online', 'B09902', '201'],
    ['none', 'B09902', '403 NOT_ENTITLED'],
  ] as const)('counts a log-on at %s alone as having taken part', async (service, participant, expected) => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    await day.at(`${saturday}T20:30`);
    if (service === 'RAP over SFTP') fromRap(await (await day.rapUser(participant)).logOn());
    if (service === 'RAP over HTTPS') {
      using client = clientOf({ url: day.harness.addresses.line, ca: day.harness.ca });
      const answer = await client.ask('/rap/v1/session', { method: 'POST', body: { participant, password: PASSWORD } });
      expect(answer.status).toBe(201);
    }
    if (service === 'ORP Online') answerOf(await day.orpUser().logOn(riskUser(participant)));
    await day.at(`${sunday}T10:00`);
    expect(outcome(await day.tooling().logOn(maker(participant)))).toBe(expected);
  });

  test('is open from 10:00 until just before 12:00 (NOT_OPEN)', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    await day.at(`${saturday}T16:30`);
    answerOf(await client.logOn(maker('B09901')));
    const at = async (time: string) => {
      await day.at(time);
      return outcome(await client.logOn(maker('B09901', { takeOver: true })));
    };
    expect(await at(`${sunday}T09:59:59.999`)).toBe('423 NOT_OPEN');
    expect(await at(`${sunday}T10:00`)).toBe('201');
    expect(await at(`${sunday}T11:59:59.999`)).toBe('201');
    expect(await at(`${sunday}T12:00`)).toBe('423 NOT_OPEN');
  });

  test('is optional: who took part and stays away misses nothing, and is let in on Monday as one who came', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const [comes, stays] = [day.tooling(), day.tooling()];
    await day.at(`${saturday}T16:30`);
    answerOf(await comes.logOn(maker('B09901')));
    answerOf(await stays.logOn(maker('B09902')));
    await day.at(`${sunday}T10:00`);
    expect(answerOf(await comes.logOn(maker('B09901')))).toMatchObject({ rehearsalSession: { id: 'verification' } });
    expect(outcome(await comes.logOff())).toBe('204');
    await day.at(`${addDays(sunday, 1)}T10:00`);
    for (const [client, id] of [
      [comes, 'B09901'],
      [stays, 'B09902'],
    ] as const)
      expect(answerOf(await client.logOn(maker(id)))).toMatchObject({
        ...{ participant: id, release: 'production', rehearsalSession: null, warnings: [] },
      });
  });

  test('is of CCASS alone: RAP and ORP Online stay closed (NOT_OPEN)', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const [rap, orp] = [await day.rapUser('B09901'), day.orpUser()];
    await day.at(`${saturday}T16:30`);
    fromRap(await rap.logOn());
    answerOf(await orp.logOn(riskUser('B09901')));
    rap.logOff();
    await day.at(`${sunday}T11:00`);
    expect((await rap.logOn()).ok).toBe(false);
    expect((await day.journal('refusal')).at(-1)).toMatchObject({ service: 'rap', detail: { code: 'NOT_OPEN' } });
    expect(outcome(await orp.logOn(riskUser('B09901')))).toBe('423 NOT_OPEN');
  });
});
