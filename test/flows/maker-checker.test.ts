import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import type { Client } from '../support/client.ts';
import { customMarket, withRules } from '../support/custom-market.ts';
import { answered, batchesDone, onTheLine } from '../support/rehearsal.ts';

interface Outcome {
  readonly number: string;
  readonly status: string | null;
  readonly reason: string | null;
  readonly says: { readonly en: string } | null;
}

const second = (id: string, role: string) => ({
  participant: 'B09901',
  id,
  name: id,
  role,
  password: 'Rehearsal-2021',
  inputLimitHkdCents: null,
});

/** Maker and checker, switched on by a market folder of the user's own: nothing moves on before a second user says so. */
describe('with maker-checker switched on', () => {
  let market: Awaited<ReturnType<typeof customMarket>>;
  let harness: Harness;
  let maker: Client;
  let otherMaker: Client;
  let checker: Client;
  let otherChecker: Client;

  beforeAll(async () => {
    market = await customMarket({
      'settlement-day.json': withRules({ makerChecker: true }),
      'users.json': (file) => ({
        ...file,
        users: [...(file.users as object[]), second('MAKER02', 'maker'), second('CHECK02', 'checker')],
      }),
    });
    harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', market: market.folder });
    [maker, otherMaker] = [onTheLine(harness), onTheLine(harness)];
    [checker, otherChecker] = [onTheLine(harness), onTheLine(harness)];
  });
  // Whichever test moves the clock ends the sessions of all of them.
  beforeEach(async () => {
    for (const [client, user] of [
      [maker, 'MAKER01'],
      [otherMaker, 'MAKER02'],
      [checker, 'CHECK01'],
      [otherChecker, 'CHECK02'],
    ] as const)
      await client.logon({ user, takeOver: true });
  });
  afterAll(async () => {
    for (const client of [maker, otherMaker, checker, otherChecker]) client.close();
    await harness.stop();
    await market[Symbol.asyncDispose]();
  });

  async function outcome(client: Client, method: string, path: string, body: object): Promise<Outcome> {
    const answer = await client.ask(`/ccass/v1/settlement-instructions${path}`, { method, body });
    const [row] = answer.json<{ rows: readonly Outcome[] }>().rows;
    if (!row) throw new Error(`no row: ${answer.status} ${answer.body}`);
    return row;
  }
  const input = (client: Client, reference: string) =>
    outcome(client, 'POST', '', {
      rows: [
        {
          ...{ reference, side: 'deliver', stock: '5', quantity: 400, counterparty: 'B09902', account: '01' },
          ...{ payment: 'FOP', settlementDate: '2021-07-26' },
        },
      ],
    });
  const authorise = (client: Client, number: string) => outcome(client, 'POST', '/authorise', { numbers: [number] });

  test('what a maker inputs is pending until a checker authorises it; no maker may, and nobody twice', async () => {
    const { number, status } = await input(maker, 'MC-1');
    expect(status).toBe('pending');
    for (const client of [maker, otherMaker]) {
      expect(await authorise(client, number)).toMatchObject({ status: 'pending', reason: 'NOT_A_CHECKER' });
    }
    expect((await authorise(maker, number)).says?.en).toMatch(/Have a checker/);
    expect(await authorise(checker, number)).toMatchObject({ status: 'unmatched', reason: null });
    expect(await authorise(otherChecker, number)).toMatchObject({ status: 'unmatched', reason: 'WRONG_STATUS' });
  });

  test('a change goes back to pending, and who input or changed it does not authorise it', async () => {
    const { number } = await input(maker, 'MC-2');
    await authorise(checker, number);
    expect(await outcome(checker, 'PATCH', `/${number}`, { quantity: 800 })).toMatchObject({ status: 'pending' });
    expect(await authorise(checker, number)).toMatchObject({ status: 'pending', reason: 'OWN_INPUT' });
    expect(await authorise(otherChecker, number)).toMatchObject({ status: 'unmatched', reason: null });
    const own = await input(checker, 'MC-3');
    expect(await authorise(checker, own.number)).toMatchObject({ reason: 'OWN_INPUT' });
    expect(await authorise(otherChecker, own.number)).toMatchObject({ status: 'unmatched' });
  });

  test('rows of a batch are pending too, and a pending instruction is not matched', async () => {
    const file = batchFile([{ reference: 'MC-B1' }, { reference: 'MC-B2' }], { businessDate: '2021-07-26' });
    const uploaded = await maker.upload(file);
    expect(uploaded.status).toBe(202);
    await batchesDone(harness.control);
    const rows = (await maker.instructions()).filter(({ reference }) => reference.startsWith('MC-B'));
    expect(rows.map(({ status }) => status)).toEqual(['pending', 'pending']);
    const [one, two] = rows.map(({ number }) => number);
    expect(await authorise(checker, one ?? '')).toMatchObject({ status: 'unmatched' });

    const waiting = await input(maker, 'MC-4');
    const authorised = await input(maker, 'MC-5');
    await authorise(checker, authorised.number);
    using opposite = onTheLine(harness);
    await opposite.logon({ participant: 'B09902' });
    const theirs = await outcome(opposite, 'POST', '', {
      rows: [
        {
          ...{ reference: 'OPP', side: 'receive', stock: '5', quantity: 400, counterparty: 'B09901', account: '01' },
          ...{ payment: 'FOP', settlementDate: '2021-07-26' },
        },
      ],
    });
    await opposite.logon({ participant: 'B09902', user: 'CHECK01' });
    expect((await outcome(opposite, 'POST', '/authorise', { numbers: [theirs.number] })).status).toBe('unmatched');
    answered(await harness.control.clock({ set: '2021-07-26T10:00' }));
    await maker.logon({ takeOver: true });
    const after = new Map((await maker.instructions()).map(({ number, status }) => [number, status]));
    expect(after.get(waiting.number)).toBe('pending');
    expect(after.get(two ?? '')).toBe('pending');
    // An authorised one says the same, and took the match.
    expect([...after.values()].filter((status) => status === 'matched')).toHaveLength(1);
  });
});

test('by default an instruction needs no second user', async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });
  using maker = onTheLine(harness);
  await maker.logon();
  await maker.upload(batchFile([{ reference: 'MC-B1' }], { businessDate: '2021-07-26' }));
  await batchesDone(harness.control);
  expect((await maker.instructions()).map(({ status }) => status)).toEqual(['unmatched']);
});
