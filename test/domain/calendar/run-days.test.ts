import { describe, expect, it } from 'vitest';
import { isBusinessDay } from '../../../src/domain/calendar/calendar.ts';
import { takesPlace } from '../../../src/domain/calendar/run-days.ts';
import { loadFixtures } from '../../../src/loading/loading.ts';

const { holidays, beforeLongHolidays } = await loadFixtures();
const calendar = { holidays, beforeLongHolidays };

describe('a run takes place', () => {
  it.each([
    ['business days', '2021-07-23', true],
    ['business days', '2021-07-24', false], // a Saturday
    ['business days', '2021-07-01', false], // a holiday
    ['before long holidays', '2021-02-10', true],
    ['before long holidays', '2021-02-11', false], // the eve, a half day
    ['before long holidays', '2021-07-23', false],
    [['2021-07-23', '2021-07-24'], '2021-07-23', true],
    [['2021-07-23', '2021-07-24'], '2021-07-24', false], // named, and not a business day
    [['2021-07-23'], '2021-07-26', false],
  ] as const)('on %s: %s %s', (days, date, expected) => {
    expect(takesPlace(days, date, calendar)).toBe(expected);
  });

  it('before long holidays: business days all, in each year of the list', () => {
    const days = [...beforeLongHolidays];
    expect(days.filter((day) => !isBusinessDay(day, holidays))).toEqual([]);
    expect(new Set(days.map((day) => day.slice(0, 4)))).toEqual(new Set([...holidays].map((date) => date.slice(0, 4))));
  });
});
