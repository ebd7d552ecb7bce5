import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, formatHkt, instant } from '../../../src/domain/calendar/calendar.ts';
import {
  dueMarketRuns,
  dueRuns,
  events,
  nextEvent,
  type TimetableEvent,
} from '../../../src/domain/calendar/timetable-events.ts';
import { availableAt, keptUntil, type ReportDefinition } from '../../../src/domain/report-catalogue.ts';
import { loadFixtures } from '../../../src/loading/loading.ts';

const circular = await loadFixtures({ rehearsal: '2021-07-24' });
const always = await loadFixtures({ rehearsal: 'always-open' });
const told = ({ at, kind }: TimetableEvent) => `${formatHkt(at).slice(5, 16)} ${kind}`;

describe('events', () => {
  it('are those of the circular from Saturday afternoon to Monday morning, in order', () => {
    const found = events(circular, instant('2021-07-24T16:25'), instant('2021-07-26T08:00'));
    expect(found.map(told).slice(0, 14)).toEqual([
      '07-24 16:30 switch',
      '07-24 16:30 notice',
      '07-24 16:30 opens',
      '07-24 18:30 closes',
      '07-24 20:30 switch',
      '07-24 20:30 notice',
      '07-24 20:30 opens',
      '07-24 22:30 closes',
      '07-24 22:30 roll-back',
      '07-24 22:30 run',
      '07-25 10:00 opens',
      '07-25 12:00 closes',
      '07-26 07:00 opens', // RAP
      '07-26 07:15 opens', // log-on
    ]);
    expect(found.at(-1)?.at).toBe(instant('2021-07-26T08:00'));
    expect(found.some((event) => event.kind === 'reports' && event.run.date === '2021-07-24')).toBe(true);
  });

  it('have a text, and the data that a driver needs', () => {
    const [toBackup, , opens] = events(circular, instant('2021-07-24T16:25'), instant('2021-07-24T16:30'));
    expect(toBackup).toMatchObject({ kind: 'switch', to: 'backup' });
    expect(opens).toMatchObject({
      kind: 'opens',
      centre: 'backup',
      session: { id: 'session-1' },
      what: { en: 'Session 1 opens at the backup centre' },
    });
    const rollBack = events(circular, instant('2021-07-24T22:00'), instant('2021-07-24T22:30')).find(
      ({ kind }) => kind === 'roll-back',
    );
    expect(rollBack).toMatchObject({
      rollBack: { to: instant('2021-07-24T16:30'), tables: expect.arrayContaining(['instruction', 'holding']) },
    });
  });

  it('are the same for one period and for its parts', () => {
    const span = fc.integer({ min: instant('2021-07-20'), max: instant('2021-07-30') });
    fc.assert(
      fc.property(span, span, span, (a, b, c) => {
        const [from, middle, to] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
        const whole = events(circular, from, to);
        expect([...events(circular, from, middle), ...events(circular, middle, to)]).toEqual(whole);
        expect(whole.every(({ at }, i) => at > from && at <= to && at >= (whole[i - 1]?.at ?? 0))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('have a next one, optionally of a kind', () => {
    const start = instant('2021-07-24T16:25');
    expect(nextEvent(circular, start)?.at).toBe(instant('2021-07-24T16:30'));
    expect(nextEvent(circular, start, ['opens'])).toMatchObject({ session: { id: 'session-1' } });
    expect(nextEvent(circular, start, ['closes'])?.at).toBe(instant('2021-07-24T18:30'));
    expect(nextEvent(circular, instant('2021-07-24T16:30'), ['opens'])).toMatchObject({ session: { id: 'session-2' } });
    expect(nextEvent(circular, instant('2021-08-01'), ['roll-back'])).toBeNull();
  });
});

describe('runs', () => {
  it('take place on business days at the time of the catalogue, and on rehearsal days as the rehearsal lists them', () => {
    const businessDay = (date: string, next: string) => [
      ['CRMMG01', date, `${date} 11:00 HKT`, `${date} 11:45 HKT`],
      ['CSEMA08', date, `${date} 16:30 HKT`, `${date} 16:30 HKT`],
      ['CFIPM01', date, `${date} 20:15 HKT`, `${date} 20:15 HKT`],
      ...['CCNAN05', 'CSEMS08', 'ZSBAL01', 'ZSILS01', 'ZSMOV01'].map((id) => [
        id,
        date,
        `${date} 20:30 HKT`,
        `${next} 08:00 HKT`,
      ]),
    ];
    const runs = dueRuns(circular, instant('2021-07-22T21:00'), instant('2021-07-27T21:00'));
    expect(runs.map(({ run, date, at, availableAt }) => [run, date, formatHkt(at), formatHkt(availableAt)])).toEqual([
      // What an ordinary Saturday would hand out waits for Monday.
      ...businessDay('2021-07-23', '2021-07-26'),
      ['ZSBAL01', '2021-07-24', '2021-07-24 22:30 HKT', '2021-07-26 08:00 HKT'],
      ...businessDay('2021-07-26', '2021-07-27'),
      ...businessDay('2021-07-27', '2021-07-28'),
    ]);
  });

  it('of one report may be several a day, each with a unique key, some on some days only', () => {
    const margin = (from: string, to: string) =>
      dueRuns(always, instant(from), instant(to))
        .filter(({ run }) => run === 'CRMMG01')
        .map(({ key, at, availableAt }) => [key, formatHkt(at), formatHkt(availableAt)]);
    expect(margin('2021-02-09T12:00', '2021-02-11T12:00')).toEqual([
      ['CRMMG01 11:00', '2021-02-10 11:00 HKT', '2021-02-10 11:45 HKT'],
      ['CRMMG01 14:00', '2021-02-10 14:00 HKT', '2021-02-10 14:45 HKT'],
      ['CRMMG01 11:00', '2021-02-11 11:00 HKT', '2021-02-11 11:45 HKT'],
    ]);
  });

  it('that a rehearsal lists twice on a day have unique keys too', () => {
    const run = { run: 'ZSBAL01', availableAt: null, status: 'assumed' } as const;
    const runs = ['2021-07-24T18:30', '2021-07-24T22:30', '2021-07-25T12:00'].map((at) => ({
      ...run,
      at: instant(at),
    }));
    const days = { ...circular, rehearsal: { ...circular.rehearsal, runs } };
    expect(dueRuns(days, instant('2021-07-24'), instant('2021-07-26')).map(({ key, date }) => [key, date])).toEqual([
      ['ZSBAL01 18:30', '2021-07-24'],
      ['ZSBAL01 22:30', '2021-07-24'],
      ['ZSBAL01', '2021-07-25'],
    ]);
  });

  it('and market runs have a key that is unique on a date, and take place on their days only', () => {
    const source = 'test';
    const row = { run: 'settlement', status: 'assumed', source } as const;
    const days = {
      ...always,
      marketRuns: [
        { ...row, at: '10:30' },
        { ...row, at: '14:00', on: 'before long holidays' as const },
        { ...row, at: '15:00', on: ['2021-02-09'] },
      ],
    };
    expect(
      dueMarketRuns(days, instant('2021-02-09'), instant('2021-02-11T23:00')).map(({ key, date }) => [key, date]),
    ).toEqual([
      ['settlement 10:30', '2021-02-09'],
      ['settlement 15:00', '2021-02-09'],
      ['settlement 10:30', '2021-02-10'],
      ['settlement 14:00', '2021-02-10'],
      ['settlement 10:30', '2021-02-11'],
    ]);
  });

  it('do not take place on holidays', () => {
    expect(dueRuns(circular, instant('2021-07-01'), instant('2021-07-02'))).toEqual([]);
  });

  it('also take place while everything is always open', () => {
    const runs = dueRuns(always, instant('2021-07-23'), instant('2021-07-23') + 4 * DAY_MS);
    expect(runs.filter(({ run }) => run === 'ZSBAL01').map(({ date }) => date)).toEqual(['2021-07-23', '2021-07-26']);
  });

  it('are each due once, however the period is divided', () => {
    const span = fc.integer({ min: instant('2021-07-15'), max: instant('2021-08-05') });
    fc.assert(
      fc.property(span, span, span, (a, b, c) => {
        const [from, middle, to] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
        expect([...dueRuns(circular, from, middle), ...dueRuns(circular, middle, to)]).toEqual(
          dueRuns(circular, from, to),
        );
      }),
    );
  });
});

describe('when a report is available', () => {
  const [statement, control] = ['ZSBAL01', 'ZSICR01'].map((id) => circular.catalogue.find((one) => one.id === id)) as [
    ReportDefinition,
    ReportDefinition,
  ];
  const made = { at: instant('2021-07-24T17:00'), businessDate: '2021-07-24' };

  it('a control report at once, even on the rehearsal day', () => {
    expect(availableAt(control, made, circular.rehearsal.reports)).toBe(made.at);
  });

  it('a statement at 08:00 of the next calendar day, on a Saturday too, unless the rehearsal moves it', () => {
    expect(availableAt(statement, { at: instant('2021-07-23T20:30'), businessDate: '2021-07-23' })).toBe(
      instant('2021-07-24T08:00'),
    );
    expect(availableAt(statement, made, circular.rehearsal.reports)).toBe(instant('2021-07-26T08:00'));
  });

  it('never before it is made', () => {
    const late = { at: instant('2021-07-30T12:00'), businessDate: '2021-07-23' };
    expect(availableAt(statement, late)).toBe(late.at);
  });

  it('and then for seven days', () => {
    expect(keptUntil(statement, '2021-07-26')).toBe(instant('2021-08-02'));
  });
});
