import type {
  Attendance,
  Batch,
  BatchOutcomes,
  Broadcast,
  Counter,
  DuePosition,
  Holding,
  Instant,
  MoneyBalance,
  Participant,
  Report,
  Run,
  SettlementInstruction,
  Stock,
  StockAccount,
  User,
} from './nouns.ts';

/** The tables of one centre's books: table name -> its row. */
export interface Tables {
  participant: Participant;
  user: User;
  stockAccount: StockAccount;
  stock: Stock;
  holding: Holding;
  moneyBalance: MoneyBalance;
  duePosition: DuePosition;
  instruction: SettlementInstruction;
  batch: Batch;
  batchOutcomes: BatchOutcomes;
  report: Report;
  broadcast: Broadcast;
  run: Run;
  attendance: Attendance;
  counter: Counter;
}
export type TableName = keyof Tables;

/**
 * A fact about the books: this row is (or, with null, no longer is) what stands under this key.
 * It says what *is*, never what to do, so applying one twice is harmless, and its inverse is another change.
 */
export type Change = {
  [T in TableName]: { readonly table: T; readonly key: string; readonly row: Tables[T] | null };
}[TableName];

/** Where a commit stands. Index counts from 1 without gaps; each switch of centre opens an epoch. */
export interface Position {
  readonly epoch: number;
  readonly index: number;
}

/** The unit of append, of shipping and of loss. `at` is market time. */
export interface Commit extends Position {
  readonly at: Instant;
  readonly changes: readonly Change[];
}

/** What a row is filed under in its table. */
export const KEY: { readonly [T in TableName]: (row: Tables[T]) => string } = {
  participant: (row) => row.id,
  user: (row) => `${row.participant}/${row.id}`,
  stockAccount: (row) => `${row.participant}/${row.id}`,
  stock: (row) => row.code,
  holding: (row) => `${row.participant}/${row.account}/${row.stock}`,
  moneyBalance: (row) => `${row.participant}/${row.currency}/${row.subAccount}`,
  duePosition: (row) => `${row.participant}/${row.settlementDate}/${row.stock}/${row.kind}`,
  instruction: (row) => row.number,
  batch: (row) => row.reference,
  batchOutcomes: (row) => `${row.batch}/${row.firstRow}`,
  report: (row) => row.reference,
  broadcast: (row) => row.number,
  run: (row) => `${row.run}/${row.date}`,
  attendance: (row) => `${row.rehearsal}/${row.session}/${row.participant}`,
  counter: (row) => row.name,
};

/** The change that says: this row is. */
export function put<T extends TableName>(table: T, row: Tables[T]): Change {
  return { table, key: KEY[table](row), row } as Change;
}

/** The change that says: nothing stands under this key any more. */
export function remove(table: TableName, key: string): Change {
  return { table, key, row: null } as Change;
}
