import type { Balance } from '../api/ccass/enquiries.ts';
import type { Instruction } from '../api/ccass/instructions.ts';
import type { InstructionChange, InstructionInput, RowResults } from '../api/ccass/maintenance.ts';
import type { Answer } from '../client/answer.ts';
import type { ReferenceParticipant } from '../client/participant.ts';
import { firstBusinessDay, marketDate } from '../domain/calendar/calendar.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { STATUSES } from '../domain/settlement/instruction-life.ts';
import { amountCents, currencyOf } from './batch.ts';
import { channelIn } from './participants.ts';
import { expectValue, failed, type StepResult, unexpectedRefusal } from './results.ts';
import { joined, listed, type Said, say } from './said.ts';
import { counterpartyOf, type Setting } from './setting.ts';
import { statusOf, transferShares } from './transfer.ts';

/**
 * The circular's on-line operations (線上操作) at CCASS: the lead's maker types, changes, holds and deletes settlement
 * instructions and inputs an account transfer; its checker authorises what waits for that. An enquiry of its own has to show
 * the result of each.
 */

export const SHARES = 100;

interface Work {
  readonly setting: Setting;
  readonly maker: ReferenceParticipant;
  /** The participant's checker, logged on; null without one. */
  readonly checker: ReferenceParticipant | null;
  /** The shares that the instructions are about. */
  readonly balance: Balance;
}

export async function playOperations(setting: Setting, session: RehearsalSession): Promise<void> {
  const { results, participants } = setting;
  const { lead } = participants;
  const balance = setting.books?.balances.find(({ quantity, onHold }) => quantity - onHold >= 2 * SHARES);
  const counterparty = counterpartyOf(setting);
  if (!balance || counterparty === null) {
    await results.step(say('{} types settlement instructions', '{} 輸入交收指示', lead.participant), async () =>
      failed(
        say(
          'it needs {} shares of a stock and a counterparty: add both to the market',
          '須有 {} 股同一股份及交易對手：請加入市場',
          2 * SHARES,
        ),
      ),
    );
    return;
  }
  const checker = await checkerLogsOn(setting, session);
  const work: Work = { setting, maker: lead.ccass, checker, balance };
  const numbers = await type(work, counterparty);
  const [kept, dropped] = numbers;
  if (kept !== undefined && dropped !== undefined) {
    await authorise(work, kept);
    const amount = (amountCents(balance, 2 * SHARES) / 100).toFixed(2);
    await change(work, kept, { quantity: 2 * SHARES, amount }, say('changes', '更改'));
    await change(work, kept, { hold: true }, say('holds', '暫緩'));
    await remove(work, dropped);
  }
  await transferShares(setting, balance, SHARES);
  await remember(setting, numbers);
  if (checker)
    await results.step(say('the checker {} logs off', '覆核用戶 {} 登出', lead.checker ?? ''), async () =>
      expectValue(await checker.logOff(), () => ({ says: say('logged off', '已登出') })),
    );
}

async function checkerLogsOn(setting: Setting, session: RehearsalSession): Promise<ReferenceParticipant | null> {
  const { lead } = setting.participants;
  const { participant, checker: user, checking, password } = lead;
  if (user === undefined || !checking) return null;
  const channel = channelIn(session, lead);
  const on = await setting.results.step(
    say('the checker {} of {} logs on by {}', '覆核用戶 {}（{}）經 {} 登入', user, participant, channel),
    async () =>
      expectValue(await checking.logOn({ participant, user, password, channel }), ({ release }) => ({
        says: say('release {}', '版本 {}', release),
      })),
  );
  return on ? checking : null;
}

