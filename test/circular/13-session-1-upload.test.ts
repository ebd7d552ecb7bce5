import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

async function sessionOne() {
  const day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const client = day.tooling();
  answerOf(await client.logOn(maker('B09901')));
  /** The batch when it is done, and its control report. */
  async function upload(bytes: Uint8Array, how?: { gzip: boolean }) {
    const { reference } = answerOf(await client.uploadBatch(bytes, how));
    const batch = answerOf(
      await client.waitForBatch(reference, async () => void granted(await day.control.clock({ advanceMs: 0 }))),
    );
    const rows = answerOf(await client.reports({ id: 'ZSICR01' })).filter((row) => row.batch === reference);
    const data = rows.find((row) => row.format === 'data');
    if (!data || rows.length !== 2) throw new Error(`${reference} has ${rows.length} control reports`);
    const { fault, records } = answerOf(await client.download(data.reference));
    return { batch, fault, header: records?.header, details: records?.details };
  }
  return { day, client, upload };
}

test.each([{ gzip: false }, { gzip: true }])(
  'circular row 20: a ZSIUP01 for the day is taken, processed and reported on (%o)',
  async (how) => {
    const { day, upload } = await sessionOne();
    await using _ = day;
    const { batch, fault, header, details } = await upload(batchFile('2021-07-24', '2021-07-26', { rows: 3 }), how);
    expect(batch).toMatchObject({
      status: 'processed',
      receivedBy: 'backup',
      records: 3,
      accepted: 3,
      refused: 0,
      fault: null,
    });
    expect(fault).toBeNull();
    expect(header).toMatchObject({ batch: batch.reference, businessDate: '2021-07-24', outcome: 'P' });
    expect(details?.map(({ line, outcome, number }) => [line, outcome, number])).toEqual([
      [2, 'A', 'D00000001'],
      [3, 'A', 'D00000002'],
      [4, 'A', 'D00000003'],
    ]);
  },
);

test('circular row 20: the same bytes again give the same reference; other bytes under the same number are refused (SEQUENCE_USED)', async () => {
  const { day, client } = await sessionOne();
  await using _ = day;
  const first = await client.uploadBatch(batchFile('2021-07-24', '2021-07-26'));
  const again = await client.uploadBatch(batchFile('2021-07-24', '2021-07-26'));
  expect([outcome(first), outcome(again)]).toEqual(['202', '200']);
  expect(answerOf(again)).toMatchObject({ reference: answerOf(first).reference, repeat: true });
  expect(outcome(await client.uploadBatch(batchFile('2021-07-24', '2021-07-26', { rows: 5 })))).toBe(
    '409 SEQUENCE_USED',
  );
});

test("circular row 20: the file's date is the Saturday, its settlement dates are business days", async () => {
  const { day, upload } = await sessionOne();
  await using _ = day;
  const friday = await upload(batchFile('2021-07-23', '2021-07-26'));
  expect(friday.batch).toMatchObject({ status: 'discarded', fault: { code: 'WRONG_DATE' } });
  expect(friday.header).toMatchObject({ outcome: 'D', code: 'WRONG_DATE' });
  const saturday = await upload(batchFile('2021-07-24', '2021-07-24'));
  expect(saturday.batch).toMatchObject({ status: 'processed', accepted: 0, refused: 2 });
  expect(saturday.details?.map(({ reason }) => reason)).toEqual(['BAD_SETTLEMENT_DATE', 'BAD_SETTLEMENT_DATE']);
});
