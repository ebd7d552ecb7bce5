import { expect, test } from 'vitest';
import { answerOf, batchFile, granted, maker, outcome, rehearsalDay } from '../support/circular-day.ts';

// Any business day: the contingency is not the rehearsal.
test.each(['drain', 'cut'] as const)(
  'circular row 4: after a %s the same address leads to the backup centre and its books',
  async (mode) => {
    await using day = await rehearsalDay({ at: Date.parse('2021-07-27T10:00:00+08:00') });
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901')));
    const { reference } = answerOf(await client.uploadBatch(batchFile('2021-07-27', '2021-07-28')));
    answerOf(await client.waitForBatch(reference, async () => void granted(await day.control.clock({ advanceMs: 0 }))));
    const books = [answerOf(await client.stockBalances()).rows, answerOf(await client.settlementInstructions()).rows];

    const report = granted(await day.control.failover({ to: 'backup', mode }));
    expect(report).toMatchObject({ from: 'primary', to: 'backup', lost: [], lostBatches: [] });

    const late = await client.profile();
    expect([outcome(late), late.centre, late.certificate.split(' ')[0]]).toEqual([
      '401 SESSION_ENDED',
      'backup',
      'backup',
    ]);
    if (late.ok) throw new Error('its session ended');
    expect(late.refusal.detail.en).toContain('Log on again at the same address');

    const on = answerOf(await client.logOn(maker('B09901')));
    expect([on.centre, on.release]).toEqual(['backup', 'production']);
    expect([answerOf(await client.stockBalances()).rows, answerOf(await client.settlementInstructions()).rows]).toEqual(
      books,
    );
    expect(answerOf(await client.batchStatus(reference))).toMatchObject({ status: 'processed', receivedBy: 'primary' });
    expect(outcome(await client.uploadBatch(batchFile('2021-07-27', '2021-07-28', { sequence: 2 })))).toBe('202');
  },
);