/** Types two instructions, DVP and FOP, and finds both. */
async function type({ setting, maker, balance }: Work, counterparty: string): Promise<readonly string[]> {
  const today = marketDate(await setting.time.now());
  const common = {
    side: 'deliver' as const,
    ...{ stock: balance.stock, isin: balance.isin, quantity: SHARES, counterparty, account: balance.account },
    ...{ settlementDate: firstBusinessDay(today, setting.holidays), narrative: 'REHEARSAL' },
  };
  const reference = (row: number) => `RT${today.replaceAll('-', '')}${row}`;
  const amount = (amountCents(balance, SHARES) / 100).toFixed(2);
  const rows: InstructionInput[] = [
    { ...common, reference: reference(1), payment: 'DVP', currency: currencyOf(balance), amount },
    { ...common, reference: reference(2), payment: 'FOP' },
  ];
  let numbers: readonly string[] = [];
  const { participant } = setting.participants.lead;
  const what = say('{} types {} settlement instructions', '{} 輸入 {} 項交收指示', participant, rows.length);
  await setting.results.step(what, async () => {
    const typed = await maker.inputInstructions(rows);
    if (!typed.ok) return unexpectedRefusal(typed);
    numbers = typed.value.rows.flatMap(({ number }) => (number === null ? [] : [number]));
    const found = await Promise.all(numbers.map((number) => maker.settlementInstruction(number)));
    return expectRows(typed, rows.length, found, (row, place) => {
      const { isin: _, ...asTyped } = rows[place] ?? {};
      return differences(row, { ...asTyped, batch: null });
    });
  });
  return numbers;
}

/** The checker authorises what waits for it. Where the market's rules have no maker and checker, nothing does, and he is told so. */
async function authorise({ setting, maker, checker }: Work, number: string): Promise<void> {
  const { lead } = setting.participants;
  const before = await maker.settlementInstruction(number);
  if (!before.ok) return;
  const waits = before.value.status === 'pending';
  if (!checker && !waits) return;
  const what = say('the checker {} authorises {}', '覆核用戶 {} 授權 {}', lead.checker ?? '-', number);
  await setting.results.step(what, async () => {
    if (!checker)
      return failed(
        say(
          '{} waits for authorisation, but {} has no checker who is logged on: add one to users.json',
          '{} 待授權，但 {} 並無已登入的覆核用戶：請加入 users.json',
          number,
          lead.participant,
        ),
      );
    const answer = await checker.authoriseInstructions([number]);
    if (!answer.ok) return unexpectedRefusal(answer);
    const found = await maker.settlementInstruction(number);
    if (waits)
      return expectRows(answer, 1, [found], (row) =>
        differences(row, { status: 'unmatched', authorisedBy: lead.checker ?? null }),
      );
    const [row] = answer.value.rows;
    return expectValue(found, ({ status, authorisedBy }) => ({
      says: say(
        'nothing waits for it, since the market has no maker and checker: {}; the enquiry shows {}',
        '市場不設輸入及覆核，並無待授權項目：{}；查詢所示為 {}',
        row?.reason ?? '-',
        STATUSES[status].name,
      ),
      wrong: [
        row?.reason !== 'WRONG_STATUS' && say('expected WRONG_STATUS', '應為 WRONG_STATUS'),
        authorisedBy !== null && say('it counts as authorised by {}', '竟已由 {} 授權', authorisedBy),
      ],
    }));
  });
}

/** Changes an instruction; under maker and checker it then waits for authorisation again. */
async function change(work: Work, number: string, to: InstructionChange, verb: Said): Promise<void> {
  const { setting, maker } = work;
  let waits = false;
  const values = Object.entries(to).map(([member, value]) => `${member} ${value}`);
  const what = say('{} {} {}', '{} {} {}', setting.participants.lead.participant, verb, number);
  await setting.results.step(what, async () => {
    const answer = await maker.changeInstruction(number, to);
    if (!answer.ok) return unexpectedRefusal(answer);
    const found = await maker.settlementInstruction(number);
    waits = found.ok && found.value.status === 'pending';
    return expectRows(answer, 1, [found], (row) => differences(row, to), listed(values));
  });
  if (waits) await authorise(work, number);
}

