import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/calendar/calendar.ts';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

describe.each([
  ['2021-07-24', '2021-07-26', '2021-08-02'],
  ['2021-07-31', '2021-08-02', '2021-08-09'],
])('circular row 32: the reports of Saturday %s', (saturday, monday, gone) => {
  test('can be read from 08:00 on Monday, and not before', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    await day.at(`${saturday}T16:30`);
    answerOf(await client.logOn(maker('B09901')));
    answerOf(await client.uploadBatch(batchFile(saturday, monday)));
    expect(answerOf(await client.reports({ id: 'ZSBAL01', businessDate: saturday }))).toEqual([]);

    await day.at(`${saturday}T22:30`);
    const made = granted(await day.control.reports({ participant: 'B09901' })).reports.filter(
      (row) => row.id === 'ZSBAL01' && row.businessDate === saturday,
    );
    expect(made.map((row) => [row.format, row.availableAt])).toEqual(
      ['data', 'text'].map((format) => [format, Date.parse(`${monday}T08:00:00+08:00`)]),
    );

    await day.at(`${monday}T07:59:59.999`);
    answerOf(await client.logOn(maker('B09901')));
    expect(outcome(await client.reports({ businessDate: saturday }))).toBe('423 NOT_OPEN');
    expect(outcome(await client.download(made[0]?.reference ?? ''))).toBe('423 NOT_OPEN');

    await day.at(`${monday}T08:00`);
    const rows = answerOf(await client.reports({ id: 'ZSBAL01', businessDate: saturday }));
    expect(rows.map((row) => row.reference).sort()).toEqual(made.map((row) => row.reference).sort());
    for (const row of rows)
      expect(answerOf(await client.download(row.reference))).toMatchObject({ fault: null, whole: true });
  });

  test('come with those that an ordinary Saturday would hand out from 08:00 (assumed)', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    const friday = addDays(saturday, -1);
    const held = async () => {
      answerOf(await client.logOn(maker('B09901', { takeOver: true })));
      const rows = answerOf(await client.reports({ businessDate: friday }));
      return ['CSEMS08', 'ZSBAL01', 'ZSMOV01', 'ZSILS01', 'CCNAN05'].filter((id) => rows.some((row) => row.id === id));
    };
    for (const time of ['16:30', '20:30']) {
      await day.at(`${saturday}T${time}`);
      expect(await held()).toEqual([]);
      // Friday's own of Friday evening are there.
      expect(answerOf(await client.reports({ id: 'CFIPM01', businessDate: friday }))).toHaveLength(1);
    }
    await day.at(`${monday}T08:00`);
    expect(await held()).toEqual(['CSEMS08', 'ZSBAL01', 'ZSMOV01', 'ZSILS01', 'CCNAN05']);
  });

  test('show the books as they are after the roll-back', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    await day.at(`${monday}T08:00`);
    answerOf(await client.logOn(maker('B09901')));
    const rows = answerOf(await client.reports({ id: 'ZSBAL01', businessDate: saturday }));
    const data = rows.find((row) => row.format === 'data');
    const { records } = answerOf(await client.download(data?.reference ?? ''));
    expect(records?.header).toMatchObject({ participant: 'B09901', businessDate: saturday });
    expect(records?.details.map(({ account, stock, quantity }) => [account, stock, quantity])).toEqual(
      answerOf(await client.stockBalances()).rows.map(({ account, stock, quantity }) => [account, stock, quantity]),
    );
  });

  test('are kept for seven days (assumed)', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const client = day.tooling();
    await day.at(`${gone}T08:00`);
    answerOf(await client.logOn(maker('B09901')));
    expect(answerOf(await client.reports({ businessDate: saturday }))).toEqual([]);
  });

  test('are for every participant, its own, at whichever centre is active on Monday, and not on the Sunday', async () => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const participants = ['B09901', 'B09902', 'B09903', 'C09901', 'L09901'];
    await day.at(`${saturday}T16:30`);
    const took = day.tooling();
    answerOf(await took.logOn(maker('B09901')));
    await day.at(`${addDays(saturday, 1)}T11:00`);
    answerOf(await took.logOn(maker('B09901')));
    expect(outcome(await took.reports({ businessDate: saturday }))).toBe('423 NOT_OPEN');
    await day.at(`${monday}T08:00`);
    for (const centre of ['primary', 'backup'] as const) {
      if (centre === 'backup') granted(await day.control.failover({ to: 'backup' }));
      for (const id of participants) {
        const client = day.tooling();
        answerOf(await client.logOn(maker(id)));
        const listed = await client.reports({ id: 'ZSBAL01', businessDate: saturday });
        expect([listed.centre, answerOf(listed).map(({ format }) => format)]).toEqual([centre, ['text', 'data']]);
        for (const row of answerOf(listed)) {
          const { fault, fileName, records, printedRows } = answerOf(await client.download(row.reference));
          expect([fault, fileName]).toEqual([null, expect.stringMatching(new RegExp(`^ZSBAL01_${id}_`))]);
          expect(records?.details.length ?? printedRows).toBeGreaterThan(0);
        }
      }
    }
  });
});

test('circular row 32: an ordinary Saturday hands its reports out from 08:00, over either channel', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-16T22:00:00+08:00') });
  const client = day.tooling();
  await day.at('2021-07-17T07:59:59');
  expect(outcome(await client.logOn(maker('B09901')))).toBe('423 NOT_OPEN');
  await day.at('2021-07-17T08:00');
  answerOf(await client.logOn(maker('B09901', { channel: 'PG' })));
  const [report] = answerOf(await client.reports({ id: 'CSEMS08', businessDate: '2021-07-16' }));
  expect(report?.availableAt).toBe('2021-07-17T08:00:00+08:00');
  expect(answerOf(await client.download(report?.reference ?? ''))).toMatchObject({ fault: null });
  answerOf(await client.broadcasts());
  for (const refused of [await client.profile(), await client.uploadBatch(new Uint8Array(1))])
    expect(outcome(refused)).toBe('423 NOT_OPEN');
  expect(outcome(await client.logOff())).toBe('204');
});
