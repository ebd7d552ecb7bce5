import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { type Client, clientOf } from '../support/client.ts';
import { ofKind } from '../support/of-kind.ts';

/** The members of the answers that are looked at here. */
interface Row {
  readonly number: string;
  readonly status: string;
  readonly matchedWith: string | null;
  readonly reason: string | null;
  readonly says: { readonly en: string } | null;
  readonly stock: string;
  readonly quantity: number;
  readonly subAccount: string;
  readonly balance: string;
}
type Json = Row & { readonly rows: readonly Row[]; readonly done: number; readonly detail: string };

/** The first of some rows. */
function first(rows: readonly Row[]): Row {
  const [row] = rows;
  if (!row) throw new Error('no row came');
  return row;
}

interface JsonClient extends Pick<Client, 'close'> {
  logOn(): Promise<unknown>;
  call(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: Json }>;
}

async function jsonClient(harness: Harness, participant: string): Promise<JsonClient> {
  const client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  const logOn = () => client.logon({ participant, takeOver: true });
  await logOn();
  return {
    logOn,
    close: () => client.close(),
    async call(method, path, body) {
      const answer = await client.ask(`/ccass/v1${path}`, { method, ...(body ? { body } : {}) });
      return { status: answer.status, body: answer.json<Json>() };
    },
  };
}

