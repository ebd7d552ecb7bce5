import { describe, expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { Rehearsal, RehearsalSession } from '../../src/domain/calendar/rehearsal.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { isClosed, logOnRefusal, nextOpeningProblem, whyEnded } from '../../src/rehearsal/expected.ts';
import { type ClientUser, chooseParticipants } from '../../src/rehearsal/participants.ts';
import { wordsOf } from '../../src/rehearsal/said.ts';

const { rehearsal, holidays } = await loadFixtures({ rehearsal: '2021-07-24' });
const setting = { rehearsal, holidays, policy: 'deny' } as const;
const [one, two, sunday] = rehearsal.sessions as unknown as [RehearsalSession, RehearsalSession, RehearsalSession];
const who = { channel: 'C3T', type: 'custodian', registered: true, tookPart: true } as const;

describe('what a rehearsal file says must come', () => {
  it('of a log-on', () => {
    expect(logOnRefusal(one, who, 'deny')).toBeNull();
    expect(logOnRefusal(one, { ...who, registered: false }, 'deny')).toBe('NOT_REGISTERED');
    expect(logOnRefusal(one, { ...who, registered: false }, 'warn')).toBeNull();
    expect(logOnRefusal(one, { ...who, tookPart: false }, 'deny')).toBeNull();
    expect(logOnRefusal(sunday, { ...who, tookPart: false }, 'deny')).toBe('NOT_ENTITLED');
    expect(logOnRefusal(sunday, { ...who, channel: 'PG', tookPart: false }, 'deny')).toBe('NOT_OPEN');
    const clearing = { ...one, services: { ccass: { audience: 'clearing', operations: 'all' } } } as const;
    expect(logOnRefusal(clearing, who, 'deny')).toBe('NOT_ENTITLED');
    expect(logOnRefusal(clearing, { ...who, type: 'direct-clearing' }, 'deny')).toBeNull();
    expect(logOnRefusal({ ...one, services: {} }, who, 'deny')).toBe('NOT_OPEN');
  });

  it('of a moment', () => {
    const closed = (text: string) => isClosed(setting, instant(text));
    expect(['2021-07-24T00:00', '2021-07-24T16:29:59.999', '2021-07-24T18:30', '2021-07-25T12:00'].map(closed)).toEqual(
      Array(4).fill(true),
    );
    expect(['2021-07-23T10:00', '2021-07-24T16:30', '2021-07-24T18:29:59.999', '2021-07-26T00:00'].map(closed)).toEqual(
      Array(4).fill(false),
    );
  });

  it('of the next opening', () => {
    const fault = (at: string, named: string | undefined, of: Rehearsal = rehearsal, by = {}) => {
      const opens = named === undefined ? undefined : instant(named);
      const problem = nextOpeningProblem({ ...setting, rehearsal: of }, instant(at), opens, { ...who, ...by });
      return problem && wordsOf(problem).en;
    };
    expect(fault('2021-07-24T16:25', '2021-07-24T16:30')).toBeNull();
    expect(fault('2021-07-24T16:25', '2021-07-24T16:31')).toBe('expected session-1 as the next opening');
    expect(fault('2021-07-24T16:25', '2021-07-24T16:20')).toBe('the next opening it names is in the past');
    expect(fault('2021-07-24T16:25', undefined)).toBe('it does not name the next opening');
    expect(fault('2021-07-24T22:30', '2021-07-25T10:00')).toBeNull();
    expect(fault('2021-07-24T22:30', '2021-07-26T07:15')).toBe('expected verification as the next opening');
    for (const by of [{ channel: 'PG' }, { tookPart: false }, { registered: false }]) {
      expect(fault('2021-07-24T22:30', '2021-07-26T07:15', rehearsal, by)).toBeNull();
      expect(fault('2021-07-24T22:30', '2021-07-25T10:00', rehearsal, by)).not.toBeNull();
    }
    const later = {
      ...rehearsal,
      sessions: [one, { ...two, from: instant('2021-07-28T20:30'), to: instant('2021-07-28T22:30') }],
    };
    expect(fault('2021-07-24T18:30', '2021-07-26T07:15', later)).toBeNull();
    expect(fault('2021-07-24T18:30', '2021-07-27T07:15', later)).toBe('expected session-2 as the next opening');
  });

  it('of a token', () => {
    expect(whyEnded(setting, one, two, 15)).toBe('switch');
    expect(whyEnded(setting, two, sunday, 15)).toBe('roll-back');
    expect(whyEnded({ ...setting, rehearsal: { ...rehearsal, rollBack: null } }, two, sunday, 15)).toBe('idle');
    const still = { rehearsal: { ...rehearsal, switches: [], rollBack: null } };
    expect(whyEnded(still, two, { ...two, from: two.to, to: two.to + 1 }, 15)).toBeNull();
    expect(
      whyEnded({ ...setting, rehearsal: { ...rehearsal, rollBack: null } }, one, { ...sunday, centre: 'backup' }, 15),
    ).toBe('switch');
  });
});

describe('the participants', () => {
  const clientUser = (participant: string, type: ClientUser['type'], user = 'MAKER01'): ClientUser => ({
    participant,
    type,
    user,
    password: 'x',
  });
  const market = [
    clientUser('B1', 'direct-clearing'),
    clientUser('B1', 'direct-clearing', 'MAKER02'),
    clientUser('B2', 'direct-clearing'),
    clientUser('B3', 'general-clearing'),
    clientUser('C1', 'custodian'),
    clientUser('L1', 'stock-lender'),
  ];
  const tooling = { line: 'https://127.0.0.1:1', sftp: 'sftp://127.0.0.1:1', ca: '', knownHosts: '', layouts: {} };
  const parts = (registered: string[]) => {
    const participants = chooseParticipants(market, registered, tooling);
    return (
      participants && [
        participants.attending.map((who) => `${who.participant} ${who.channel}`),
        participants.absent?.participant,
        participants.unregistered?.participant,
      ]
    );
  };

  it('has somebody of each type, by turns at terminal and gateway, one who stays away and one who is not registered', () => {
    expect(parts(['B1', 'B2', 'B3', 'C1'])).toEqual([['B1 C3T', 'B3 PG', 'C1 C3T'], 'B2', 'L1']);
    expect(parts(['B1', 'B3', 'C1'])).toEqual([['B1 C3T', 'B3 PG'], 'C1', 'B2']);
    expect(parts(['B1', 'B2'])).toEqual([['B1 C3T', 'B2 PG'], undefined, 'B3']);
    expect(parts(['B1', 'B2', 'B3', 'C1', 'L1'])).toEqual([['B1 C3T', 'B3 PG', 'C1 C3T', 'L1 PG'], 'B2', undefined]);
    expect(parts([])).toBeNull();
  });
});
