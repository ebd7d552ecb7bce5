import type { InstructionStatus } from '../domain/nouns/instructions.ts';
import type { Currency, MarketDate } from '../domain/nouns/market.ts';
import type { Answer } from './answer.ts';
import type {
  DuePositionRow,
  InstructionChange,
  InstructionFilter,
  InstructionInput,
  LedgerRow,
  MovementRow,
  PostingRow,
  RowResults,
  StockRow,
  TransferAnswer,
  TransferFilter,
  TransferInput,
} from './business-answers.ts';
import type { BalanceRow, InstructionAnswer } from './ccass-answers.ts';
import type { Desk } from './desk.ts';

/** Rows asked for at a time. */
export const PAGE = 100;

/** The business of a participant: instructions, account transfers, and what they come to. */
export function business({
  get,
  send,
  walk,
  allRows,
  rowsOf,
}: Omit<Desk, 'exchange' | 'headers' | 'logOn' | 'logOff'>) {
  const si = '/ccass/v1/settlement-instructions';
  type Results = Promise<Answer<RowResults<InstructionStatus>>>;
  const onNumbers = (act: string, numbers: readonly string[], more: object = {}): Results =>
    send('POST', `${si}/${act}`, { numbers, ...more });

  return {
    inputInstructions: (rows: readonly InstructionInput[]): Results => send('POST', si, { rows }),
    changeInstruction: (number: string, change: InstructionChange): Results =>
      send('PATCH', `${si}/${encodeURIComponent(number)}`, change),
    authoriseInstructions: (numbers: readonly string[]) => onNumbers('authorise', numbers),
    deleteInstructions: (numbers: readonly string[]) => onNumbers('delete', numbers),
    revokeInstructions: (numbers: readonly string[]) => onNumbers('revoke', numbers),
    /** @param hold true = hold, false = release */
    holdInstructions: (numbers: readonly string[], hold: boolean) => onNumbers('hold', numbers, { hold }),
    settlementInstructions: (pageSize = PAGE, filter: InstructionFilter = {}) =>
      walk<InstructionAnswer>('settlement-instructions', { ...filter }, pageSize),
    settlementInstruction: (number: string) => get<InstructionAnswer>(`${si}/${encodeURIComponent(number)}`),

    inputTransfers: (rows: readonly TransferInput[]): Promise<Answer<RowResults<TransferAnswer['status']>>> =>
      send('POST', '/ccass/v1/account-transfers', { rows }),
    transfers: (filter: TransferFilter = {}, pageSize = PAGE) =>
      walk<TransferAnswer>('account-transfers', { ...filter }, pageSize),

    stockBalances: (pageSize = PAGE, filter: { readonly account?: string; readonly stock?: string } = {}) =>
      walk<BalanceRow>('stock-balances', filter, pageSize),
    stockMovements: (
      filter: { readonly account?: string; readonly stock?: string; readonly date?: MarketDate } = {},
      pageSize = PAGE,
    ) => walk<MovementRow>('stock-movements', filter, pageSize),
    stocks: (filter: { readonly stock?: string; readonly isin?: string } = {}, pageSize = PAGE) =>
      walk<StockRow>('stocks', filter, pageSize),
    duePositions: (
      filter: { readonly stock?: string; readonly market?: string; readonly kind?: string } = {},
      pageSize = PAGE,
    ) => allRows<DuePositionRow>('due-positions', filter, pageSize),
    moneyLedger: (filter: { readonly currency?: Currency } = {}) => rowsOf<LedgerRow>('/ccass/v1/money-ledger', filter),
    moneyPostings: (filter: { readonly currency?: Currency; readonly date?: MarketDate } = {}, pageSize = PAGE) =>
      walk<PostingRow>('money-ledger/postings', filter, pageSize),
  };
}
