import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { clientOf, type Rows } from '../support/client.ts';
import { good } from '../support/rap-day.ts';

interface Due {
  readonly stock: string;
  readonly quantity: number;
  readonly settlementDate: string;
}
const TRADE = { participant: 'B09901', side: 'buy', stock: '16', quantity: 5_000, price: '115.2' } as const;

test('a trade is in the due position enquiry of CCASS at once, at both centres', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:30'), clock: 'frozen' });
  const due = async () => {
    using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    await client.logon({ takeOver: true });
    const { rows } = (await client.ask('/ccass/v1/due-positions')).json<Rows<Due>>();
    return rows.filter(({ stock }) => stock === '00016');
  };
  expect(await due()).toEqual([]);
  good(await harness.control.addTrades({ trades: [TRADE] }));
  const expected = [expect.objectContaining({ stock: '00016', quantity: 5_000, settlementDate: '2021-07-28' })];
  expect(await due()).toEqual(expected);
  good(await harness.control.failover({ to: 'backup' }));
  expect(await due()).toEqual(expected);
});

test('a trade of a rehearsal goes with it when the books return', async () => {
  await using harness = await startHarness({ rehearsal: '2021-07-24', at: instant('2021-07-24T17:00') });
  const { control } = harness;
  const before = good(await control.trades({})).trades.length;
  const [entered] = good(await control.addTrades({ trades: [TRADE] })).trades;
  // On the Saturday it is one of Friday.
  expect(entered).toMatchObject({ tradeDate: '2021-07-23', settlementDate: '2021-07-27' });
  good(await control.clock({ set: '2021-07-24T22:31' }));
  expect(good(await control.trades({})).trades).toHaveLength(before);
  // The packages of Friday stay, as Friday had them.
  const { files } = good(await control.rapFiles({ participant: 'B09901' }));
  expect(files.filter(({ reportId }) => reportId === 'RMAMP01')).toHaveLength(6);
});

test('a package of one’s own stays when the run comes, and the run’s comes back when it is withdrawn', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:30'), clock: 'frozen' });
  const { control } = harness;
  const place = { id: 'RMAMR03', participant: 'B09901', businessDate: '2021-07-26', snapshot: '1100' };
  const own = good(
    await control.publishRapPackage({ ...place, content: Buffer.from('A\r\n1\r\n').toString('base64') }),
  );
  const there = async () =>
    good(await control.rapFiles({ participant: 'B09901' })).files.filter(({ name }) =>
      name.startsWith('RMAMR03_B09901_20210726_1100'),
    );
  good(await control.clock({ set: '2021-07-26T12:00' }));
  const kept = await there();
  expect(kept.map(({ sha256 }) => sha256).sort()).toEqual(own.files.map(({ sha256 }) => sha256).sort());
  const back = good(await control.withdrawRapPackage(place));
  expect(back.restored).toBe(true);
  expect((await there()).map(({ sha256 }) => sha256).sort()).toEqual(
    kept.map(({ inPlaceOf }) => inPlaceOf?.sha256).sort(),
  );
});

test('trades whose due position would be more than a number holds are refused by row, and none is entered', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:30'), clock: 'frozen' });
  const { control } = harness;
  const before = good(await control.trades({})).trades.length;
  const largest = { ...TRADE, quantity: 999_999_999_999, price: '9.999' };
  const refused = await control.addTrades({ trades: Array.from({ length: 10 }, () => largest) });
  expect(refused).toMatchObject({ refusal: 'BAD_REQUEST', more: { rows: [{ row: 10 }] } });
  expect(good(await control.trades({})).trades).toHaveLength(before);
  good(await control.addTrades({ trades: Array.from({ length: 9 }, () => largest) }));
  expect(await control.addTrades({ trades: [TRADE, largest] })).toMatchObject({ more: { rows: [{ row: 2 }] } });

  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await client.logon();
  const { rows } = (await client.ask('/ccass/v1/due-positions?stock=16')).json<Rows<Due & { amount: string }>>();
  expect(rows).toMatchObject([{ quantity: 8_999_999_999_991, amount: '89990999999910.00' }]);
});
