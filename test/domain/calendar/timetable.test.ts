import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  DAY_MS,
  instant,
  isBusinessDay,
  isSaturday,
  marketDate,
} from '../../../src/domain/calendar/calendar.ts';
import {
  belongsTo,
  isRehearsalDay,
  OPERATIONS,
  type Operation,
  type Rehearsal,
} from '../../../src/domain/calendar/rehearsal.ts';
import { type Opening, type OpeningQuestion, opening } from '../../../src/domain/calendar/timetable.ts';
import { finalRun } from '../../../src/domain/calendar/timetable-events.ts';
import { windowsAt } from '../../../src/domain/calendar/windows.ts';
import type { ParticipantType } from '../../../src/domain/nouns/market.ts';
import { loadFixtures } from '../../../src/loading/loading.ts';

const circular = await loadFixtures({ rehearsal: '2021-07-24' });
const always = await loadFixtures({ rehearsal: 'always-open' });
const rehearsals = await Promise.all(
  ['2021-07-24', '2021-07-31', '2021-08-14'].map((rehearsal) => loadFixtures({ rehearsal })),
);

type Ask = Partial<OpeningQuestion> & { readonly when?: string };
function ask({ when, ...rest }: Ask, days = circular): Opening {
  return opening(days, { at: when ? instant(when) : 0, service: 'ccass', operation: 'enquire', ...rest });
}
function closed(answer: Opening): Extract<Opening, { open: false }> {
  if (answer.open) throw new Error('it is open');
  return answer;
}
function sessionOf(answer: Opening): string | null {
  return answer.open && answer.session ? answer.session.id : null;
}

describe('the Saturday of the circular', () => {
  it('opens session 1 at 16:30, itself included, and closes it at 18:30, itself excluded', () => {
    expect(ask({ when: '2021-07-24T16:29:59.999' }).open).toBe(false);
    const first = ask({ when: '2021-07-24T16:30' });
    expect(first).toMatchObject({
      open: true,
      until: instant('2021-07-24T18:30'),
      session: { id: 'session-1', centre: 'backup' },
    });
    expect(sessionOf(ask({ when: '2021-07-24T18:29:59.999' }))).toBe('session-1');
    expect(ask({ when: '2021-07-24T18:30' }).open).toBe(false);
  });

  it('opens session 2 at the primary centre', () => {
    expect(ask({ when: '2021-07-24T20:30' })).toMatchObject({
      open: true,
      session: { id: 'session-2', centre: 'primary' },
    });
    expect(ask({ when: '2021-07-24T22:30' }).open).toBe(false);
  });

  it('says where and when it opens next, in both languages, and when to try again (NOT_OPEN)', () => {
    const { refusal, next, why } = closed(ask({ when: '2021-07-24T16:25', operation: 'logon' }));
    expect(why).toBe('closed');
    expect(refusal.refusal).toBe('NOT_OPEN');
    expect(refusal.retryAt).toBe(instant('2021-07-24T16:30'));
    expect(refusal.detail.en).toContain('opens at the backup centre 2021-07-24 16:30 HKT');
    expect(refusal.detail.zh).toContain('2021-07-24 16:30 HKT');
    expect(refusal.detail.zh).toContain('後備數據中心');
    expect(next).toMatchObject({ centre: 'backup', session: { id: 'session-1' } });
    expect(closed(ask({ when: '2021-07-24T19:00' })).refusal.detail.en).toContain(
      'opens at the primary centre 2021-07-24 20:30 HKT',
    );
  });

  it('is closed outside its sessions, for every service and operation, whatever the normal hours say', () => {
    for (const when of ['2021-07-24T00:00', '2021-07-24T09:00', '2021-07-24T19:30', '2021-07-24T23:59']) {
      for (const service of ['ccass', 'rap', 'orp'] as const) {
        for (const operation of OPERATIONS) expect(ask({ when, service, operation }).open).toBe(false);
      }
    }
  });

  it('lets clearing participants into RAP and ORP Online and nobody else (NOT_ENTITLED)', () => {
    const at = { when: '2021-07-24T17:00', operation: 'logon' } as const;
    for (const service of ['rap', 'orp'] as const) {
      for (const participantType of ['direct-clearing', 'general-clearing'] as const)
        expect(ask({ ...at, service, participantType }).open).toBe(true);
      for (const participantType of ['custodian', 'stock-lender', 'investor', 'clearing-agency'] as const) {
        const { refusal, why, next } = closed(ask({ ...at, service, participantType }));
        expect([refusal.refusal, why, next]).toEqual(['NOT_ENTITLED', 'audience', null]);
        expect(refusal.detail.en).toContain('clearing participants only');
      }
    }
    expect(ask({ ...at, participantType: 'custodian' }).open).toBe(true);
  });

  it('never sends a custodian to an opening of RAP or ORP Online, closed or not (NOT_ENTITLED)', () => {
    for (const when of ['2021-07-24T16:00', '2021-07-24T17:00', '2021-07-25T11:00', '2021-07-26T02:00']) {
      for (const service of ['rap', 'orp'] as const) {
        const { refusal, next } = closed(ask({ when, service, operation: 'logon', participantType: 'custodian' }));
        expect([refusal.refusal, refusal.retryAt, next]).toEqual(['NOT_ENTITLED', undefined, null]);
        expect(refusal.detail.en).toMatch(/is for clearing participants only, and this is a custodian/);
      }
    }
  });

  it('is closed to a type that only a later session admits, and names that one (NOT_OPEN)', () => {
    const [first, ...others] = circular.rehearsal.sessions;
    const forAll = { rap: { audience: 'all', operations: 'all' } } as const;
    const sessions = first ? [{ ...first, services: forAll }, ...others] : [];
    const days = { ...circular, rehearsal: { ...circular.rehearsal, sessions } };
    const question = { service: 'rap', operation: 'logon', participantType: 'custodian' } as const;
    const { refusal } = closed(ask({ when: '2021-07-24T16:00', ...question }, days));
    expect([refusal.refusal, refusal.retryAt]).toEqual(['NOT_OPEN', instant('2021-07-24T16:30')]);
  });
});

