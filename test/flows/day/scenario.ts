import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CentreName } from '../../../src/domain/nouns/market.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { batchFile } from '../../support/batch-files.ts';
import type { Rows } from '../../support/client.ts';
import { answered, batchesDone, onTheLine } from '../../support/rehearsal.ts';

export const DAY = '2021-07-26';
const NEXT = '2021-07-27';

/** A program that does what a participant's user asks, one command at a time, and says what came of it in a line. */
export type Driver = (who: string, ...command: readonly string[]) => Promise<string>;

/** Where the day is spent: a switch may stand before it, or in its middle. */
export type Place = 'primary' | 'backup' | 'fail-over';

const [MAKER, CHECKER] = ['B09901/MAKER01', 'B09901/CHECK01'];
const [OTHER, OTHER_CHECKER] = ['B09902/MAKER01', 'B09902/CHECK01'];

const si = (reference: string, side: 'deliver' | 'receive', stock: string, quantity: number, amount?: string) => ({
  ...{ reference, side, stock, quantity, account: '01', settlementDate: DAY },
  counterparty: side === 'deliver' ? 'B09902' : 'B09901',
  ...(amount === undefined ? { payment: 'FOP' } : { payment: 'DVP', currency: 'HKD', amount }),
});
const ati = (reference: string, toAccount: string) => ({
  ...{ reference, stock: '5', quantity: 200, fromAccount: '01', toAccount },
});
const row = (reference: string, side: 'D' | 'R', stock: string, isin: string, more: object = {}) => ({
  ...{ reference, side, stock, isin, quantity: 1000, counterparty: side === 'D' ? 'B09902' : 'B09901' },
  ...{ payment: 'FOP', currency: '', amountCents: 0, settlementDate: DAY, ...more },
});
const DVP = { payment: 'DVP', currency: 'HKD', amountCents: 35_000_000 };
const [TENCENT, CHINA_MOBILE] = [['00700', 'KYG875721634'] as const, ['00941', 'HK0941009539'] as const];

