import { type Change, put } from '../change.ts';
import type { User } from '../nouns/access.ts';
import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant, Words } from '../nouns/market.ts';
import { decideRow, type InstructionRow, isOverLimit, type RowFacts, type RowReason } from './batch.ts';
import { createDraft, type Rows } from './draft.ts';
import { allows, type LifeEvent, moved, type SubFunctionId } from './instruction-life.ts';
import { releaseShares } from './ledger.ts';
import { apart, matchOf } from './matching.ts';
import type { SettlementRules } from './settlement-rules.ts';

/**
 * SI Maintenance: a user's actions on one of the participant's SIs. Each `decide…` returns the changes, or why this row is
 * refused; for several at once see decideEach (draft.ts).
 */

/** Why a sub-function is refused for one SI, besides the reasons of batch.ts; each text ends with the next step. Mock conventions. */
export const INSTRUCTION_REASONS = {
  UNKNOWN_INSTRUCTION: {
    en: 'You have no settlement instruction with this number. Enquire your instructions and name one of them.',
    zh: '閣下並無此編號的交收指示。請查詢名下指示後重新輸入編號。',
  },
  WRONG_STATUS: {
    en: "The instruction's status does not allow this. Enquire it and choose a sub-function that its status allows.",
    zh: '該指示的狀況不容許此操作。請查詢該指示，並選用其狀況所容許的功能。',
  },
  NOT_A_CHECKER: {
    en: 'Only a checker authorises. Have a checker of your participant authorise the instruction.',
    zh: '只有覆核用戶可授權。請由貴公司的覆核用戶授權該指示。',
  },
  OWN_INPUT: {
    en: 'You input or changed this instruction yourself. Have another checker authorise it.',
    zh: '該指示由閣下輸入或更改。請由另一覆核用戶授權。',
  },
  NOTHING_TO_CHANGE: {
    en: 'The instruction already has these values. Leave it, or give the members to change.',
    zh: '該指示內容已是如此。請保留不變，或指明須更改的項目。',
  },
  HOLD_UNCHANGED: {
    en: 'The on-hold indicator already has this value. Leave it, or give the other one.',
    zh: '該指示的交收前暫緩指示已是如此。請保留不變，或改填另一值。',
  },
} as const satisfies Record<string, Words>;
export type InstructionReason = keyof typeof INSTRUCTION_REASONS;
export const INSTRUCTION_REASON_CODES = Object.keys(INSTRUCTION_REASONS) as InstructionReason[];

/** The acting user, and when. */
export interface Actor {
  readonly by: { readonly participant: string; readonly user: string; readonly role: User['role'] };
  readonly at: Instant;
}

/** The values that Change SI may change: all but the reference, the side and the stock (assumed: those make another instruction). */
export type InstructionChange = Partial<Omit<InstructionRow, 'reference' | 'side' | 'stock' | 'isin'>>;

type Checked = Pick<SettlementRules, 'makerChecker'>;
type Found = SettlementInstruction | 'UNKNOWN_INSTRUCTION' | 'WRONG_STATUS';

/** An SI of the participant in a status that the sub-function is allowed on. Another participant's SI counts as unknown. */
function find(rows: Rows, number: string, by: SubFunctionId, actor: Actor): Found {
  const row = rows.get('instruction', number);
  if (row?.participant !== actor.by.participant) return 'UNKNOWN_INSTRUCTION';
  return allows(by, row.status) ? row : 'WRONG_STATUS';
}

/**
 * B: authorises a pending SI, by a checker who neither input nor changed it. Without maker-checker any user may (for SIs that
 * were pending when it was switched off).
 */
export function decideAuthorise(
  rows: Rows,
  number: string,
  actor: Actor,
  rules: Checked,
): readonly Change[] | InstructionReason {
  const row = find(rows, number, 'B', actor);
  if (typeof row === 'string') return row;
  const { user, role } = actor.by;
  if (rules.makerChecker && role !== 'checker') return 'NOT_A_CHECKER';
  if (rules.makerChecker && (row.user === user || row.changedBy === user)) return 'OWN_INPUT';
  return [put('instruction', { ...moved(row, 'authorise', actor.at), authorisedBy: user })];
}