describe('the second SI session', () => {
  const input = (when: string, over?: boolean) =>
    ask({ when, operation: 'input', ...(over === undefined ? {} : { finalRunOver: () => over }) });

  it('opens at 17:00 if the final settlement run is over by then, and ends at 19:00', () => {
    expect(input('2021-07-26T16:59:59.999', true).open).toBe(false);
    expect(input('2021-07-26T17:00', true)).toMatchObject({ open: true, until: instant('2021-07-26T19:00') });
    expect(input('2021-07-26T19:00', true).open).toBe(false);
    expect(input('2021-07-26T17:00').open).toBe(true);
  });

  it('waits for a late run, says so and until when, and gives no time to retry, which nobody knows (NOT_OPEN)', () => {
    const { refusal, why } = closed(input('2021-07-26T17:20', false));
    expect([refusal.refusal, why, refusal.retryAt]).toEqual(['NOT_OPEN', 'final-run', undefined]);
    expect(refusal.detail.en).toMatch(
      /waits for the final batch settlement run.*not over yet.*until 2021-07-26 19:00 HKT/,
    );
    expect(refusal.detail.en).toContain('GET /ccass/v1/broadcasts');
    expect(refusal.detail.zh).toMatch(/最後一次多批交收處理程序.*2021-07-26 19:00 HKT/);
  });

  it('is the next opening in the afternoon, with its condition; after it comes the next morning', () => {
    const afternoon = closed(input('2021-07-26T16:00', false));
    expect([afternoon.why, afternoon.next]).toMatchObject([
      'operation',
      { at: instant('2021-07-26T17:00'), after: 'final-run' },
    ]);
    expect(afternoon.refusal.detail.en).toContain(
      'opens 2021-07-26 17:00 HKT if the final batch settlement run is over',
    );
    expect(afternoon.refusal.retryAt).toBe(instant('2021-07-26T17:00'));
    const evening = closed(input('2021-07-26T19:00', false));
    expect([evening.why, evening.next]).toMatchObject(['operation', { at: instant('2021-07-27T08:00'), after: null }]);
    expect(evening.refusal.detail.en).not.toContain('final batch settlement run');
  });

  it('alone depends on the run: the first one, other verbs and a rehearsal’s sessions do not', () => {
    const never = () => {
      throw new Error('it was asked for');
    };
    for (const [when, operation] of [
      ['2021-07-26T08:00', 'input'],
      ['2021-07-26T17:30', 'enquire'],
      ['2021-07-24T17:30', 'upload'],
    ] as const)
      expect(ask({ when, operation, finalRunOver: never }).open).toBe(true);
    expect(ask({ when: '2021-07-26T17:30', operation: 'input', finalRunOver: never }, always).open).toBe(true);
  });

  it('knows the final run of a day from the runs that are data', () => {
    expect(finalRun(circular, '2021-07-26')).toMatchObject({
      key: 'settlement 17:00',
      at: instant('2021-07-26T17:00'),
    });
    expect(finalRun(circular, '2021-07-24')).toBeNull();
    const unmarked = circular.marketRuns.map(({ final: _, ...row }) => row);
    expect(finalRun({ ...circular, marketRuns: unmarked }, '2021-07-26')).toBeNull();
  });
});

