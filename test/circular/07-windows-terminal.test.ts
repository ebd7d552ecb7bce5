import { expect, test } from 'vitest';
import { answerOf, maker, outcome, rehearsalDay, WINDOWS_7, WINDOWS_10 } from '../support/circular-day.ts';

test('circular row 10: a C3T on Windows 7 is warned before 19 July 2021 and refused from that day on (TERMINAL_UNSUPPORTED)', async () => {
  await using day = await rehearsalDay({ rehearsal: 'always-open', at: Date.parse('2021-07-16T10:00:00+08:00') });
  const terminal = day.tooling({ userAgent: WINDOWS_7 });
  for (const time of ['2021-07-16T10:00', '2021-07-18T23:59:59.999']) {
    await day.at(time);
    const { warnings } = answerOf(await terminal.logOn(maker('B09901')));
    expect(warnings).toEqual([
      { en: expect.stringContaining('from 2021-07-19'), zh: expect.stringContaining('2021-07-19') },
    ]);
    answerOf(await terminal.logOff());
  }
  await day.at('2021-07-19T00:00');
  const refused = await terminal.logOn(maker('B09901'));
  expect(outcome(refused)).toBe('403 TERMINAL_UNSUPPORTED');
  if (refused.ok) throw new Error('it was refused');
  expect(refused.refusal.detail.en).toContain('Windows 10 Pro (64-bit) with TLS 1.2');
  expect(refused.refusal.detail.zh).toContain('Windows 10 Pro');
  expect((await day.journal('logon')).map(({ detail }) => detail.warnings.length)).toEqual([1, 1]);
});

test('circular row 10: the business day before the rule it is warned, on the Saturday of the rehearsal refused (TERMINAL_UNSUPPORTED)', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-16T10:00:00+08:00') });
  const terminal = day.tooling({ userAgent: WINDOWS_7 });
  expect(answerOf(await terminal.logOn(maker('B09901'))).warnings).toHaveLength(1);
  await day.at('2021-07-19T10:00');
  expect(outcome(await terminal.logOn(maker('B09901')))).toBe('403 TERMINAL_UNSUPPORTED');
  await day.at('2021-07-24T16:30');
  expect(outcome(await terminal.logOn(maker('B09901')))).toBe('403 TERMINAL_UNSUPPORTED');
  expect(answerOf(await day.tooling({ userAgent: WINDOWS_10 }).logOn(maker('B09901'))).warnings).toEqual([]);
});

test('circular row 10: the rule is about terminals: a gateway says what it likes', async () => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const on = answerOf(await day.tooling({ userAgent: WINDOWS_7 }).logOn(maker('B09901', { channel: 'PG' })));
  expect(on.warnings).toEqual([]);
});
