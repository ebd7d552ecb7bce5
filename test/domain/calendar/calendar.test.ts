import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  compactDate,
  DAY_MS,
  firstBusinessDay,
  formatHkt,
  fromCompactDate,
  hhmm,
  hhmmss,
  instant,
  isBusinessDay,
  isMarketDate,
  isoHkt,
  marketDate,
  minutesOf,
  nextBusinessDay,
  parseInstant,
  previousBusinessDay,
  startOfDay,
  timeOn,
} from '../../../src/domain/calendar/calendar.ts';

const instants = fc.integer({ min: instant('1980-01-01'), max: instant('2100-01-01') });
const dates = instants.map(marketDate);
const holidaySets = fc.uniqueArray(dates, { maxLength: 20 }).map((list) => new Set(list));

describe('Hong Kong time', () => {
  it('is eight hours ahead of UTC', () => {
    expect(instant('2021-07-24T16:30')).toBe(Date.UTC(2021, 6, 24, 8, 30));
    expect(instant('2021-07-24')).toBe(Date.UTC(2021, 6, 23, 16));
    expect(instant('2021-07-24T16:30:15.250')).toBe(Date.UTC(2021, 6, 24, 8, 30, 15, 250));
  });

  it('agrees with the time zone database', () => {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Asia/Hong_Kong',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    fc.assert(
      fc.property(instants, (at) => {
        expect(formatHkt(at, 'seconds')).toBe(`${format.format(at)} HKT`);
      }),
    );
  });

  it('is written in one form for files, one for answers, one for people', () => {
    const at = instant('2021-07-24T16:30:05');
    expect(formatHkt(at)).toBe('2021-07-24 16:30 HKT');
    expect(formatHkt(at, 'seconds')).toBe('2021-07-24 16:30:05 HKT');
    expect(hhmm(at)).toBe('1630');
    expect(hhmmss(at)).toBe('163005');
    expect(isoHkt(at)).toBe('2021-07-24T16:30:05+08:00');
    expect(isoHkt(at + 7)).toBe('2021-07-24T16:30:05.007+08:00');
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(parseInstant(isoHkt(at))).toBe(at);
        expect(instant(isoHkt(at).replace('+08:00', ''))).toBe(at);
        const day = marketDate(at);
        expect(startOfDay(day)).toBeLessThanOrEqual(at);
        expect(at).toBeLessThan(startOfDay(addDays(day, 1)));
      }),
    );
  });

  it('parses a text with a zone', () => {
    expect(parseInstant('2021-07-24T08:30Z')).toBe(instant('2021-07-24T16:30'));
    expect(parseInstant('2021-07-24T10:30:00+02:00')).toBe(instant('2021-07-24T16:30'));
  });

  it.each([
    '',
    '2021-07-24 16:30',
    '2021-02-29T10:00',
    '2021-07-24T24:00',
    '2021-07-24T16:60',
    '2021-7-24',
    'now',
    '2021-07-24T16:30+8',
    '2021-02-30T10:00Z',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
    expect(() => instant(text)).toThrow(RangeError);
  });

  it('parses times of day up to 24:00', () => {
    expect(minutesOf('08:00')).toBe(480);
    expect(minutesOf('24:00')).toBe(1440);
    expect(timeOn('2021-07-24', '24:00')).toBe(instant('2021-07-25'));
    for (const text of ['24:01', '8:00', '08:60', '0800', '']) expect(minutesOf(text)).toBeNull();
    expect(() => timeOn('2021-07-24', '8:00')).toThrow(RangeError);
  });
});

describe('dates', () => {
  it('are counted over months, years and leap days', () => {
    expect(addDays('2021-07-31', 1)).toBe('2021-08-01');
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2021-01-01', -1)).toBe('2020-12-31');
    fc.assert(
      fc.property(dates, fc.integer({ min: -4000, max: 4000 }), (date, days) => {
        expect(addDays(addDays(date, days), -days)).toBe(date);
        expect(startOfDay(addDays(date, days)) - startOfDay(date)).toBe(days * DAY_MS);
      }),
    );
  });

  it('are eight digits in files', () => {
    expect(compactDate('2021-07-24')).toBe('20210724');
    fc.assert(
      fc.property(dates, (date) => {
        expect(fromCompactDate(compactDate(date))).toBe(date);
      }),
    );
    for (const text of ['20210230', '2021072', '202107244', '2021-07-24', '20211301', '        ', '00000000']) {
      expect(fromCompactDate(text)).toBeNull();
    }
  });

  it('are real days', () => {
    expect(isMarketDate('2024-02-29')).toBe(true);
    for (const text of ['2023-02-29', '2021-13-01', '2021-00-10', '2021-04-31', '2021-4-3', '0000-00-00'])
      expect(isMarketDate(text)).toBe(false);
  });
});

describe('business days', () => {
  it('are Monday to Friday without holidays', () => {
    const none = new Set<string>();
    expect(['2021-07-23', '2021-07-24', '2021-07-25', '2021-07-26'].map((date) => isBusinessDay(date, none))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(isBusinessDay('2021-07-01', new Set(['2021-07-01']))).toBe(false);
  });

  it('are consecutive, with none left out', () => {
    fc.assert(
      fc.property(dates, holidaySets, (date, holidays) => {
        const next = nextBusinessDay(date, holidays);
        const previous = previousBusinessDay(date, holidays);
        expect(next > date && previous < date).toBe(true);
        expect(isBusinessDay(next, holidays) && isBusinessDay(previous, holidays)).toBe(true);
        for (let day = addDays(previous, 1); day < next; day = addDays(day, 1)) {
          if (day !== date) expect(isBusinessDay(day, holidays)).toBe(false);
        }
        expect(firstBusinessDay(date, holidays)).toBe(isBusinessDay(date, holidays) ? date : next);
        expect(nextBusinessDay(previous, holidays)).toBe(isBusinessDay(date, holidays) ? date : next);
      }),
    );
  });
});
