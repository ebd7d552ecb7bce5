import type { Batch } from '../api/ccass/batches.ts';
import type { Balance } from '../api/ccass/enquiries.ts';
import type { Report } from '../api/ccass/reports.ts';
import type { NewInstruction } from '../client/participant-files.ts';
import { firstBusinessDay, marketDate } from '../domain/calendar/calendar.ts';
import type { MarketDate, Words } from '../domain/nouns/market.ts';
import { download, FORMAT_WORDS } from './downloads.ts';
import { PAGE_SIZE } from './enquiries.ts';
import { expectValue, unexpectedRefusal } from './results.ts';
import { listed, say } from './said.ts';
import { counterpartyOf, type Setting } from './setting.ts';
import { statusOf } from './transfer.ts';

/** The circular's batch upload (批量上載), and what comes of it. */

const BATCH_WORDS: Readonly<Record<Batch['status'], Words>> = {
  received: { en: 'received', zh: '已收到' },
  processing: { en: 'processing', zh: '處理中' },
  processed: { en: 'processed', zh: '已處理' },
  discarded: { en: 'discarded', zh: '不獲接納' },
};

const ROWS = 2;
const SHARES = 100;

/** A ZSIUP01 for the market date is accepted, recognised when repeated, processed, and its instructions are found. */
export async function upload(setting: Setting): Promise<void> {
  const { results, time } = setting;
  const { ccass, participant } = setting.participants.lead;
  let bytes = new Uint8Array();

  await results.step(
    say('{} makes a ZSIUP01 for the market date and uploads it', '{} 製作市場日期的 ZSIUP01 並上載', participant),
    async () => {
      const batches = await ccass.batches();
      if (!batches.ok) return unexpectedRefusal(batches);
      const date = marketDate(await time.now());
      const used = batches.value.filter((one) => one.businessDate === date).map((one) => Number(one.sequence));
      const sequence = 1 + Math.max(0, ...used);
      bytes = new Uint8Array(
        setting.instructionFile({
          participant,
          marketDate: date,
          sequence,
          instructions: instructions(setting, date, sequence),
        }),
      );
      return expectValue(await ccass.uploadBatch(bytes), (batch) => {
        setting.batch = batch;
        return {
          says: say('batch {}, {} bytes', '批次 {}，{} 位元組', batch.reference, bytes.length),
          wrong: [batch.repeat === true && say('it is marked as a repeat', '被標示為重複')],
        };
      });
    },
  );
  const { batch } = setting;
  if (!batch) return;

  await results.step(
    say('the same bytes again, compressed, give the same reference', '再次上載相同內容（壓縮）獲相同編號'),
    async () =>
      expectValue(await ccass.uploadBatch(bytes, { gzip: true }), ({ reference, repeat }) => ({
        says: reference,
        wrong: [
          reference !== batch.reference && say('expected {}', '應為 {}', batch.reference),
          repeat !== true && say('it is not marked as a repeat', '未標示為重複'),
        ],
      })),
  );
  await results.step(say('the batch is processed', '批次處理完成'), async () =>
    expectValue(await ccass.waitForBatch(batch.reference, () => time.settle()), (after) => {
      setting.batch = after;
      const { status, accepted, refused, fault } = after;
      return {
        says: say(
          '{}, {} accepted, {} refused',
          '{}，接納 {} 項，拒收 {} 項',
          ...[BATCH_WORDS[status], accepted, refused],
        ),
        wrong: [
          status !== 'processed' && say('{}, expected processed', '{}，應為 processed', fault?.code ?? status),
          accepted !== ROWS && say('expected {} accepted', '應接納 {} 項', ROWS),
        ],
      };
    }),
  );
  await findInstructions(setting);
  await readControlReport(setting);
}

/** Two instructions for the first stock in the lead's balances. */
function instructions(setting: Setting, date: MarketDate, sequence: number): NewInstruction[] {
  const balance = setting.books?.balances[0];
  const counterparty = counterpartyOf(setting);
  if (!balance || counterparty === null)
    throw new Error('the lead needs a stock balance and a counterparty: add both to the market');
  const common = {
    side: 'D' as const,
    stock: balance.stock,
    isin: balance.isin,
    quantity: SHARES,
    counterparty,
    account: balance.account,
    settlementDate: firstBusinessDay(date, setting.holidays),
    narrative: 'REHEARSAL',
  };
  const reference = (row: number) => `RH${date.replaceAll('-', '')}${String(sequence).padStart(4, '0')}${row}`;
  return [
    {
      ...common,
      reference: reference(1),
      payment: 'DVP',
      currency: currencyOf(balance),
      amountCents: amountCents(balance, SHARES),
    },
    { ...common, reference: reference(2), payment: 'FOP', currency: '', amountCents: 0 },
  ];
}

export function currencyOf({ currency }: Balance): 'HKD' | 'CNY' | 'USD' {
  return currency === 'CNY' || currency === 'USD' ? currency : 'HKD';
}

/** The market value of the shares, at least a cent. */
export function amountCents({ price }: Balance, shares: number): number {
  return Math.max(1, Math.round(Number(price) * shares * 100));
}

/** The batch's instructions are in the books: as many as were accepted, or, after the roll-back, none of them any more. */
export async function findInstructions(setting: Setting): Promise<void> {
  const { batch, participants, rolledBack } = setting;
  if (!batch) return;
  const { participant, ccass } = participants.lead;
  await setting.results.step(
    say('{} looks for the instructions of batch {}', '{} 查找批次 {} 的指示', participant, batch.reference),
    async () =>
      expectValue(await ccass.settlementInstructions(PAGE_SIZE), ({ rows }) => {
        const found = rows.filter((row) => row.batch === batch.reference);
        const says = listed(found.map(statusOf));
        if (!rolledBack)
          return {
            says,
            wrong: [
              found.length !== batch.accepted && say('expected {}', '應有 {} 項', batch.accepted),
              found.length === 0 && say('expected the instructions of the batch', '應有該批次的指示'),
            ],
          };
        return {
          says: say('the {} of the batch were taken back', '批次內的 {} 項指示已還原', batch.accepted),
          wrong: [found.length > 0 && say('still there: {}', '仍然存在：{}', says)],
        };
      }),
  );
}

/** ZSICR01 of the lead's batch, downloaded and compared with the accepted rows. */
export async function readControlReport(setting: Setting): Promise<void> {
  const { batch, results, participants } = setting;
  if (!batch) return;
  const { ccass, participant } = participants.lead;
  let rows: readonly Report[] = [];
  await results.step(
    say('{} lists ZSICR01 of batch {}', '{} 查閱批次 {} 的 ZSICR01', participant, batch.reference),
    async () =>
      expectValue(await ccass.reports({ id: 'ZSICR01' }), (all) => {
        rows = all.filter((row) => row.batch === batch.reference);
        return {
          says: listed(rows.map(({ format }) => FORMAT_WORDS[format])),
          wrong: [rows.length === 0 && say('expected it as soon as the batch is processed', '批次處理完成後即應提供')],
        };
      }),
  );
  for (const row of rows) {
    await download(setting, row, ({ header, details }) => [
      header.batch !== batch.reference && say('it belongs to {}', '該報表屬於 {}', String(header.batch)),
      details.filter((record) => record.outcome === 'A').length !== batch.accepted &&
        say('expected {} accepted records', '應有 {} 項獲接納的記錄', batch.accepted),
    ]);
  }
}
