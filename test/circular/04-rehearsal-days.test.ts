import { describe, expect, test } from 'vitest';
import { formatHkt } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { answerOf, granted, maker, rehearsalDay } from '../support/circular-day.ts';

describe.each([
  ['2021-07-24', '2021-07-25', '2021-07-26'],
  ['2021-07-31', '2021-08-01', '2021-08-02'],
])('circular row 5, circular row 6: the rehearsal of Saturday %s', (saturday, sunday, monday) => {
  test('stands still five minutes before session 1', async () => {
    // Not by `rehearsalDay`, which freezes every clock.
    await using harness = await startHarness({ rehearsal: saturday });
    const state = granted(await harness.control.state({}));
    expect(state).toMatchObject({
      rehearsal: saturday,
      market: { hongKong: `${saturday} 16:25:00 HKT`, mode: 'frozen' },
      active: 'primary',
      open: false,
      next: { hongKong: `${saturday} 16:30:00 HKT`, centre: 'backup', session: 'session-1' },
    });
  });

  test('has the sessions of the circular', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const { sessions, source } = granted(await day.control.rehearsal({}));
    expect(source).toContain('CD/CDCO/CCASS/018/2021');
    expect(sessions.map(({ hongKong, centre, release }) => [hongKong, centre, release])).toEqual([
      [`${saturday} 16:30:00 HKT to ${saturday} 18:30:00 HKT`, 'backup', 'upgraded'],
      [`${saturday} 20:30:00 HKT to ${saturday} 22:30:00 HKT`, 'primary', 'upgraded'],
      [`${sunday} 10:00:00 HKT to ${sunday} 12:00:00 HKT`, 'primary', 'rolled back'],
    ]);
  });

  test('says at every closing when CCASS opens next', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    const named: string[] = [];
    for (const time of [`${saturday}T16:25`, `${saturday}T18:30`, `${saturday}T22:30`, `${sunday}T12:00`]) {
      await day.at(time);
      const refused = await client.logOn(maker('B09901'));
      if (refused.ok) throw new Error(`it is open at ${time}`);
      const next = formatHkt(refused.refusal.retryAt ?? 0);
      expect(refused.refusal.detail.en).toContain(next);
      expect(refused.refusal.detail.zh).toContain(next);
      named.push(next);
      // Sunday is for those who took part.
      if (time === `${saturday}T18:30`) {
        await day.at(`${saturday}T20:30`);
        answerOf(await client.logOn(maker('B09901')));
      }
    }
    expect(named).toEqual([
      `${saturday} 16:30 HKT`,
      `${saturday} 20:30 HKT`,
      `${sunday} 10:00 HKT`,
      `${monday} 07:15 HKT`,
    ]);
  });
});
