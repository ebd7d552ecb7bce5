import Holidays from 'date-holidays';
import { describe, expect, it } from 'vitest';
import { isBusinessDay } from '../../src/domain/calendar/calendar.ts';
import { loadFixtures } from '../../src/loading/loading.ts';

const { holidays, holidayNames } = await loadFixtures();
const YEARS = [2021, 2022, 2023, 2024, 2025, 2026];

/**
 * Where our list and the package differ, the gazette decides, and the day stands here with the reason. With version 3.37
 * they agree on every day.
 */
const EXCEPTIONS: { readonly onlyOurs: readonly string[]; readonly onlyTheirs: readonly string[] } = {
  onlyOurs: [],
  onlyTheirs: [],
};

describe('the general holidays of Hong Kong', () => {
  it.each(YEARS)('of %i are those of date-holidays, the named exceptions apart', (year) => {
    const package_ = new Holidays('HK', { types: ['public'] });
    const theirs = new Set(package_.getHolidays(year).map((day) => day.date.slice(0, 10)));
    const ours = [...holidays].filter((date) => date.startsWith(String(year)));
    expect(ours.filter((date) => !theirs.has(date) && !EXCEPTIONS.onlyOurs.includes(date))).toEqual([]);
    expect([...theirs].filter((date) => !holidays.has(date) && !EXCEPTIONS.onlyTheirs.includes(date))).toEqual([]);
  });

  it.each(YEARS)('are seventeen in %i, as the General Holidays Ordinance has it', (year) => {
    expect([...holidays].filter((date) => date.startsWith(String(year)))).toHaveLength(17);
  });

  it('have a name in both languages and are no business days', () => {
    for (const date of holidays) {
      expect(holidayNames[date]?.en).toMatch(/[a-z]/);
      expect(holidayNames[date]?.zh).toMatch(/\p{Script=Han}/u);
      expect(isBusinessDay(date, holidays)).toBe(false);
    }
  });
});
