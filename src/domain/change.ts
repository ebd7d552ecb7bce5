import type { Attendance, RapKey, RapUser, User, UserRequest } from './nouns/access.ts';
import type {
  AccountTransfer,
  Batch,
  BatchOutcomes,
  MoneyMovement,
  SettlementInstruction,
  StockMovement,
} from './nouns/instructions.ts';
import type {
  Announcement,
  Broadcast,
  CentreName,
  Counter,
  DuePosition,
  Holding,
  Instant,
  MoneyBalance,
  Participant,
  Pledge,
  Run,
  ServiceName,
  Stock,
  StockAccount,
  Trade,
} from './nouns/market.ts';
import type { RapFile, Report } from './nouns/reports.ts';
import type { MarginRun } from './risk/margin-run.ts';

/** The tables of one centre's books: table name -> its row. */
export interface Tables {
  participant: Participant;
  user: User;
  userRequest: UserRequest;
  stockAccount: StockAccount;
  stock: Stock;
  holding: Holding;
  moneyBalance: MoneyBalance;
  duePosition: DuePosition;
  trade: Trade;
  pledge: Pledge;
  announcement: Announcement;
  marginRun: MarginRun;
  instruction: SettlementInstruction;
  transfer: AccountTransfer;
  stockMovement: StockMovement;
  moneyMovement: MoneyMovement;
  batch: Batch;
  batchOutcomes: BatchOutcomes;
  report: Report;
  rapFile: RapFile;
  rapUser: RapUser;
  rapKey: RapKey;
  broadcast: Broadcast;
  run: Run;
  attendance: Attendance;
  counter: Counter;
}
export type TableName = keyof Tables;

/**
 * A fact about the books: the row under this key is this one (or, with null, there is none).
 * It says what *is*, never what to do, so applying one twice is harmless, and its inverse is another change.
 */
export type Change = {
  [T in TableName]: { readonly table: T; readonly key: string; readonly row: Tables[T] | null };
}[TableName];

/** The position of a commit. Index counts from 1 without gaps; each switch of centre opens an epoch. */
export interface Position {
  readonly epoch: number;
  readonly index: number;
}

/** Whether the first position is later: in a later epoch, or further on in the same. */
export function isAfter(a: Position, b: Position): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.index > b.index);
}

/** The unit of append, of shipping and of loss. `at` is market time. */
export interface Commit extends Position {
  readonly at: Instant;
  readonly changes: readonly Change[];
  /** Only on the first commit of an epoch: the centre that is active from here on. */
  readonly opens?: CentreName;
}

/** One change that a cut lost: its place in the log, and the row as the lost centre had it, without its secrets. */
export interface LostChange extends Position {
  readonly at: Instant;
  readonly table: TableName;
  readonly key: string;
  /** null = a removal was lost. */
  readonly row: Readonly<Record<string, unknown>> | null;
}

export type SwitchMode = 'drain' | 'cut';
/** What a switch of the active centre did. */
export interface SwitchReport {
  readonly from: CentreName;
  readonly to: CentreName;
  readonly mode: SwitchMode;
  readonly epoch: number;
  readonly at: Instant;
  /** Commits that the drain shipped ahead of their time; 0 for a cut. */
  readonly shipped: number;
  /** In order of the log. Counters are not included: they are carried over, so that no number is used twice. */
  readonly lost: readonly LostChange[];
  /** References of batches that the newly active centre lacks: their files have to be sent again. */
  readonly lostBatches: readonly string[];
}

/** The differences found when two logs were opened, and how they were made equal. */
export interface Recovery {
  readonly active: CentreName;
  readonly epoch: number;
  /** Commits that were copied to the other centre. */
  readonly shipped: number;
  /** The centre whose last commits were dropped, since the other had been made active without them; or null. */
  readonly rewound: CentreName | null;
  readonly lost: readonly LostChange[];
  readonly lostBatches: readonly string[];
}

/** The key of a user: each service has separate users, whose IDs may be the same. */
export function userKey(service: ServiceName, participant: string, id: string): string {
  return service === 'ccass' ? `${participant}/${id}` : `${service}/${participant}/${id}`;
}

/** The key of a row in its table. */
export const KEY: { readonly [T in TableName]: (row: Tables[T]) => string } = {
  participant: (row) => row.id,
  user: (row) => userKey(row.service ?? 'ccass', row.participant, row.id),
  userRequest: (row) => row.number,
  stockAccount: (row) => `${row.participant}/${row.id}`,
  stock: (row) => row.code,
  holding: (row) => `${row.participant}/${row.account}/${row.stock}`,
  moneyBalance: (row) => `${row.participant}/${row.currency}/${row.subAccount}`,
  duePosition: (row) => `${row.participant}/${row.settlementDate}/${row.stock}/${row.kind}`,
  trade: (row) => row.number,
  pledge: (row) => row.reference,
  announcement: (row) => row.number,
  marginRun: (row) => `${row.participant}/${row.businessDate}/${row.snapshot}`,
  instruction: (row) => row.number,
  transfer: (row) => row.number,
  stockMovement: (row) => row.number,
  moneyMovement: (row) => row.number,
  batch: (row) => row.reference,
  batchOutcomes: (row) => `${row.batch}/${row.firstRow}`,
  report: (row) => row.reference,
  rapFile: (row) => `${row.participant}/${row.folder}/${row.businessDate}/${row.name}`,
  rapUser: (row) => row.participant,
  rapKey: (row) => `${row.participant}/${row.fingerprint}`,
  broadcast: (row) => row.number,
  run: (row) => `${row.run}/${row.date}`,
  attendance: (row) => `${row.rehearsal}/${row.session}/${row.participant}`,
  counter: (row) => row.name,
};

/** The blobs that a change names, by SHA-256: they have to be wherever it is applied. */
export function blobsOf({ table, row }: Change): readonly string[] {
  if (row === null) return [];
  if (table === 'batch') return row.refusedRows ? [row.sha256, row.refusedRows.sha256] : [row.sha256];
  return table === 'report' || table === 'rapFile' ? [row.sha256] : [];
}

/** The change that sets a row. */
export function put<T extends TableName>(table: T, row: Tables[T]): Change {
  return { table, key: KEY[table](row), row } as Change;
}

/** The change that deletes the row under a key. */
export function remove(table: TableName, key: string): Change {
  return { table, key, row: null } as Change;
}
