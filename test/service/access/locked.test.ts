import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { CALLER, orpCentre, taken } from '../../support/orp-centre.ts';

const RIGHT = 'Rehearsal-2021';

test('a password that let its user in before is compared like any other while the user is locked (USER_LOCKED)', async () => {
  await using it = await orpCentre();
  const { service, sessions } = it.centre;
  const logon = async (password: string) => {
    const answer = await service.logon({ participant: 'B09901', user: 'RISK01', password }, CALLER);
    return isRefusal(answer) ? answer.refusal : answer;
  };
  /** Whether an answer needs no hash, which takes a thread of its own: then it is here before the event loop turns. */
  const atOnce = (password: string) =>
    Promise.race([
      logon(password).then(() => 'at once'),
      new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'later'))),
    ]);
  for (const _ of [1, 2]) {
    const { session } = taken(await service.logon({ participant: 'B09901', user: 'RISK01', password: RIGHT }, CALLER));
    sessions.end(session, 'log-off', it.clock.now());
  }
  for (const _ of [1, 2, 3]) expect(await logon('wrong')).toBe('BAD_CREDENTIALS');
  expect([await atOnce(RIGHT), await atOnce('wrong')]).toEqual(['later', 'later']);
  expect([await logon(RIGHT), await logon('wrong')]).toEqual(['USER_LOCKED', 'USER_LOCKED']);
});

test('a lock that another request makes meanwhile is answered alike, right or wrong (USER_LOCKED)', async () => {
  await using it = await orpCentre();
  const { service, sessions } = it.centre;
  const request = (password: string) => service.logon({ participant: 'B09901', user: 'RISK01', password }, CALLER);
  const { session } = taken(await request(RIGHT));
  sessions.end(session, 'log-off', it.clock.now());
  for (const _ of [1, 2]) await request('wrong');
  const [decoy, right, wrong] = await Promise.all([request('decoy'), request(RIGHT), request('guess')]);
  // Whichever guess is counted first is the third failure; from then on right and wrong get the same answer.
  const late = [decoy, wrong].filter((answer) => isRefusal(answer) && answer.refusal === 'USER_LOCKED');
  expect(late).toHaveLength(1);
  expect(right).toEqual(late[0]);
});