/** Deletes an instruction: the enquiry by its number says so, and the list of open ones lacks it. */
async function remove({ setting, maker }: Work, number: string): Promise<void> {
  const what = say('{} deletes {}', '{} 刪除 {}', setting.participants.lead.participant, number);
  await setting.results.step(what, async () => {
    const answer = await maker.deleteInstructions([number]);
    if (!answer.ok) return unexpectedRefusal(answer);
    const listedNow = await maker.settlementInstructions();
    if (!listedNow.ok) return unexpectedRefusal(listedNow);
    const isListed = listedNow.value.rows.some((row) => row.number === number);
    return expectRows(answer, 1, [await maker.settlementInstruction(number)], (row) => [
      ...differences(row, { status: 'deleted' }),
      ...(isListed ? [say('the list of instructions still has it', '指示清單仍有此項')] : []),
    ]);
  });
}

/**
 * Expects that all rows were executed, and that the enquiry of each shows it.
 * @param did what was done, if the statuses do not say it
 */
function expectRows(
  answer: Extract<Answer<RowResults>, { ok: true }>,
  rows: number,
  found: readonly Answer<Instruction>[],
  check: (row: Instruction, place: number) => readonly Said[],
  did: Said = '',
): StepResult {
  const refusedOne = found.find((one) => !one.ok);
  if (refusedOne && !refusedOne.ok) return unexpectedRefusal(refusedOne);
  const shown = found.flatMap((one) => (one.ok ? [one.value] : []));
  return expectValue(answer, ({ done, rows: outcomes }) => ({
    says: joined([did, say('the enquiry shows {}', '查詢所示為 {}', listed(shown.map(statusOf)))]),
    wrong: [
      done !== rows && say('{} of {} done', '只完成 {} 項，共 {} 項', done, rows),
      shown.length !== rows && say('{} of {} found', '只查得 {} 項，共 {} 項', shown.length, rows),
      ...outcomes.flatMap(({ reason, says }) => (reason === null ? [] : [say('{}: {}', '{}：{}', reason, says ?? '')])),
      ...shown.flatMap(check),
    ],
  }));
}

/** Members of an enquired instruction that differ from what they should be. */
function differences(row: Instruction, expected: Partial<Record<keyof Instruction, unknown>>): Said[] {
  return (Object.keys(expected) as (keyof Instruction)[])
    .filter((member) => row[member] !== expected[member])
    .map((member) =>
      say(
        '{}: {} is {}, expected {}',
        '{}：{} 為 {}，應為 {}',
        ...[row.number, member, String(row[member]), String(expected[member])],
      ),
    );
}

/** Keeps what the books hold now, to look for it at the other centre. */
async function remember(setting: Setting, numbers: readonly string[]): Promise<void> {
  const { ccass } = setting.participants.lead;
  const [instructions, transfers] = [await ccass.settlementInstructions(), await ccass.transfers()];
  if (instructions.ok && transfers.ok)
    setting.typed = {
      instructions: instructions.value.rows.filter(({ number }) => numbers.includes(number)),
      transfers: transfers.value.rows,
    };
}

/** What was typed is in the books as it was left, at whichever centre; after the roll-back none of it any more. */
export async function findTyped(setting: Setting): Promise<void> {
  const { typed, participants, rolledBack } = setting;
  if (!typed) return;
  const { participant, ccass } = participants.lead;
  const what = say('{} looks for what it typed', '{} 查找先前輸入的指示', participant);
  await setting.results.step(what, async () => {
    const transfers = await ccass.transfers();
    if (!transfers.ok) return unexpectedRefusal(transfers);
    return expectValue(await ccass.settlementInstructions(), ({ rows }) => {
      const all = [...typed.instructions, ...typed.transfers];
      const now = [...rows, ...transfers.value.rows];
      const found = all.filter(({ number }) => now.some((row) => row.number === number));
      const names = (some: typeof all) => listed(some.map(statusOf));
      const changed = all.filter((one) => !now.some((row) => JSON.stringify(row) === JSON.stringify(one)));
      if (!rolledBack)
        return {
          says: names(found),
          wrong: [
            all.length === 0 && say('expected instructions', '應有指示'),
            changed.length > 0 && say('missing or changed: {}', '欠缺或已更改：{}', names(changed)),
          ],
        };
      return {
        says: say('the {} were taken back', '該 {} 項已還原', all.length),
        wrong: [found.length > 0 && say('still there: {}', '仍然存在：{}', names(found))],
      };
    });
  });
}
