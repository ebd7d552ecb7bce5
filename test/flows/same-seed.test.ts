import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import type { Client, Instruction, Rows } from '../support/client.ts';
import { customMarket, withRules } from '../support/custom-market.ts';
import { answered, batchesDone, FULL, onTheLine } from '../support/rehearsal.ts';

const DAY = '2021-07-26';
const LAG_MS = 20 * 60_000;

/** What a user or the tester does next. */
type Command =
  | {
      readonly do: 'input';
      readonly by: 0 | 1;
      readonly stock: string;
      readonly payment: 'FOP' | 'DVP';
      readonly quantity: number;
    }
  | { readonly do: 'upload'; readonly by: 0 | 1; readonly rows: number }
  | { readonly do: 'transfer'; readonly by: 0 | 1; readonly quantity: number }
  | { readonly do: 'maintain'; readonly by: 0 | 1; readonly act: 'delete' | 'revoke'; readonly which: number }
  | { readonly do: 'move'; readonly minutes: number }
  | { readonly do: 'switch'; readonly mode: 'drain' | 'cut' }
  | { readonly do: 'broadcast' };

const by = fc.constantFrom<0 | 1>(0, 1);
const commands = fc.array(
  fc.oneof<fc.Arbitrary<Command>[]>(
    fc.record({
      do: fc.constant('input'),
      by,
      stock: fc.constantFrom('5', '700'),
      payment: fc.constantFrom('FOP', 'DVP'),
      quantity: fc.constantFrom(400, 800),
    }),
    fc.record({ do: fc.constant('upload'), by, rows: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('transfer'), by, quantity: fc.constantFrom(100, 200) }),
    fc.record({ do: fc.constant('maintain'), by, act: fc.constantFrom('delete', 'revoke'), which: fc.nat(3) }),
    fc.record({ do: fc.constant('move'), minutes: fc.constantFrom(1, 10, 60, 240) }),
    fc.record({ do: fc.constant('move'), minutes: fc.constantFrom(1, 10, 60, 240) }),
    fc.record({ do: fc.constant('switch'), mode: fc.constantFrom('drain', 'cut') }),
    fc.record({ do: fc.constant('broadcast') }),
  ),
  { minLength: 8, maxLength: 16 },
);

let market: Awaited<ReturnType<typeof customMarket>>;
beforeAll(async () => {
  market = await customMarket({ 'settlement-day.json': withRules({ autoCounterparty: { afterMinutes: 5 } }) });
});
afterAll(() => market[Symbol.asyncDispose]());

/** One harness, the commands over its sockets, then what the lag holds back. Answers everything it came to. */
async function outcome(seed: number, all: readonly Command[]) {
  await using harness = await startHarness({
    ...{ at: instant(`${DAY}T08:30`), clock: 'frozen', seed, lagMs: LAG_MS, market: market.folder },
  });
  using first = onTheLine(harness);
  using second = onTheLine(harness);
  const users = [first, second] as const;
  const said: unknown[] = [];
  for (const [place, command] of all.entries()) said.push(await play(harness, users, command, place));
  answered(await harness.control.lag({ lagMs: 0 }));
  const { equal, centres } = answered(await harness.control.books({}));
  expect(equal).toBe(true);
  const { reports } = answered(await harness.control.reports({}));
  return { said, position: centres.primary.position, digest: centres.primary.digest, reports };
}

async function play(harness: Harness, users: readonly [Client, Client], command: Command, place: number) {
  const { control } = harness;
  switch (command.do) {
    case 'move':
      return answered(await control.clock({ advanceMs: command.minutes * 60_000 })).fired;
    case 'switch': {
      const to = answered(await control.state({})).active === 'primary' ? 'backup' : 'primary';
      const { lost, lostBatches, epoch } = answered(await control.failover({ to, mode: command.mode }));
      return { lost, lostBatches, epoch };
    }
    case 'broadcast': {
      const words = { en: `Message ${place}`, zh: `訊息 ${place}` };
      return answered(await control.broadcast({ subject: words, text: words }));
    }
    default: {
      const client = users[command.by];
      await client.logon({ participant: PARTICIPANTS[command.by], takeOver: true });
      return asked(harness, client, command, place);
    }
  }
}

const PARTICIPANTS = ['B09901', 'B09902'] as const;

async function asked(
  { control }: Harness,
  client: Client,
  command: Extract<Command, { readonly by: 0 | 1 }>,
  place: number,
): Promise<unknown> {
  const post = async (path: string, body: object) =>
    (await client.ask(`/ccass/v1/${path}`, { method: 'POST', body })).json<object>();
  const [participant, counterparty] = [PARTICIPANTS[command.by], PARTICIPANTS[1 - command.by] ?? ''];
  const reference = `REF-${place}`;
  const settlementDate = '2021-07-27';
  switch (command.do) {
    case 'input': {
      const { stock, quantity, payment } = command;
      const paid = payment === 'DVP' ? { currency: 'HKD', amount: '1000.00' } : {};
      const side = command.by === 0 ? 'deliver' : 'receive';
      const row = { reference, side, stock, quantity, counterparty, account: '01', payment, settlementDate, ...paid };
      return post('settlement-instructions', { rows: [row, { ...row, stock: '99999' }] });
    }
    case 'upload': {
      const sequence = String(place + 1).padStart(4, '0');
      const header = { participant, businessDate: DAY, sequence };
      const rows = Array.from({ length: command.rows }, () => ({ counterparty, settlementDate, quantity: 400 }));
      const { reference: batch } = (await client.upload(batchFile(rows, header))).json<{ reference?: string }>();
      await batchesDone(control);
      return batch === undefined ? null : client.batch(batch);
    }
    case 'transfer': {
      const row = { reference, stock: '5', quantity: command.quantity, fromAccount: '01', toAccount: '03' };
      return post('account-transfers', { rows: [row] });
    }
    case 'maintain': {
      const path = '/ccass/v1/settlement-instructions?limit=4';
      const { rows } = (await client.ask(path)).json<Rows<Instruction>>();
      const number = rows[command.which]?.number ?? 'D99999999';
      return post(`settlement-instructions/${command.act}`, { numbers: [number] });
    }
  }
}

test('one seed and the same commands come to the same books at both centres, whatever was switched in between', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), commands, async (seed, all) => {
      const once = await outcome(seed, all);
      expect(await outcome(seed, all)).toEqual(once);
    }),
    { numRuns: FULL ? 25 : 2 },
  );
});

test('another seed comes to other books: what is invented of the market hangs on it', async () => {
  const two = await Promise.all([1, 2].map((seed) => outcome(seed, [{ do: 'move', minutes: 240 }])));
  expect(two[1]?.digest).not.toBe(two[0]?.digest);
});
