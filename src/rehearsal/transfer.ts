import type { Balance } from '../api/ccass/enquiries.ts';
import type { Instruction } from '../api/ccass/instructions.ts';
import type { Transfer } from '../api/ccass/transfers.ts';
import { marketDate } from '../domain/calendar/calendar.ts';
import { STATUSES } from '../domain/settlement/instruction-life.ts';
import { checked, failed, type StepResult, unexpectedRefusal } from './results.ts';
import { type Said, say } from './said.ts';
import type { Setting } from './setting.ts';

/** Inputs an account transfer (ATI): the enquiries of transfers and of both balances have to show it. */
export async function transferShares(setting: Setting, balance: Balance, shares: number): Promise<void> {
  const { participant } = setting.participants.lead;
  await setting.results.step(say('{} inputs an account transfer', '{} 輸入戶口轉移指示', participant), () =>
    transferAndLook(setting, balance, shares),
  );
}

async function transferAndLook(setting: Setting, from: Balance, quantity: number): Promise<StepResult> {
  const { ccass } = setting.participants.lead;
  const profile = await ccass.profile();
  if (!profile.ok) return unexpectedRefusal(profile);
  const toAccount = profile.value.accounts.find(({ id }) => id !== from.account)?.id;
  if (toAccount === undefined)
    return failed(say('it needs a second account: add one to accounts.json', '須有另一戶口：請加入 accounts.json'));
  const held = async (account: string) => {
    const answer = await ccass.stockBalances(undefined, { account, stock: from.stock });
    const row = answer.ok ? answer.value.rows[0] : undefined;
    return { quantity: row?.quantity ?? 0, onHold: row?.onHold ?? 0 };
  };
  const before = { from: await held(from.account), to: await held(toAccount) };
  const reference = `RA${marketDate(await setting.time.now()).replaceAll('-', '')}1`;
  const input = await ccass.inputTransfers([
    { reference, stock: from.stock, isin: from.isin, quantity, fromAccount: from.account, toAccount },
  ]);
  if (!input.ok) return unexpectedRefusal(input);
  const [result] = input.value.rows;
  if (!result || result.number === null)
    return failed(say('{}: {}', '{}：{}', result?.reason ?? '-', result?.says ?? ''), input.centre);
  const listed = await ccass.transfers();
  if (!listed.ok) return unexpectedRefusal(listed);
  const row = listed.value.rows.find(({ number }) => number === result.number);
  const after = { from: await held(from.account), to: await held(toAccount) };
  return checked(input.centre, {
    says: say(
      '{} shares of {} from {} to {}; the enquiry shows {}',
      '{} 股 {} 由 {} 至 {}；查詢所示為 {}',
      ...[quantity, from.stock, from.account, toAccount, row ? statusOf(row) : '-'],
    ),
    wrong: [
      row?.reference !== reference && say('the enquiry does not show it', '查詢並無此項'),
      row !== undefined && notMoved(row, before, after),
    ],
  });
}

interface Shares {
  readonly from: { readonly quantity: number; readonly onHold: number };
  readonly to: { readonly quantity: number };
}

/** Done, the shares are in the other account; waiting for the day's run, they are on hold in the first. */
function notMoved({ status, quantity }: Transfer, before: Shares, after: Shares): Said | false {
  const isRight =
    status === 'done'
      ? after.from.quantity === before.from.quantity - quantity && after.to.quantity === before.to.quantity + quantity
      : after.from.onHold === before.from.onHold + quantity;
  return (
    !isRight &&
    say(
      'the balances are {} and {}, before they were {} and {}',
      '結餘為 {} 及 {}，之前為 {} 及 {}',
      ...[after.from.quantity, after.to.quantity, before.from.quantity, before.to.quantity],
    )
  );
}

/** `D00000001 unmatched`, or `A00000001 done`. */
export function statusOf({ number, status }: Pick<Instruction | Transfer, 'number' | 'status'>): Said {
  const name = status === 'waiting' || status === 'done' ? TRANSFER_WORDS[status] : STATUSES[status].name;
  return say('{} {}', '{} {}', number, name);
}

const TRANSFER_WORDS = {
  waiting: { en: 'waiting', zh: '待轉移' },
  done: { en: 'done', zh: '已轉移' },
} as const;
