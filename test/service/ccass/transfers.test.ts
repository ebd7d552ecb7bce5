import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outcomeOf } from '../../support/batch-files.ts';
import type { Batch, Rows } from '../../support/client.ts';
import { batchesDone, FULL, inSession1, onTheLine } from '../../support/rehearsal.ts';
import { HEADER, shipped, written } from '../../support/shipped-layouts.ts';

const ACCOUNTS = ['01', '03', '04', '06'] as const;
const row = fc.record({
  reference: fc.integer({ min: 1, max: 40 }).map((n) => `R${n}`),
  quantity: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 200_000 })),
  fromAccount: fc.constantFrom(...ACCOUNTS, '99'),
  toAccount: fc.constantFrom(...ACCOUNTS),
});
const input = fc.record({
  way: fc.constantFrom('typed', 'file'),
  rows: fc.array(row, { minLength: 1, maxLength: 12 }),
});

interface Balance {
  readonly account: string;
  readonly quantity: number;
}
interface Result {
  readonly number: string | null;
  readonly reason: string | null;
}

test('any mix of transfers, typed or in files: each is done or refused as the shares say, and none are made or lost', async () => {
  await using harness = await inSession1();
  using client = onTheLine(harness);
  await client.logon();
  const balances = async () => {
    const { rows } = (await client.ask('/ccass/v1/stock-balances?stock=5')).json<Rows<Balance>>();
    return new Map(rows.map(({ account, quantity }) => [account, quantity]));
  };
  const shares = await balances();
  const total = [...shares.values()].reduce((sum, quantity) => sum + quantity, 0);
  const used = new Set<string>();
  let runs = 0;
  let numbers = 0;

  await fc.assert(
    fc.asyncProperty(input, async ({ way, rows }) => {
      const sequence = String(++runs).padStart(4, '0');
      const mine = rows.map((one) => ({ ...one, reference: `${one.reference}-${runs % 3}`, stock: '00005' }));
      const expected = mine.map(({ reference, quantity, fromAccount, toAccount }) => {
        if (quantity === 0) return 'BAD_QUANTITY';
        if (fromAccount === '99') return 'UNKNOWN_ACCOUNT';
        if (fromAccount === toAccount) return 'SAME_ACCOUNT';
        if ((shares.get(fromAccount) ?? 0) < quantity) return 'NOT_ENOUGH_STOCK';
        if (used.has(reference)) return 'DUPLICATE_REFERENCE';
        used.add(reference);
        shares.set(fromAccount, (shares.get(fromAccount) ?? 0) - quantity);
        shares.set(toAccount, (shares.get(toAccount) ?? 0) + quantity);
        return `A${String(++numbers).padStart(8, '0')}`;
      });
      let came: (string | null)[];
      if (way === 'typed') {
        const body = { rows: mine };
        const answer = await client.ask('/ccass/v1/account-transfers', { method: 'POST', body });
        came = answer.json<{ rows: Result[] }>().rows.map(({ number, reason }) => number ?? reason);
      } else {
        const details = mine.map((one) => ({ ...one, isin: '', narrative: '' }));
        const answer = await client.upload(written(shipped('ZATUP01'), { ...HEADER, sequence }, details));
        await batchesDone(harness.control);
        const { report } = await outcomeOf(client, answer.json<Batch>().reference, 'ZATCR01');
        came = report.details.map(({ number, reason }) => String(number === '' ? reason : number));
      }
      expect(came).toEqual(expected);
      const now = await balances();
      for (const account of ACCOUNTS) expect(now.get(account) ?? 0, account).toBe(shares.get(account) ?? 0);
      expect([...now.values()].reduce((sum, quantity) => sum + quantity, 0)).toBe(total);
    }),
    { numRuns: FULL ? 200 : 15, endOnFailure: true },
  );
});
