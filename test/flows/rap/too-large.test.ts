import { expect, test } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../../src/harness/harness.ts';
import { customMarket } from '../../support/custom-market.ts';
import { ofKind } from '../../support/of-kind.ts';
import { orpUser } from '../../support/orp.ts';
import { answered } from '../../support/rehearsal.ts';

const MARGIN_REPORTS = ['RMAMP01', 'RMAMR01', 'RMAMR03'];

test("figures that no margin can be computed of cost their own participant's reports alone (REPORT_NOT_MADE)", async () => {
  await using market = await customMarket({
    'stocks.json': (file) => ({
      ...file,
      stocks: (file.stocks as { code: string }[]).map((row) =>
        row.code === '00001' ? { ...row, boardLot: 1, priceMilli: 999_999_999_999 } : row,
      ),
    }),
    'due-positions.json': (file) => ({
      ...file,
      duePositions: [
        ...(file.duePositions as object[]),
        {
          ...{ participant: 'B09901', stock: '00001', market: 'HKMK', settlementDate: '2021-07-28', currency: 'HKD' },
          ...{ quantity: 999_999_999_999, amountCents: 1, kind: 'CNS' },
        },
      ],
    }),
  });
  await using harness = await startHarness({
    at: instant('2021-07-26T10:59'),
    clock: 'frozen',
    market: market.folder,
    seed: 1,
  });
  const { control } = harness;
  answered(await control.clock({ set: '2021-07-26T11:30' }));
  const madeFor = async (participant: string) =>
    answered(await control.rapFiles({ participant }))
      .files.filter(({ name }) => name.includes('_20210726_1100_'))
      .map(({ reportId, part }) => `${reportId} ${part}`)
      .sort();
  const both = MARGIN_REPORTS.flatMap((id) => [`${id} control`, `${id} data`]);
  expect(await madeFor('B09902')).toEqual(both);
  expect(await madeFor('B09903')).toEqual(both);
  expect(await madeFor('B09901')).toEqual([]);

  const entries = ofKind(answered(await control.journal({ kinds: 'report' })).entries, 'report');
  const today = entries.filter(({ detail }) => detail.businessDate === '2021-07-26');
  expect(today.map(({ participant, service, detail: { what, id } }) => [participant, service, what, id])).toEqual([
    // Its printed report of CCASS is there, with asterisks.
    ['B09901', 'ccass', 'too-wide', 'CRMMG01'],
    ...MARGIN_REPORTS.map((id) => ['B09901', 'rap', 'not-made', id]),
  ]);
  expect(answered(await control.journal({ kinds: 'error' })).entries).toEqual([]);

  const reason = today.at(-1)?.detail.reason;
  expect(reason?.en).toContain('The run margin 11:00 of 2021-07-26 has no figures for B09901: ');
  expect(reason?.en).toContain('expected no more than 9007199254740991');
  using orp = await orpUser(harness);
  for (const path of ['/margin', '/margin?businessDate=2021-07-26&snapshot=1100', '/positions']) {
    const answer = await orp.ask(path);
    const { code, words } = answer.json();
    expect([answer.status, code, words]).toEqual([404, 'REPORT_NOT_MADE', { ...(words as object), detail: reason }]);
  }
  using other = await orpUser(harness, { participant: 'B09902' });
  expect((await other.ask('/margin?businessDate=2021-07-26&snapshot=1100')).status).toBe(200);
});
