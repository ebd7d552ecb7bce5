import { describe, expect, test } from 'vitest';
import { formatHkt } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import {
  answerOf,
  batchFile,
  filesInRap,
  fromRap,
  granted,
  maker,
  rehearsalDay,
  riskUser,
} from '../support/circular-day.ts';

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

test('circular row 6: the reserve day is 24 July again, a week later: sessions, services, channels, tasks, switches and roll-back', async () => {
  const [first, reserve] = await Promise.all(
    ['2021-07-24', '2021-07-31'].map(async (id) => (await loadFixtures({ rehearsal: id })).rehearsal),
  );
  const WEEK_MS = 7 * 86_400_000;
  const aWeekLater = <T extends object>(rows: readonly T[]): unknown[] =>
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          ['from', 'to', 'at', 'available'].includes(name) && typeof value === 'number' ? value + WEEK_MS : value,
        ]),
      ),
    );
  expect(first?.sessions).toHaveLength(3);
  expect(reserve?.sessions).toEqual(aWeekLater(first?.sessions ?? []));
  expect(reserve?.switches).toEqual(aWeekLater(first?.switches ?? []));
  expect([reserve?.rollBack]).toEqual(aWeekLater(first?.rollBack ? [first.rollBack] : []));
  expect(reserve?.registration).toEqual(first?.registration);
});

test.each([
  ['16:30', 'backup'],
  ['20:30', 'primary'],
] as const)(
  'circular row 6: who could not finish on 24 July does every task on 31 July at %s, through the %s centre, whether or not it came before',
  async (time, centre) => {
    await using day = await rehearsalDay({ rehearsal: '2021-07-31' });
    await day.at(`2021-07-31T${time}`);
    for (const id of ['B09901', 'B09902', 'B09903', 'C09901']) {
      const client = day.tooling();
      const on = await client.logOn(maker(id, { channel: 'PG' }));
      expect(answerOf(on)).toMatchObject({ centre, release: 'upgraded' });
      expect(on.certificate).toMatch(new RegExp(`^${centre} `));
      expect(answerOf(await client.stockBalances()).rows).not.toEqual([]);
      expect(answerOf(await client.reports()).length).toBeGreaterThan(5);
    }
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901', { takeOver: true })));
    const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-31', '2021-08-02')));
    granted(await day.control.clock({ advanceMs: 0 }));
    expect(answerOf(await client.batchStatus(reference))).toMatchObject({ status: 'processed', accepted: 2 });
    const [report] = answerOf(await client.reports({ id: 'ZSICR01' }));
    expect(answerOf(await client.download(report?.reference ?? ''))).toMatchObject({ fault: null, whole: true });
    for (const id of ['B09901', 'B09902', 'B09903']) {
      const rap = await day.rapUser(id);
      fromRap(await rap.logOn());
      const files = await filesInRap(rap);
      expect(files.filter((name) => name.includes('_20210730_')).length).toBeGreaterThan(20);
      const orp = day.orpUser();
      expect(answerOf(await orp.logOn(riskUser(id)))).toMatchObject({ centre });
      const { businessDate, margin } = answerOf(await orp.margin());
      expect([businessDate, Number(margin.total) > 0]).toEqual(['2021-07-30', true]);
    }
  },
);
