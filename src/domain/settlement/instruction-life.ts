import { marketDate } from '../calendar/calendar.ts';
import type { InstructionStatus, SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant, MarketDate, Words } from '../nouns/market.ts';
import type { SettlementRules } from './settlement-rules.ts';

/**
 * The life cycle of a settlement instruction as data: every status, every sub-function, every move. docs/si-life.md has
 * the same table with sources; a test compares the two. Only `moved` changes the status of an SI.
 */

export type Grade = 'documented' | 'assumed';

export const STATUSES: Readonly<Record<InstructionStatus, { readonly name: Words; readonly grade: Grade }>> = {
  pending: { name: { en: 'pending for authorisation', zh: '待授權' }, grade: 'assumed' },
  unmatched: { name: { en: 'unmatched', zh: '未配對' }, grade: 'documented' },
  matched: { name: { en: 'matched', zh: '已配對' }, grade: 'documented' },
  'matched-on-hold': { name: { en: 'matched on-hold', zh: '已配對（暫緩交收）' }, grade: 'documented' },
  'shares-on-hold': { name: { en: 'shares on-hold', zh: '股份暫擱' }, grade: 'assumed' },
  settled: { name: { en: 'settled', zh: '已交收' }, grade: 'assumed' },
  deleted: { name: { en: 'deleted', zh: '已刪除' }, grade: 'documented' },
  purged: { name: { en: 'purged', zh: '已清除' }, grade: 'assumed' },
};

/** The statuses on which a sub-function is allowed; for enquiries see also `isEnquirable`. */
export interface SubFunction {
  readonly name: Words;
  readonly allowed: readonly InstructionStatus[];
  readonly grade: Grade;
}

/** SI Maintenance, CCASS Terminal User Guide: the letters are published; Change Hold is a separate function. */
export const SUB_FUNCTIONS = {
  A: { name: { en: 'Input SI', zh: '輸入交收指示' }, allowed: [], grade: 'documented' },
  B: { name: { en: 'Authorise Pending SI', zh: '授權待處理的交收指示' }, allowed: ['pending'], grade: 'documented' },
  C: { name: { en: 'Change SI', zh: '更改交收指示' }, allowed: ['pending', 'unmatched'], grade: 'documented' },
  D: { name: { en: 'Delete SI', zh: '刪除交收指示' }, allowed: ['pending', 'unmatched'], grade: 'documented' },
  E: {
    name: { en: 'Revoke Matched SI', zh: '撤銷已配對交收指示' },
    allowed: ['matched', 'matched-on-hold', 'shares-on-hold'],
    grade: 'documented',
  },
  F: {
    name: { en: 'Enquire SI', zh: '查詢交收指示' },
    allowed: ['pending', 'unmatched', 'matched', 'matched-on-hold', 'shares-on-hold', 'settled', 'purged'],
    grade: 'assumed',
  },
  G: { name: { en: 'Enquire Deleted SI', zh: '查詢已刪除交收指示' }, allowed: ['deleted'], grade: 'documented' },
  hold: {
    name: { en: 'Change Hold Matched SI', zh: '更改已配對交收指示的暫緩狀況' },
    allowed: ['matched', 'matched-on-hold'],
    grade: 'assumed',
  },
} as const satisfies Readonly<Record<string, SubFunction>>;
export type SubFunctionId = keyof typeof SUB_FUNCTIONS;

/** One row of the table: this event moves an SI from any of these statuses to that one. */
export interface Move {
  readonly event: string;
  /** The sub-function or run that causes it. */
  readonly by: SubFunctionId | 'matching' | 'settlement' | 'purge';
  /** Empty = a new SI. */
  readonly from: readonly InstructionStatus[];
  readonly to: InstructionStatus;
  /** Whether the new status is published; where a sub-function is allowed has a separate grade. */
  readonly grade: Grade;
}

