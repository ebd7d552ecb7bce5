import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { DuePosition } from '../../src/domain/nouns/market.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Rows } from '../support/client.ts';
import { customMarket } from '../support/custom-market.ts';
import { orpUser } from '../support/orp.ts';
import { readPrinted } from '../support/printed.ts';
import { answered, onTheLine } from '../support/rehearsal.ts';

/** 00700 and 00005 of B09901 are due on Monday 26 July; the first is not to settle. */
const firstFails = (content: Readonly<Record<string, unknown>>) => ({
  ...content,
  duePositions: (content.duePositions as DuePosition[]).map((row) =>
    row.stock === '00700' ? { ...row, unsettled: true } : row,
  ),
});

/** No later trades add to them. */
const before = (content: Readonly<Record<string, unknown>>) => ({
  ...content,
  trades: (content.trades as { tradeDate: string }[]).filter(({ tradeDate }) => tradeDate < '2021-07-26'),
});

test('a due position that does not settle is overdue from the day after on: in the enquiry, in print, in margin', async () => {
  await using market = await customMarket({ 'due-positions.json': firstFails, 'orp/trades.json': before });
  const start = { at: instant('2021-07-26T11:30'), clock: 'frozen', market: market.folder } as const;
  await using harness = await startHarness(start);
  using client = onTheLine(harness);
  using orp = await orpUser(harness);
  const due = async () => {
    await client.logon({ takeOver: true });
    const { rows } = (await client.ask('/ccass/v1/due-positions')).json<Rows<{ stock: string; overdue: boolean }>>();
    return rows.filter(({ stock }) => ['00005', '00700'].includes(stock)).map((row) => [row.stock, row.overdue]);
  };
  const margined = async (query: string) => {
    await orp.logon({ takeOver: true });
    const { rows } = (await orp.ask(`/positions?${query}`)).json<Rows<{ instrument: string }>>();
    return rows.map(({ instrument }) => instrument).filter((code) => ['5', '700'].includes(code));
  };
  expect(await due()).toEqual([
    ['00005', false],
    ['00700', false],
  ]);
  expect(await margined('businessDate=2021-07-26&snapshot=1100')).toEqual(['5', '700']);
  answered(await harness.control.clock({ set: '2021-07-27T21:00' }));
  expect(await margined('businessDate=2021-07-26&snapshot=2030')).toEqual(['700']);
  for (const snapshot of ['1100', '2030'])
    expect(await margined(`businessDate=2021-07-27&snapshot=${snapshot}`)).toEqual(['700']);
  expect(await due()).toEqual([['00700', true]]);
  const of = '/ccass/v1/reports?id=CFIPM01&businessDate=2021-07-27';
  const [report] = (await client.ask(of)).json<Rows<{ reference: string }>>().rows;
  const marks = readPrinted((await client.ask(`/ccass/v1/reports/${report?.reference}`)).body.toString('latin1')).rows;
  expect(marks.map((line) => line.STOCK).filter((code) => ['00005', '00700'].includes(String(code)))).toEqual([
    '00700',
  ]);
});