describe('between the session of Saturday and the Sunday check', () => {
  const evening = { when: '2021-07-24T23:00', operation: 'logon' } as const;

  it('a caller without a channel learns when each channel opens', () => {
    const { refusal, next } = closed(ask(evening));
    expect([refusal.retryAt, next?.session?.id]).toEqual([instant('2021-07-25T10:00'), 'verification']);
    expect(refusal.detail.en).toMatch(
      /opens at the primary centre 2021-07-25 10:00 HKT.* by C3T only; by PG it opens 2021-07-26 07:15 HKT\./,
    );
    expect(refusal.detail.zh).toMatch(/2021-07-25 10:00 HKT.*只經 C3T；PG 將於 2021-07-26 07:15 HKT 開放。/);
  });

  it('a caller with a channel learns about that one, and nothing is added if all channels are open', () => {
    expect(closed(ask({ ...evening, channel: 'PG' })).refusal).toMatchObject({ retryAt: instant('2021-07-26T07:15') });
    expect(closed(ask({ ...evening, channel: 'C3T' })).refusal.detail.en).not.toContain('PG');
    expect(closed(ask({ when: '2021-07-24T19:00', operation: 'logon' })).refusal.detail.en).not.toMatch(/C3T|PG/);
  });
});

describe('the next opening is one that this participant may use', () => {
  const unregistered = { operation: 'logon', participant: 'L09901', participantType: 'stock-lender' } as const;
  const onSaturdayOnly = (from: number) => marketDate(from) !== '2021-07-24' && marketDate(from) !== '2021-07-25';

  it('of one who is not registered it is Monday, with the reason and the way to register (NOT_OPEN)', () => {
    const { refusal } = closed(ask({ when: '2021-07-24T16:25', ...unregistered, registered: onSaturdayOnly }));
    expect([refusal.refusal, refusal.retryAt]).toEqual(['NOT_OPEN', instant('2021-07-26T07:15')]);
    expect(refusal.detail.en).toMatch(
      /It opens 2021-07-26 07:15 HKT\..*Not for this participant: Session 1, 2021-07-24 16:30 HKT, Session 2, 2021-07-24 20:30 HKT, Verification after the test, 2021-07-25 10:00 HKT \(registered participants only\)\. Register it: ccass-harness registration --add L09901$/,
    );
    expect(refusal.detail.zh).toMatch(/時段 1，2021-07-24 16:30 HKT、時段 2.*只供已登記的參與者.*--add L09901$/);
  });

  it('in the session itself too (NOT_REGISTERED)', () => {
    const { refusal, why } = closed(ask({ when: '2021-07-24T17:00', ...unregistered, registered: onSaturdayOnly }));
    expect([refusal.refusal, why, refusal.retryAt]).toEqual([
      'NOT_REGISTERED',
      'registration',
      instant('2021-07-26T07:15'),
    ]);
    expect(refusal.detail.en).toMatch(/asks those who do not take part not to log on.*opens 2021-07-26 07:15 HKT/);
    expect(refusal.detail.zh).toMatch(/請勿登入.*2021-07-26 07:15 HKT/);
  });

  it('leaves out Sunday for one who did not take part, and for a gateway, and says which it is (NOT_OPEN)', () => {
    const evening = { when: '2021-07-24T23:00', operation: 'logon', channel: 'C3T' } as const;
    const away = closed(ask({ ...evening, tookPart: () => false })).refusal;
    expect(away.retryAt).toBe(instant('2021-07-26T07:15'));
    expect(away.detail.en).toMatch(
      /Not for this participant: Verification after the test, 2021-07-25 10:00 HKT \(only for those who logged on in an earlier session\)\.$/,
    );
    expect(away.detail.zh).toMatch(/測試後的驗證測試，2021-07-25 10:00 HKT（只供曾在較早時段登入的參與者）。$/);
    const gateway = closed(ask({ ...evening, channel: 'PG', tookPart: () => true })).refusal;
    expect(gateway.detail.en).toMatch(/Verification after the test, 2021-07-25 10:00 HKT \(by C3T only\)\.$/);
    const there = closed(ask({ ...evening, tookPart: () => true })).refusal;
    expect([there.retryAt, /Not for/.test(there.detail.en)]).toEqual([instant('2021-07-25T10:00'), false]);
  });

  it('of a participant that the books do not know it is the next one for anybody', () => {
    const stranger = { operation: 'logon', channel: 'C3T', stranger: true, participant: 'B00000' } as const;
    const never = { tookPart: () => false, registered: onSaturdayOnly };
    for (const [when, opens] of [
      ['2021-07-24T16:25', '2021-07-24T16:30'],
      ['2021-07-24T23:00', '2021-07-25T10:00'],
      ['2021-07-25T12:00', '2021-07-26T07:15'],
    ] as const) {
      const { refusal } = closed(ask({ when, ...stranger, ...never }));
      expect([refusal.refusal, refusal.retryAt, /Not for/.test(refusal.detail.en)]).toEqual([
        'NOT_OPEN',
        instant(opens),
        false,
      ]);
    }
  });
});