/** What the users send, as files, so that every driver sends the same bytes. */
async function files(folder: string) {
  const kept = async (name: string, content: object | Buffer) => {
    const path = join(folder, name);
    await writeFile(path, Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return path;
  };
  const delivers = { ...si('DAY-2', 'receive', '2', 1000), counterparty: 'B09902' };
  return {
    mine: await kept('mine.json', {
      rows: [
        si('DAY-1', 'deliver', '5', 400, '17400.00'),
        delivers,
        si('DAY-3', 'deliver', '700', 100),
        si('DAY-X', 'deliver', '99999', 1),
      ],
    }),
    theirs: await kept('theirs.json', {
      rows: [si('R-1', 'receive', '5', 400, '17400.00'), { ...si('R-2', 'deliver', '2', 800), counterparty: 'B09901' }],
    }),
    change: await kept('change.json', { quantity: 1000 }),
    transfers: await kept('transfers.json', { rows: [ati('AT-1', '03'), ati('AT-X', '01')] }),
    myBatch: await kept(
      'my-batch.txt',
      batchFile(
        [
          row('UP-1', 'D', ...TENCENT, DVP),
          row('UP-2', 'D', ...CHINA_MOBILE),
          row('UP-3', 'D', ...TENCENT, { account: '99' }),
        ],
        { businessDate: DAY },
      ),
    ),
    theirBatch: await kept(
      'their-batch.txt',
      batchFile([row('UR-1', 'R', ...TENCENT, DVP)], { businessDate: DAY, participant: 'B09902' }),
    ),
  };
}

/**
 * A day of two participants under maker-checker: input, amend, upload, authorise, transfer, match, settle, enquire,
 * fetch every report. Time is the tester's and moves by Control. The answers are the same whoever asks.
 */
export async function playDay(harness: Harness, driver: Driver, place: Place, folder: string): Promise<void> {
  const { control } = harness;
  const send = await files(folder);
  let centre: CentreName = 'primary';
  const logOn = async () => {
    for (const who of [MAKER, CHECKER, OTHER, OTHER_CHECKER]) expect(await driver(who, 'logon')).toBe(centre);
  };
  const switchOver = async (mode: 'drain' | 'cut') => {
    centre = 'backup';
    answered(await control.failover({ to: centre, mode }));
  };
  // After 15 minutes without a request a session ends, and who wants to go on logs on.
  const until = async (time: string) => {
    answered(await control.clock({ set: time }));
    await logOn();
  };
  const says = async (expected: string, who: string, ...command: string[]) =>
    expect(await driver(who, ...command), `${who} ${command.join(' ')}`).toBe(expected);

  /** How many rows a client sees that none of the drivers is; what the market holds may grow. */
  const seen = async (list: string) => {
    using observer = onTheLine(harness);
    await observer.logon({ user: 'CHECK02' });
    const { rows } = (await observer.ask(`/ccass/v1/${list}`)).json<Rows<unknown>>();
    expect(rows.length, list).toBeGreaterThan(0);
    await observer.ask('/ccass/v1/session', { method: 'DELETE' });
    return String(rows.length);
  };

  if (place === 'backup') await switchOver('drain');
  await logOn();

  await says('3 1', MAKER, 'input', send.mine);
  await says('2 0', OTHER, 'input', send.theirs);
  await says('1 0', MAKER, 'delete', 'DAY-3');
  await says('1 0', OTHER, 'change', 'R-2', send.change);

  const [mine, theirs] = [await driver(MAKER, 'upload', send.myBatch), await driver(OTHER, 'upload', send.theirBatch)];
  await batchesDone(control);
  await says('processed 2 1', MAKER, 'batch', mine);
  await says('processed 1 0', OTHER, 'batch', theirs);

  if (place === 'fail-over') {
    await switchOver('cut');
    await logOn();
    // Whoever does not know whether his file came through sends it again: it is the same batch.
    await says(mine, MAKER, 'upload', send.myBatch);
  }

  await says('4 0', CHECKER, 'authorise');
  await says('3 0', OTHER_CHECKER, 'authorise');
  await says('1 1', MAKER, 'transfer', send.transfers);

  await until(`${DAY}T10:00`);
  await says('3', MAKER, 'count', 'settlement-instructions?status=matched', 'matchedWith');
  await until(`${DAY}T10:30`);
  await says('3', OTHER, 'count', 'settlement-instructions?status=settled', 'number');
  await says('1', MAKER, 'count', 'settlement-instructions?status=unmatched&stock=941', 'number');
  await says('1', MAKER, 'count', 'settlement-instructions?status=deleted', 'number');
  await says('5', MAKER, 'count', 'stock-movements', 'number');
  await says('3', OTHER, 'count', 'stock-movements', 'number');
  await says('1', MAKER, 'count', 'account-transfers', 'doneAt');
  await says(await seen('stock-balances?limit=1000'), MAKER, 'count', 'stock-balances', 'onHold');
  await says('1', CHECKER, 'count', 'stocks?isin=GB0005405286', 'boardLot');
  await says(await seen('due-positions'), MAKER, 'rows', 'due-positions', 'overdue');
  await says(await seen('money-ledger'), MAKER, 'rows', 'money-ledger', 'balance');
  await says('1', MAKER, 'rows', 'batches', 'sha256');
  await says('0', MAKER, 'rows', 'broadcasts', 'subject');

  await until(`${DAY}T17:00`);
  await says('1', MAKER, 'rows', 'broadcasts', 'subject');
  await until(`${NEXT}T08:00`);
  const reports = await seen(`reports?businessDate=${DAY}`);
  expect(Number(reports)).toBeGreaterThanOrEqual(12);
  await says(reports, MAKER, 'reports', DAY);
  await says(reports, OTHER, 'reports', DAY);
}