/** A business day of two participants: input, authorise or change, match, settle, enquire. Through the line, over TLS. */
describe('a settlement day', { shuffle: false }, () => {
  let harness: Harness;
  let deliverer: JsonClient;
  let receiver: JsonClient;

  beforeAll(async () => {
    harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });
    deliverer = await jsonClient(harness, 'B09901');
    receiver = await jsonClient(harness, 'B09902');
  });
  afterAll(async () => {
    deliverer.close();
    receiver.close();
    await harness.stop();
  });

  const row = (reference: string, side: 'deliver' | 'receive', more: object = {}) => ({
    reference,
    side,
    stock: '5',
    quantity: 400,
    counterparty: side === 'deliver' ? 'B09902' : 'B09901',
    account: '01',
    payment: 'DVP',
    currency: 'HKD',
    amount: '17400.00',
    settlementDate: '2021-07-26',
    ...more,
  });
  const input = async (client: JsonClient, ...rows: object[]) =>
    (await client.call('POST', '/settlement-instructions', { rows })).body;
  const statusOf = async (client: JsonClient, number: string) =>
    (await client.call('GET', `/settlement-instructions/${number}`)).body.status;
  const quantityOf = async (client: JsonClient) =>
    (await client.call('GET', '/stock-balances?account=01&stock=5')).body.rows[0]?.quantity ?? 0;
  const moneyOf = async (client: JsonClient) => {
    const { rows } = (await client.call('GET', '/money-ledger?currency=HKD')).body;
    return Number(rows.find((one) => one.subAccount === 'settlement')?.balance);
  };
  const until = async (time: string) => {
    const moved = await harness.control.clock({ set: `2021-07-26T${time}` });
    if (isRefusal(moved)) throw new Error(moved.detail.en);
    // A session ends after 15 minutes without a request.
    await deliverer.logOn();
    await receiver.logOn();
  };

  test('what is input is matched at 10:00 and settles at 10:30, stock against money', async () => {
    const before: [number, number, number, number] = [
      await quantityOf(deliverer),
      await quantityOf(receiver),
      await moneyOf(deliverer),
      await moneyOf(receiver),
    ];
    const given = await input(
      deliverer,
      row('DAY-1', 'deliver'),
      row('DAY-1', 'deliver'),
      row('DAY-X', 'deliver', { stock: '99999' }),
    );
    expect(given).toMatchObject({ done: 1, refused: 2 });
    expect(given.rows.map((one) => one.reason)).toEqual([null, 'DUPLICATE_REFERENCE', 'UNKNOWN_STOCK']);
    expect(given.rows[2]?.says?.en).toMatch(/stock list/);
    const taken = await input(receiver, row('R-1', 'receive'));
    const [sell, buy] = [first(given.rows).number, first(taken.rows).number];
    expect(await statusOf(deliverer, sell)).toBe('unmatched');

    await until('10:00');
    expect([await statusOf(deliverer, sell), await statusOf(receiver, buy)]).toEqual(['matched', 'matched']);
    expect((await deliverer.call('GET', `/settlement-instructions/${sell}`)).body.matchedWith).toBe(buy);
    expect((await deliverer.call('GET', `/settlement-instructions/${buy}`)).status).toBe(404);

    await until('10:30');
    expect([await statusOf(deliverer, sell), await statusOf(receiver, buy)]).toEqual(['settled', 'settled']);
    const after = [
      await quantityOf(deliverer),
      await quantityOf(receiver),
      await moneyOf(deliverer),
      await moneyOf(receiver),
    ];
    expect(after).toEqual([before[0] - 400, before[1] + 400, before[2] + 17_400, before[3] - 17_400]);

    const { rows } = (await deliverer.call('GET', '/stock-movements')).body;
    expect(rows).toMatchObject([
      { stock: '00005', account: '01', quantity: -400, balance: after[0], instruction: sell, counterparty: 'B09902' },
    ]);
  });

  test('maintenance keeps to the published table of sub-function and status', async () => {
    const { rows } = await input(
      deliverer,
      row('DAY-2', 'deliver', { payment: 'FOP', amount: '0', currency: undefined }),
    );
    const number = first(rows).number;
    const maintain = async (act: string, more: object = {}) =>
      (await deliverer.call('POST', `/settlement-instructions/${act}`, { numbers: [number], ...more })).body.rows[0];
    expect(await maintain('revoke')).toMatchObject({ reason: 'WRONG_STATUS', status: 'unmatched' });
    const changed = await deliverer.call('PATCH', `/settlement-instructions/${number}`, { quantity: 800 });
    expect(changed.body).toMatchObject({ done: 1, rows: [{ number, reason: null, status: 'unmatched' }] });
    await input(
      receiver,
      row('R-2', 'receive', { payment: 'FOP', amount: '0', currency: undefined, quantity: 800, hold: true }),
    );
    await until('11:30');
    expect(await statusOf(deliverer, number)).toBe('matched-on-hold');
    expect(await maintain('delete')).toMatchObject({ reason: 'WRONG_STATUS' });
    await until('12:00');
    expect(await statusOf(deliverer, number)).toBe('matched-on-hold');
    expect(await maintain('revoke')).toMatchObject({ reason: null, status: 'deleted' });
    const deleted = (await deliverer.call('GET', '/settlement-instructions?status=deleted')).body;
    expect(deleted.rows.map((one) => one.number)).toEqual([number]);
    expect(
      (await deliverer.call('POST', '/settlement-instructions/delete', { numbers: ['D99999999'] })).body.rows[0]
        ?.reason,
    ).toBe('UNKNOWN_INSTRUCTION');
  });

  test('a change may take the payment away: null is no currency, in what is sent as in what is read', async () => {
    const number = first((await input(deliverer, row('DAY-F', 'deliver'))).rows).number;
    const change = async (body: object) =>
      (await deliverer.call('PATCH', `/settlement-instructions/${number}`, body)).body.rows[0]?.reason;
    expect(await change({ payment: 'FOP' })).toBe('BAD_CURRENCY');
    expect(await change({ payment: 'FOP', currency: null, amount: '0' })).toBe(null);
    const { body } = await deliverer.call('GET', `/settlement-instructions/${number}`);
    expect(body).toMatchObject({ payment: 'FOP', currency: null, amount: '0.00' });
    expect(
      (await input(deliverer, row('DAY-G', 'deliver', { payment: 'FOP', currency: null, amount: '0' }))).done,
    ).toBe(1);
    const refused = await deliverer.call('PATCH', `/settlement-instructions/${number}`, { currency: 'EUR' });
    expect([refused.status, refused.body.detail]).toEqual([
      400,
      'body: /currency: got "EUR", expected one of HKD, CNY, USD, null. The shapes are at /ccass/v1/docs',
    ]);
    await deliverer.call('POST', '/settlement-instructions/delete', { numbers: [number] });
  });

  test('what lacks stock waits for the next run and the final run is told by broadcast', async () => {
    const all = await quantityOf(deliverer);
    const sold = await input(deliverer, row('DAY-3', 'deliver', { quantity: all + 400 }));
    await input(receiver, row('R-3', 'receive', { quantity: all + 400 }));
    await until('14:00');
    expect(['matched', 'shares-on-hold']).toContain(await statusOf(deliverer, first(sold.rows).number));
    const journal = await harness.control.journal({ kinds: 'run' });
    if (isRefusal(journal)) throw new Error(journal.detail.en);
    const runs = ofKind(journal.entries, 'run').filter(({ detail }) => detail.run.startsWith('settlement'));
    expect(runs.at(-1)?.detail.done).toEqual({ due: 1, settled: 0, waiting: 1, NOT_ENOUGH_STOCK: 1 });
    expect(await quantityOf(deliverer)).toBe(all);
    await until('17:00');
    const { rows } = (await deliverer.call('GET', '/broadcasts')).body;
    expect(rows[0]).toMatchObject({ kind: 'final-run' });
  });

  test('positions, stock list and filters answer', async () => {
    const due = (await deliverer.call('GET', '/due-positions?stock=700')).body.rows;
    expect(due.length).toBeGreaterThan(0);
    expect(due.every((one) => one.stock === '00700')).toBe(true);
    expect((await deliverer.call('GET', '/stocks?stock=5')).body.rows).toMatchObject([
      { stock: '00005', isin: 'GB0005405286' },
    ]);
    const settled = (await deliverer.call('GET', '/settlement-instructions?status=settled&counterparty=B09902')).body
      .rows;
    expect(settled).toHaveLength(1);
  });

  test('the books are equal at both centres after it', async () => {
    const answer = await harness.control.failover({ to: 'backup' });
    expect(isRefusal(answer)).toBe(false);
    await deliverer.logOn();
    expect((await deliverer.call('GET', '/settlement-instructions?status=settled')).body.rows).toHaveLength(1);
  });
});