describe('the Sunday of the circular', () => {
  const sunday = '2021-07-25T11:00';

  it('is for log-on and log-off by C3T, on the rolled-back version', () => {
    expect(ask({ when: sunday, operation: 'logon', channel: 'C3T', tookPart: () => true })).toMatchObject({
      open: true,
      session: { id: 'verification', centre: 'primary', release: 'rolled back' },
    });
    expect(ask({ when: sunday, operation: 'logoff', channel: 'C3T', tookPart: () => true }).open).toBe(true);
    expect(ask({ when: '2021-07-25T09:59:59', operation: 'logon' }).open).toBe(false);
    expect(ask({ when: '2021-07-25T12:00', operation: 'logon' }).open).toBe(false);
  });

  it('refuses every other operation as not open, names what is open and sends to Monday (NOT_OPEN)', () => {
    for (const operation of OPERATIONS.filter((one) => one !== 'logon' && one !== 'logoff')) {
      const { refusal, why, next } = closed(ask({ when: sunday, operation, tookPart: () => true }));
      expect([refusal.refusal, why]).toEqual(['NOT_OPEN', 'operation']);
      expect(refusal.detail.en).toContain('only log-on, log-off');
      expect(refusal.detail.zh).toContain('登入、登出');
      expect(marketDate(next?.at ?? 0)).toBe('2021-07-26');
      expect(next?.centre).toBeNull();
    }
  });

  it('refuses the Participant Gateway as not open (NOT_OPEN)', () => {
    const { refusal, why } = closed(ask({ when: sunday, operation: 'logon', channel: 'PG', tookPart: () => true }));
    expect([refusal.refusal, why]).toEqual(['NOT_OPEN', 'channel']);
    expect(refusal.detail.en).toContain('C3T');
  });

  it('is not open to those who did not take part (NOT_ENTITLED)', () => {
    const { refusal, why } = closed(ask({ when: sunday, operation: 'logon', channel: 'C3T', tookPart: () => false }));
    expect([refusal.refusal, why]).toEqual(['NOT_ENTITLED', 'took-part']);
  });

  it('has neither RAP nor ORP Online (NOT_OPEN)', () => {
    for (const service of ['rap', 'orp'] as const) {
      expect(
        closed(ask({ when: sunday, service, operation: 'logon', participantType: 'direct-clearing' })).refusal.refusal,
      ).toBe('NOT_OPEN');
    }
  });
});

describe('normal business days', () => {
  it.each([
    ['2021-07-26T07:59:59', false],
    ['2021-07-26T08:00', true],
    ['2021-07-26T15:44:59', true],
    ['2021-07-26T15:45', false],
    ['2021-07-26T17:00', true],
    ['2021-07-26T19:00', false],
    ['2021-07-01T09:00', false], // a holiday
    ['2021-07-17T09:00', false], // a Saturday without a rehearsal
  ])('SI upload at %s: %s', (when, open) => {
    expect(ask({ when, operation: 'upload' }).open).toBe(open);
  });

  it('have no session, and the next opening after Friday evening is on Monday', () => {
    expect(ask({ when: '2021-07-23T09:00' })).toEqual({
      open: true,
      session: null,
      until: instant('2021-07-23T20:00'),
    });
    expect(closed(ask({ when: '2021-07-16T19:30', operation: 'upload' })).next?.at).toBe(instant('2021-07-19T08:00'));
    expect(closed(ask({ when: '2021-07-16T19:30', operation: 'upload' })).refusal.detail.en).toContain(
      'opens 2021-07-19 08:00 HKT',
    );
  });
});

