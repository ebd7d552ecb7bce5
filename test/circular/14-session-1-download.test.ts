import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

test('circular row 21: the reports and data files that came before the Saturday are there from the first second, and nothing of the Saturday is', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  for (const id of ['B09901', 'B09903', 'C09901']) {
    const client = day.tooling();
    answerOf(await client.logOn(maker(id)));
    const rows = answerOf(await client.reports());
    expect(rows.map((row) => [row.id, row.format, row.businessDate, row.participant])).toEqual([
      ...(id === 'C09901' ? [] : [['CFIPM01', 'text', '2021-07-23', id]]),
      ['CSEMA08', 'text', '2021-07-23', id],
      ...(id === 'C09901' ? [] : [['CRMMG01', 'text', '2021-07-23', id]]),
      // What an ordinary Saturday hands out from 08:00 waits for Monday; these are Thursday's, of Friday 08:00.
      ...['ZSMOV01', 'ZSILS01', 'ZSBAL01'].flatMap((report) => [
        [report, 'text', '2021-07-22', id],
        [report, 'data', '2021-07-22', id],
      ]),
      ['CSEMS08', 'text', '2021-07-22', id],
      ['CCNAN05', 'data', '2021-07-22', 'COMMON'],
      ...(id === 'C09901' ? [] : [['CFIPM01', 'text', '2021-07-22', id]]),
      ['CSEMA08', 'text', '2021-07-22', id],
      ...(id === 'C09901' ? [] : [['CRMMG01', 'text', '2021-07-22', id]]),
    ]);
    expect(rows.every((row) => row.availableAt < '2021-07-24T00:00')).toBe(true);
    expect(answerOf(await client.reports({ businessDate: '2021-07-24' }))).toEqual([]);
    for (const row of rows) {
      const { bytes, fault, fileName } = answerOf(await client.download(row.reference));
      expect([bytes.length, fault, fileName]).toEqual([row.sizeBytes, null, row.fileName]);
      expect(bytes.toString('latin1')).toContain('SIMULATED');
    }
    const data = rows.find((row) => row.id === 'ZSBAL01' && row.format === 'data');
    const { records } = answerOf(await client.download(data?.reference ?? ''));
    const balances = answerOf(await client.stockBalances()).rows;
    expect(records?.details.map(({ account, stock, quantity }) => [account, stock, quantity])).toEqual(
      balances.map(({ account, stock, quantity }) => [account, stock, quantity]),
    );
  }
});

test('circular row 21: ZSICR01 is there as soon as its batch is done', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  expect(answerOf(await client.reports({ id: 'ZSICR01' }))).toEqual([]);
  const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26')));
  granted(await day.control.clock({ advanceMs: 0 }));
  const rows = answerOf(await client.reports({ id: 'ZSICR01' }));
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row).toMatchObject({
      batch: reference,
      businessDate: '2021-07-24',
      availableAt: '2021-07-24T16:30:00+08:00',
    });
    expect(answerOf(await client.download(row.reference)).fault).toBeNull();
  }
  const downloads = await day.journal('download');
  expect(downloads.map(({ centre, detail }) => [centre, detail.whole])).toEqual([
    ['backup', true],
    ['backup', true],
  ]);
});

test("circular row 21: another participant's report is not to be had (NOT_FOUND)", async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const [one, other] = [day.tooling(), day.tooling()];
  answerOf(await one.logOn(maker('B09901')));
  answerOf(await other.logOn(maker('B09902')));
  const [theirs] = answerOf(await one.reports());
  expect(outcome(await other.download(theirs?.reference ?? ''))).toBe('404 NOT_FOUND');
});
