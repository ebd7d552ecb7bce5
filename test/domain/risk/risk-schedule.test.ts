import { describe, expect, it } from 'vitest';
import { formatHkt, instant } from '../../../src/domain/calendar/calendar.ts';
import { events } from '../../../src/domain/calendar/timetable-events.ts';
import { dueRiskRuns, reportTimesOn } from '../../../src/domain/risk/risk-schedule.ts';
import { type Fixtures, loadFixtures } from '../../../src/loading/loading.ts';

const always = await loadFixtures();
const saturday = await loadFixtures({ rehearsal: '2021-07-24' });

/** `HH:MM key > HH:MM`, the second when it stands in RAP. */
function onDay(days: Fixtures, date: string) {
  const from = instant(date);
  return dueRiskRuns(days, from, from + 86_400_000 - 1).map(
    ({ at, key, availableAt }) => `${time(at)} ${key} > ${time(availableAt)}`,
  );
}
const time = (at: number) => formatHkt(at).slice(11, 16);

describe('the runs of the risk platform', () => {
  it('take place on every business day, the margin of 20:30 before the file that it does not use', () => {
    expect(onDay(always, '2021-07-23')).toEqual([
      '08:30 DWH0081C > 08:30',
      '08:30 DWH0303 > 08:30',
      '10:00 ZCAPA01 > 10:00',
      '11:00 margin 11:00 > 11:30',
      '16:45 margin 16:45 > 17:15',
      '20:30 margin 20:30 > 21:00',
      '20:30 RPF01 > 21:00',
    ]);
    expect(onDay(always, '2021-07-25')).toEqual([]);
  });

  it('have one at 14:00 on the last full trading day before a long holiday', () => {
    expect(onDay(always, '2021-02-10')).toContain('14:00 margin 14:00 > 14:30');
    expect(onDay(always, '2021-02-09').join()).not.toContain('14:00');
  });

  it('make RMADF01 on the first business day of the month', () => {
    expect(onDay(always, '2021-07-02')).toContain('10:30 RMADF01 > 10:30');
    for (const date of ['2021-07-01', '2021-07-05', '2021-08-03'])
      expect(onDay(always, date).join()).not.toContain('RMADF01');
  });

  it('have the report times of 2025 from then on, or those that a schedule fixes', () => {
    const of2025 = ['11:00 margin 11:00 > 11:45', '16:45 margin 16:45 > 17:00', '20:30 margin 20:30 > 21:00'];
    const margin = (days: Fixtures, date: string) => onDay(days, date).filter((row) => row.includes('margin'));
    expect(margin(always, '2025-10-02')).toEqual(of2025);
    expect(margin(always, '2025-09-30')[0]).toBe('11:00 margin 11:00 > 11:30');
    const held = { ...always, riskSchedule: { ...always.riskSchedule, holds: '2025' } };
    expect(margin(held, '2021-07-23')).toEqual(of2025);
    expect(reportTimesOn(always.riskSchedule, '2019-01-02').id).toBe('2021');
  });

  it('are on a rehearsal day those that the rehearsal lists, at its times', () => {
    const listed = (run: string, at: string, availableAt: string | null) => ({
      run,
      at: instant(at),
      availableAt: availableAt === null ? null : instant(availableAt),
      status: 'assumed' as const,
    });
    expect(onDay(saturday, '2021-07-24')).toEqual([]);
    const runs = [
      listed('margin 20:30', '2021-07-24T17:00', '2021-07-24T17:10'),
      listed('ZCAPA01', '2021-07-24T18:00', null),
    ];
    const days = { ...saturday, rehearsal: { ...saturday.rehearsal, runs } };
    expect(onDay(days, '2021-07-24')).toEqual(['17:00 margin 20:30 > 17:10', '18:00 ZCAPA01 > 18:00']);
    expect(dueRiskRuns(days, instant('2021-07-24'), instant('2021-07-25'))[0]?.snapshot).toBe('1700');
  });

  it('are among the events of the day, with the time at which their files are in RAP', () => {
    const told = events(always, instant('2021-07-23T10:59'), instant('2021-07-23T11:30'));
    const ours = told.filter(({ kind }) => kind === 'risk-run' || kind === 'packages');
    expect(ours.map(({ at, what }) => `${time(at)} ${what.en}`)).toEqual([
      '11:00 margin 11:00 run',
      '11:30 margin 11:00 of 2021-07-23 is in RAP',
    ]);
  });
});