describe('an ordinary Saturday', () => {
  const SATURDAY = '2021-07-17';
  const onSaturday = ['logon', 'logoff', 'reports', 'download', 'broadcasts'] as const;

  it('is for reports and broadcasts, from 08:00 to 21:00, by either channel', () => {
    for (const operation of onSaturday) {
      for (const channel of ['C3T', 'PG'] as const) {
        const open = (time: string) => ask({ when: `${SATURDAY}T${time}`, operation, channel }).open;
        expect([open('07:59:59'), open('08:00'), open('20:59:59'), open('21:00')]).toEqual([false, true, true, false]);
      }
    }
  });

  it('is for nothing else at CCASS, and says what is open (NOT_OPEN)', () => {
    for (const operation of OPERATIONS.filter((one) => !onSaturday.some((open) => open === one))) {
      const { refusal, why } = closed(ask({ when: `${SATURDAY}T10:00`, operation }));
      expect([refusal.refusal, why]).toEqual(['NOT_OPEN', 'operation']);
      expect(refusal.detail.en).toContain('only log-on, log-off, the report list, report download, broadcast messages');
      expect(refusal.detail.en).toContain('2021-07-19');
    }
  });

  it('has neither RAP nor ORP Online (NOT_OPEN)', () => {
    for (const service of ['rap', 'orp'] as const)
      expect(closed(ask({ when: `${SATURDAY}T10:00`, service, operation: 'logon' })).refusal.refusal).toBe('NOT_OPEN');
  });

  it('is no such day where it is a general holiday, nor is a Sunday (NOT_OPEN)', () => {
    const holidays = new Set([...circular.holidays, SATURDAY]);
    expect(ask({ when: `${SATURDAY}T10:00`, operation: 'logon' }, { ...circular, holidays }).open).toBe(false);
    expect(ask({ when: '2021-07-18T10:00', operation: 'logon' }).open).toBe(false);
  });

  it('that is suspended says so (NOT_OPEN)', () => {
    const { en, zh } = closed(ask({ when: '2021-07-24T10:00', operation: 'logon' })).refusal.detail;
    expect(en).toContain('Services are suspended today but for the sessions of the rehearsal');
    expect(zh).toContain('當日除演習時段外暫停服務');
    for (const when of ['2021-07-23T22:00', '2021-07-25T09:00'])
      expect(closed(ask({ when, operation: 'logon' })).refusal.detail.en).not.toContain('suspended');
  });
});

describe('a rehearsal that is always open', () => {
  it('is open at any time, RAP and ORP Online to clearing participants (NOT_ENTITLED)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: instant('2000-01-01'), max: instant('2099-01-01') }),
        fc.constantFrom(...OPERATIONS),
        (at, operation) => {
          expect(ask({ at, operation }, always)).toEqual({ open: true, session: null, until: null });
          expect(ask({ at, operation, service: 'rap', participantType: 'general-clearing' }, always).open).toBe(true);
          expect(
            closed(ask({ at, operation, service: 'orp', participantType: 'stock-lender' }, always)).refusal.refusal,
          ).toBe('NOT_ENTITLED');
        },
      ),
    );
  });
});

