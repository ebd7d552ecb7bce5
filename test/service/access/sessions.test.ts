import { describe, expect, test } from 'vitest';
import { isRefusal, type Refusal } from '../../../src/domain/refusal.ts';
import { createSessions, type Session, type Sessions } from '../../../src/service/access/sessions.ts';

const MINUTE_MS = 60_000;
const facts = { service: 'ccass', participant: 'B09901', user: 'MAKER01', channel: 'C3T', centre: 'primary' } as const;

function opened() {
  const idle: Session[] = [];
  const sessions = createSessions('primary', 15, (session) => idle.push(session));
  return { sessions, idle };
}

function refusalOf(sessions: Sessions, token: string | null, at: number): Refusal {
  const answer = sessions.find('ccass', token, at);
  if (!isRefusal(answer)) throw new Error('there is a session');
  return answer;
}

describe('sessions', () => {
  test('a token names its centre, is long, and none is like another', () => {
    const { sessions } = opened();
    const tokens = Array.from({ length: 100 }, () => sessions.start({ ...facts, startedAt: 0 }).token);
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^primary\.[\w-]{43}$/.test(token))).toBe(true);
  });

  test('every request restarts the idle time', () => {
    const { sessions, idle } = opened();
    const { token, session } = sessions.start({ ...facts, startedAt: 0 });
    for (let at = 14 * MINUTE_MS; at < 100 * MINUTE_MS; at += 14 * MINUTE_MS)
      expect(sessions.find('ccass', token, at)).toBe(session);
    expect(refusalOf(sessions, token, session.lastAt + 15 * MINUTE_MS).more).toEqual({ reason: 'idle' });
    expect(idle).toEqual([session]);
    expect(sessions.count()).toBe(0);
  });

  test('looking for a user ends an idle session, once', () => {
    const { sessions, idle } = opened();
    const { session } = sessions.start({ ...facts, startedAt: 0 });
    expect(sessions.of('ccass', 'B09901', 'MAKER01', 15 * MINUTE_MS - 1)).toBe(session);
    expect(sessions.of('ccass', 'B09901', 'MAKER01', 15 * MINUTE_MS)).toBeUndefined();
    expect(sessions.of('ccass', 'B09901', 'MAKER01', 15 * MINUTE_MS)).toBeUndefined();
    expect(idle).toHaveLength(1);
  });

  test.each(['log-off', 'taken-over', 'switch', 'roll-back', 'reset'] as const)(
    '%s is the reason that the token is told (SESSION_ENDED)',
    (why) => {
      const { sessions } = opened();
      const { token } = sessions.start({ ...facts, startedAt: 0 });
      sessions.endAll(why, 1);
      const refusal = refusalOf(sessions, token, 2);
      expect(refusal).toMatchObject({ refusal: 'SESSION_ENDED', more: { reason: why } });
      expect([refusal.detail.en, refusal.detail.zh]).toEqual([
        expect.stringMatching(/Log on again/),
        expect.stringMatching(/重新登入/),
      ]);
    },
  );

  test('a token of the other centre, an old one, none, and an unknown one (SESSION_ENDED, NO_SESSION)', () => {
    const { sessions } = opened();
    expect(refusalOf(sessions, `backup.${'x'.repeat(43)}`, 0)).toMatchObject({
      refusal: 'SESSION_ENDED',
      more: { reason: 'switch' },
    });
    expect(refusalOf(sessions, `primary.${'x'.repeat(43)}`, 0)).toMatchObject({
      refusal: 'SESSION_ENDED',
      more: { reason: 'unknown' },
    });
    expect(refusalOf(sessions, null, 0).refusal).toBe('NO_SESSION');
    expect(refusalOf(sessions, 'tertiary.abc', 0).refusal).toBe('NO_SESSION');
  });

  test('ending twice is harmless, and ends no other session', () => {
    const { sessions } = opened();
    const first = sessions.start({ ...facts, startedAt: 0 });
    sessions.end(first.session, 'taken-over', 0);
    const second = sessions.start({ ...facts, startedAt: 0 });
    sessions.end(first.session, 'log-off', 0);
    expect(sessions.find('ccass', second.token, 0)).toBe(second.session);
    expect(sessions.of('ccass', 'B09901', 'MAKER01', 0)).toBe(second.session);
    expect(refusalOf(sessions, first.token, 0).more).toEqual({ reason: 'taken-over' });
  });
});