/**
 * C: changes a pending or unmatched SI, by the same rules as an input; with maker-checker it is pending again (assumed). An
 * unchanged settlement date may be in the past.
 */
export function decideChange(
  rows: Rows,
  number: string,
  change: InstructionChange,
  facts: RowFacts,
  actor: Actor,
  rules: Checked,
): readonly Change[] | InstructionReason | RowReason {
  const row = find(rows, number, 'C', actor);
  if (typeof row === 'string') return row;
  const before = asRow(row);
  const after = { ...before, ...change };
  const names = Object.keys(before) as (keyof InstructionRow)[];
  if (names.every((name) => after[name] === before[name])) return 'NOTHING_TO_CHANGE';
  const decided = decideRow(
    after,
    {
      ...facts,
      isReferenceUsed: () => false,
      isSettlementDate: (date) => date === row.settlementDate || facts.isSettlementDate(date),
    },
    { ...row, at: row.inputAt, marketDate: row.inputDate },
  );
  if (typeof decided === 'string') return decided;
  const event: LifeEvent = rules.makerChecker || row.status === 'pending' ? 'change for authorisation' : 'change';
  const { authorisedBy: _, ...rest } = moved({ ...row, ...decided, status: row.status }, event, actor.at);
  return [put('instruction', { ...rest, changedBy: actor.by.user })];
}

function asRow(row: SettlementInstruction): InstructionRow {
  const { reference, stock, quantity, counterparty, account, payment, amountCents, settlementDate, narrative } = row;
  return {
    reference,
    side: row.side === 'deliver' ? 'D' : 'R',
    stock,
    isin: '',
    quantity,
    counterparty,
    account,
    payment,
    currency: row.currency ?? '',
    amountCents,
    settlementDate,
    hold: row.hold ? 'Y' : 'N',
    narrative,
  };
}

/** D: deletes a pending or unmatched SI. It can be enquired for the rest of the day. */
export function decideDelete(rows: Rows, number: string, actor: Actor): readonly Change[] | InstructionReason {
  const row = find(rows, number, 'D', actor);
  if (typeof row === 'string') return row;
  return [put('instruction', moved(row, 'delete', actor.at))];
}

/**
 * E: revokes a matched SI, at once and by one side: it is deleted, and the counterparty's SI is unmatched again, to be
 * changed, deleted or matched with another (assumed: no published status is for a revocation that waits for the other side).
 * Shares that were set aside for it are available again.
 */
export function decideRevoke(rows: Rows, number: string, actor: Actor): readonly Change[] | InstructionReason {
  const row = find(rows, number, 'E', actor);
  if (typeof row === 'string') return row;
  const other = matchOf(rows, row);
  const draft = createDraft(rows);
  const deliver = row.side === 'deliver' ? row : other;
  if (row.status === 'shares-on-hold') releaseShares(draft, deliver, deliver.quantity);
  draft.put('instruction', apart(moved(row, 'revoke', actor.at)));
  draft.put('instruction', apart(moved(other, 'revoke by the counterparty', actor.at)));
  return draft.changes();
}

/**
 * Change Hold Matched SI: sets the participant's on-hold indicator. The match is on hold while either side wants it (Rule 1003).
 * The input limit applies, as is published for ISIs (CCASS Terminal User Guide 8.1.3a).
 */
export function decideHold(
  rows: Rows,
  number: string,
  hold: boolean,
  facts: Pick<RowFacts, 'stock' | 'hkdRateMicro' | 'inputLimitHkdCents'>,
  actor: Actor,
): readonly Change[] | InstructionReason | 'OVER_LIMIT' {
  const row = find(rows, number, 'hold', actor);
  if (typeof row === 'string') return row;
  if (row.hold === hold) return 'HOLD_UNCHANGED';
  const stock = facts.stock(row.stock);
  if (!stock) throw new Error(`${row.number} names stock ${row.stock}, which the books lack`);
  if (isOverLimit(row, row.currency, stock, facts)) return 'OVER_LIMIT';
  const other = matchOf(rows, row);
  const event: LifeEvent = hold ? 'hold' : other.hold ? 'release of one side' : 'release';
  return [
    put('instruction', { ...moved(row, event, actor.at), hold }),
    put('instruction', moved(other, event, actor.at)),
  ];
}