describe('any time of any rehearsal', () => {
  const types: readonly ParticipantType[] = ['direct-clearing', 'general-clearing', 'custodian', 'stock-lender'];
  const question = fc.record({
    at: fc.integer({ min: instant('2021-07-20'), max: instant('2021-08-20') }),
    service: fc.constantFrom('ccass', 'rap', 'orp'),
    operation: fc.constantFrom<Operation>(...OPERATIONS),
    channel: fc.constantFrom('C3T', 'PG'),
    participantType: fc.constantFrom(...types),
    tookPart: fc.boolean().map((its) => () => its),
    registered: fc.boolean().map((its) => () => its),
  });
  const days = fc.constantFrom(...rehearsals);
  const inside = (rehearsal: Rehearsal, at: number) => rehearsal.sessions.some(({ from, to }) => from <= at && at < to);

  it('is closed for everyone on a suspended day outside its sessions, and open in them as they say', () => {
    fc.assert(
      fc.property(days, question, (fixtures, asked) => {
        const { rehearsal } = fixtures;
        const answer = opening(fixtures, asked);
        if (isRehearsalDay(rehearsal, marketDate(asked.at)) && !inside(rehearsal, asked.at))
          expect(answer.open).toBe(false);
        const offered = rehearsal.sessions.find(({ from, to }) => from <= asked.at && asked.at < to)?.services[
          asked.service
        ];
        if (!offered) return;
        const all = offered.operations === 'all';
        if (all) expect(answer.open).toBe(belongsTo(offered.audience, asked.participantType) && asked.registered());
      }),
      { numRuns: 400 },
    );
  });

  it('names a next opening that is really open, with nothing open before it', () => {
    fc.assert(
      fc.property(
        days,
        question,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (fixtures, asked, part) => {
          const answer = opening(fixtures, asked);
          fc.pre(!answer.open);
          if (answer.open || !answer.next) return;
          const { next } = answer;
          expect(answer.refusal.retryAt).toBe(next.at);
          const then = opening(fixtures, { ...asked, at: next.at });
          expect(then.open && (then.session?.id ?? null)).toBe(next.session?.id ?? null);
          const between = asked.at + Math.floor((next.at - asked.at) * part);
          expect(opening(fixtures, { ...asked, at: between }).open).toBe(false);
          expect(opening(fixtures, { ...asked, at: next.at - 1 }).open).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('has a next opening for all who are in the normal hours', () => {
    fc.assert(
      fc.property(days, question, (fixtures, asked) => {
        const { service, operation, participantType } = asked;
        const known = fixtures.hours.some(
          (row) =>
            row.service === service && row.operations.includes(operation) && belongsTo(row.audience, participantType),
        );
        const answer = opening(fixtures, asked);
        if (!answer.open && known) expect(answer.next).not.toBeNull();
        if (!answer.open && service !== 'ccass' && !belongsTo('clearing', participantType))
          expect(answer.next).toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  it('stays open until just before `until`, and refuses in both languages otherwise (NOT_OPEN, NOT_ENTITLED, NOT_REGISTERED)', () => {
    fc.assert(
      fc.property(days, question, (fixtures, asked) => {
        const answer = opening(fixtures, asked);
        if (answer.open) {
          if (answer.until === null) throw new Error('these rehearsals end');
          expect(answer.until).toBeGreaterThan(asked.at);
          expect(opening(fixtures, { ...asked, at: answer.until - 1 }).open).toBe(true);
          expect(windowsAt(fixtures, answer.until).some(({ from }) => from < asked.at && from === answer.until)).toBe(
            false,
          );
        } else {
          expect(['NOT_OPEN', 'NOT_ENTITLED', 'NOT_REGISTERED']).toContain(answer.refusal.refusal);
          expect(answer.refusal.refusal === 'NOT_REGISTERED').toBe(answer.why === 'registration');
          expect(answer.refusal.refusal === 'NOT_ENTITLED').toBe(
            answer.why === 'audience' || answer.why === 'took-part',
          );
          for (const words of [answer.refusal.detail.en, answer.refusal.detail.zh])
            expect(words).not.toMatch(/undefined|null|NaN/);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is closed on other days than business days without a rehearsal, but for CCASS on a Saturday', () => {
    fc.assert(
      fc.property(days, question, (fixtures, asked) => {
        const date = marketDate(asked.at);
        if (isRehearsalDay(fixtures.rehearsal, date) || isBusinessDay(date, fixtures.holidays)) return;
        const onSaturday =
          asked.service === 'ccass' && isSaturday(date) && !['enquire', 'input', 'upload'].includes(asked.operation);
        if (!onSaturday) expect(opening(fixtures, asked).open).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the horizon', () => {
  it('ends: with no hours and no sessions nothing further is timetabled', () => {
    const empty = { ...circular, hours: [], rehearsal: { ...circular.rehearsal, sessions: [], suspended: [] } };
    const answer = closed(ask({ when: '2021-07-24T16:00' }, empty));
    expect(answer.next).toBeNull();
    expect(answer.refusal.retryAt).toBeUndefined();
    expect(answer.refusal.detail.en).toContain('Nothing further is timetabled');
  });

  it('skips a long row of holidays', () => {
    const holidays = new Set(Array.from({ length: 300 }, (_, n) => addDays('2022-01-01', n)));
    const next = closed(ask({ when: '2022-01-01T00:00', operation: 'upload' }, { ...circular, holidays })).next;
    expect(next?.at).toBeGreaterThanOrEqual(instant('2022-01-01') + 300 * DAY_MS);
  });
});
