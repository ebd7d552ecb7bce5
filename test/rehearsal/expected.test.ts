import { describe, expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { Rehearsal, RehearsalSession } from '../../src/domain/calendar/rehearsal.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { castOf, type Performer } from '../../src/rehearsal/cast.ts';
import { isClosed, logOnRefusal, nextOpeningFault, whyEnded } from '../../src/rehearsal/expected.ts';

const { rehearsal, holidays } = await loadFixtures({ rehearsal: '2021-07-24' });
const stage = { rehearsal, holidays };
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
    const closed = (text: string) => isClosed(stage, instant(text));
    expect(['2021-07-24T00:00', '2021-07-24T16:29:59.999', '2021-07-24T18:30', '2021-07-25T12:00'].map(closed)).toEqual(
      Array(4).fill(true),
    );
    expect(['2021-07-23T10:00', '2021-07-24T16:30', '2021-07-24T18:29:59.999', '2021-07-26T00:00'].map(closed)).toEqual(
      Array(4).fill(false),
    );
  });

  it('of the next opening', () => {
    const fault = (at: string, named: string | undefined, of: Rehearsal = rehearsal) =>
      nextOpeningFault({ rehearsal: of, holidays }, instant(at), named === undefined ? undefined : instant(named));
    expect(fault('2021-07-24T16:25', '2021-07-24T16:30')).toBeNull();
    expect(fault('2021-07-24T16:25', '2021-07-24T16:31')).toBe('session-1 is the next to open');
    expect(fault('2021-07-24T16:25', '2021-07-24T16:20')).toBe('the next opening that it names is past');
    expect(fault('2021-07-24T16:25', undefined)).toBe('it does not say when it opens next');
    expect(fault('2021-07-24T22:30', '2021-07-25T10:00')).toBeNull();
    expect(fault('2021-07-24T22:30', '2021-07-26T07:15')).toBe('verification is the next to open');
    const later = {
      ...rehearsal,
      sessions: [one, { ...two, from: instant('2021-07-28T20:30'), to: instant('2021-07-28T22:30') }],
    };
    expect(fault('2021-07-24T18:30', '2021-07-26T07:15', later)).toBeNull();
    expect(fault('2021-07-24T18:30', '2021-07-27T07:15', later)).toBe('session-2 is the next to open');
  });

  it('of a token', () => {
    expect(whyEnded(stage, one, two, 15)).toBe('switch');
    expect(whyEnded(stage, two, sunday, 15)).toBe('roll-back');
    expect(whyEnded({ ...stage, rehearsal: { ...rehearsal, rollBack: null } }, two, sunday, 15)).toBe('idle');
    const still = { rehearsal: { ...rehearsal, switches: [], rollBack: null }, holidays };
    expect(whyEnded(still, two, { ...two, from: two.to, to: two.to + 1 }, 15)).toBeNull();
    expect(
      whyEnded({ ...stage, rehearsal: { ...rehearsal, rollBack: null } }, one, { ...sunday, centre: 'backup' }, 15),
    ).toBe('switch');
  });
});

describe('the cast', () => {
  const performer = (participant: string, type: Performer['type'], user = 'MAKER01'): Performer => ({
    participant,
    type,
    user,
    password: 'x',
  });
  const market = [
    performer('B1', 'direct-clearing'),
    performer('B1', 'direct-clearing', 'MAKER02'),
    performer('B2', 'direct-clearing'),
    performer('B3', 'general-clearing'),
    performer('C1', 'custodian'),
    performer('L1', 'stock-lender'),
  ];
  const tooling = { line: 'https://127.0.0.1:1', sftp: 'sftp://127.0.0.1:1', ca: '', knownHosts: '', layouts: {} };
  const parts = (registered: string[]) => {
    const cast = castOf(market, registered, tooling);
    return (
      cast && [
        cast.taking.map((who) => `${who.participant} ${who.channel}`),
        cast.absent?.participant,
        cast.unregistered?.participant,
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