export const LIFE = [
  { event: 'input', by: 'A', from: [], to: 'unmatched', grade: 'assumed' },
  { event: 'input for authorisation', by: 'A', from: [], to: 'pending', grade: 'assumed' },
  { event: 'authorise', by: 'B', from: ['pending'], to: 'unmatched', grade: 'assumed' },
  { event: 'change', by: 'C', from: ['unmatched'], to: 'unmatched', grade: 'assumed' },
  { event: 'change for authorisation', by: 'C', from: ['pending', 'unmatched'], to: 'pending', grade: 'assumed' },
  { event: 'delete', by: 'D', from: ['pending', 'unmatched'], to: 'deleted', grade: 'documented' },
  { event: 'match', by: 'matching', from: ['unmatched'], to: 'matched', grade: 'documented' },
  { event: 'match on hold', by: 'matching', from: ['unmatched'], to: 'matched-on-hold', grade: 'documented' },
  { event: 'hold', by: 'hold', from: ['matched', 'matched-on-hold'], to: 'matched-on-hold', grade: 'assumed' },
  { event: 'release', by: 'hold', from: ['matched-on-hold'], to: 'matched', grade: 'assumed' },
  { event: 'release of one side', by: 'hold', from: ['matched-on-hold'], to: 'matched-on-hold', grade: 'assumed' },
  { event: 'revoke', by: 'E', from: SUB_FUNCTIONS.E.allowed, to: 'deleted', grade: 'assumed' },
  { event: 'revoke by the counterparty', by: 'E', from: SUB_FUNCTIONS.E.allowed, to: 'unmatched', grade: 'assumed' },
  { event: 'put shares on hold', by: 'settlement', from: ['matched'], to: 'shares-on-hold', grade: 'assumed' },
  { event: 'settle', by: 'settlement', from: ['matched'], to: 'settled', grade: 'documented' },
  { event: 'settle', by: 'settlement', from: ['shares-on-hold'], to: 'settled', grade: 'assumed' },
  {
    event: 'purge',
    by: 'purge',
    from: ['pending', 'unmatched', 'matched', 'matched-on-hold', 'shares-on-hold'],
    to: 'purged',
    grade: 'assumed',
  },
] as const satisfies readonly Move[];
export type LifeEvent = (typeof LIFE)[number]['event'];

const NEXT = new Map<string, InstructionStatus>(
  LIFE.flatMap(({ event, from, to }) => from.map((status) => [`${event}/${status}`, to] as const)),
);

/** The SI after an event. @throws if the table has no such move: the caller must check first. */
export function moved(row: SettlementInstruction, event: LifeEvent, at: Instant): SettlementInstruction {
  const status = NEXT.get(`${event}/${row.status}`);
  if (!status) throw new Error(`${row.number} is ${row.status}: "${event}" is not possible from there`);
  return { ...row, status, statusAt: at };
}

/** An accepted SI (batch.ts) with its first status. */
export function asInput(
  row: SettlementInstruction,
  rules: Pick<SettlementRules, 'makerChecker'>,
): SettlementInstruction {
  const status = rules.makerChecker ? 'pending' : 'unmatched';
  return row.status === status ? row : { ...row, status };
}

export function allows(subFunction: SubFunctionId, status: InstructionStatus): boolean {
  const { allowed }: SubFunction = SUB_FUNCTIONS[subFunction];
  return allowed.includes(status);
}

/** The date of a status: the settlement date while the SI can still change, then the market date on which it ended. */
export function lifeDate(row: SettlementInstruction): MarketDate {
  return isOpen(row) ? row.settlementDate : marketDate(row.statusAt ?? row.inputAt);
}

/** Whether an enquiry on `today` shows SIs of a status and its date: G those deleted that day, F all that are not deleted. */
export function isEnquirable(status: InstructionStatus, date: MarketDate, by: 'F' | 'G', today: MarketDate): boolean {
  return allows(by, status) && (by === 'F' || date === today);
}

/** Whether it can still change. */
export function isOpen({ status }: Pick<SettlementInstruction, 'status'>): boolean {
  return status !== 'settled' && status !== 'deleted' && status !== 'purged';
}
