import type { Balance, BalanceQuery } from '../api/ccass/enquiries.ts';
import type { Instruction, InstructionQuery } from '../api/ccass/instructions.ts';
import type { InstructionChange, InstructionInput, RowResults } from '../api/ccass/maintenance.ts';
import type * as market from '../api/ccass/market.ts';
import type { Transfer, TransferInput, TransferQuery, TransferResults } from '../api/ccass/transfers.ts';
import type { FilterOf } from '../api/parts.ts';
import type { Answer } from './answer.ts';
import type { ServiceClient } from './service-client.ts';

/** Rows per page. */
export const PAGE = 100;

/** The business of a participant: instructions, account transfers and enquiries. */
export function business({
  get,
  send,
  walk,
  allRows,
  rowsOf,
}: Omit<ServiceClient, 'exchange' | 'headers' | 'logOn' | 'logOff'>) {
  const si = '/ccass/v1/settlement-instructions';
  type Results = Promise<Answer<RowResults>>;
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
    settlementInstructions: (pageSize = PAGE, filter: FilterOf<InstructionQuery> = {}) =>
      walk<Instruction>('settlement-instructions', { ...filter }, pageSize),
    settlementInstruction: (number: string) => get<Instruction>(`${si}/${encodeURIComponent(number)}`),

    inputTransfers: (rows: readonly TransferInput[]): Promise<Answer<TransferResults>> =>
      send('POST', '/ccass/v1/account-transfers', { rows }),
    transfers: (filter: FilterOf<TransferQuery> = {}, pageSize = PAGE) =>
      walk<Transfer>('account-transfers', { ...filter }, pageSize),

    stockBalances: (pageSize = PAGE, filter: FilterOf<BalanceQuery> = {}) =>
      walk<Balance>('stock-balances', filter, pageSize),
    stockMovements: (filter: FilterOf<market.MovementQuery> = {}, pageSize = PAGE) =>
      walk<market.Movement>('stock-movements', filter, pageSize),
    stocks: (filter: FilterOf<market.StockQuery> = {}, pageSize = PAGE) =>
      walk<market.Stock>('stocks', filter, pageSize),
    duePositions: (filter: FilterOf<market.DuePositionQuery> = {}, pageSize = PAGE) =>
      allRows<market.DuePosition>('due-positions', filter, pageSize),
    moneyLedger: (filter: market.LedgerQuery = {}) => rowsOf<market.LedgerBalance>('/ccass/v1/money-ledger', filter),
    moneyPostings: (filter: FilterOf<market.PostingQuery> = {}, pageSize = PAGE) =>
      walk<market.Posting>('money-ledger/postings', filter, pageSize),
  };
}
