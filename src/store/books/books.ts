import { type Change, KEY, type TableName, type Tables } from '../../domain/change.ts';
import type { RapKey, User, UserRequest } from '../../domain/nouns/access.ts';
import type {
  AccountTransfer,
  Batch,
  BatchOutcomes,
  MoneyMovement,
  SettlementInstruction,
  StockMovement,
} from '../../domain/nouns/instructions.ts';
import type {
  Broadcast,
  Counter,
  DuePosition,
  Holding,
  MarketDate,
  MoneyBalance,
  Pledge,
  ServiceName,
  Stock,
  StockAccount,
  Trade,
} from '../../domain/nouns/market.ts';
import type { RapFile, RapFolder, Report } from '../../domain/nouns/reports.ts';
import type { MarginRun } from '../../domain/risk/margin-run.ts';
import { atOnce, type Stepwise } from '../../domain/stepwise.ts';
import { GROUPINGS, newOrders, rapDayKey, sequenceKey } from './book-orders.ts';
import { digestSteps } from './digest.ts';
import type { LongTable, Lookup, Page } from './index/long-table.ts';
import { type LifeWanted, newLongTables, ofLife } from './index/long-tables.ts';
import { placeOf } from './index/ordered-index.ts';
import { ShortTable, type Table } from './table.ts';

const TABLES = (Object.keys(KEY) as TableName[]).sort();

type Rows = { [T in TableName]: Table<Tables[T]> };

type LongTables = ReturnType<typeof newLongTables>;
/** The lookups that a long table supports. */
type LookupIn<T extends keyof LongTables> =
  LongTables[T] extends LongTable<infer Row, infer Facet> ? Lookup<Row, Facet> : never;

/** The row that a change replaced; null if there was none. */
export type Before = Change['row'];
/** Changes that were applied, and the row before each. */
export interface Applied {
  readonly changes: readonly Change[];
  readonly befores: readonly Before[];
}

/** Which SIs to find. */
export interface InstructionsWanted {
  readonly life?: LifeWanted;
  readonly settlementDate?: MarketDate | undefined;
  readonly stock?: string | undefined;
  readonly counterparty?: string | undefined;
  readonly inputDate?: MarketDate | ((date: MarketDate) => boolean) | undefined;
}

/** The batches under one participant, file ID, header date and sequence number (semantics: "Repeat"). */
export interface SequenceUse {
  /** The one that was not discarded, else the latest; undefined if the sequence was never used. */
  readonly batch: Batch | undefined;
  /** Every discarded one, in order. */
  readonly discarded: readonly Batch[];
}

/**
 * The state of one centre, in memory: a map per table, and the orders that enquiries need. All of it follows from the
 * rows, no matter in which order changes made them.
 */
export class Books {
  #long = newLongTables();
  #rows = emptyRows(this.#long);
  #orders = newOrders();

  /** Applies a change and returns the row before it. Applying a change twice has no further effect. */
  apply({ table, key, row }: Change): Before {
    return this.#replace(table, key, row as Tables[typeof table] | null) ?? null;
  }

  /** Undoes changes that were applied in this order, the last first; `befores` has what `apply` returned for each. */
  undo({ changes, befores }: Applied): void {
    for (let n = changes.length - 1; n >= 0; n--) {
      const { table, key } = changes[n] as Change;
      this.#replace(table, key, befores[n] as Tables[typeof table] | null);
    }
  }

  get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
    return this.#rows[table].get(key);
  }

  /** The n-th SI or ATI: the row that `get` finds under the key of number n. */
  numbered<T extends 'instruction' | 'transfer'>(table: T, n: number): Tables[T] | undefined {
    const tables: { readonly [N in 'instruction' | 'transfer']: { numbered(n: number): Tables[N] | undefined } } =
      this.#long;
    return tables[table].numbered(n);
  }

  /** The rows of a table, in no particular order. */
  all<T extends TableName>(table: T): IterableIterator<Tables[T]> {
    return this.#rows[table].values();
  }

  size(table: TableName): number {
    return this.#rows[table].size;
  }

  /** The next number of a series. */
  counter(name: Counter['name']): number {
    return this.get('counter', name)?.next ?? 1;
  }

  /** A participant's SIs that match `wanted`, in order of SI number. */
  instructionsOf(
    participant: string,
    {
      where: { life, ...where } = {},
      ...page
    }: Page<SettlementInstruction> & { readonly where?: InstructionsWanted } = {},
  ): SettlementInstruction[] {
    const wanted = life ? { ...where, life: ofLife(life) } : where;
    return this.#long.instruction.find(participant, { ...page, where: wanted });
  }

  /** The SIs of all participants with such a status and date, in no particular order. Read them before the books change. */
  instructionsWhere(life: LifeWanted): Generator<SettlementInstruction, void, undefined> {
    return this.#long.instruction.across('life', ofLife(life));
  }

  /** The SI input under this reference on this market date; the earliest, if there are two. */
  instructionByReference(
    participant: string,
    inputDate: MarketDate,
    reference: string,
  ): SettlementInstruction | undefined {
    return this.#long.instruction.byReference(participant, inputDate, reference);
  }

  /** A participant's account transfers in order of ATI number. */
  transfersOf(participant: string, lookup: LookupIn<'transfer'> = {}): AccountTransfer[] {
    return this.#long.transfer.find(participant, lookup);
  }

  /** The account transfers of all participants that wait for a run, in no particular order. */
  waitingTransfers(): Generator<AccountTransfer, void, undefined> {
    return this.#long.transfer.across('status', (status) => status === 'waiting');
  }

  /** The ATI input under this reference on this market date. */
  transferByReference(participant: string, inputDate: MarketDate, reference: string): AccountTransfer | undefined {
    return this.#long.transfer.byReference(participant, inputDate, reference);
  }

  /** A participant's stock movements in order of time. */
  stockMovementsOf(participant: string, lookup: LookupIn<'stockMovement'> = {}): StockMovement[] {
    return this.#long.stockMovement.find(participant, lookup);
  }

  /** A participant's movements of the money ledger in order of time. */
  moneyMovementsOf(participant: string, lookup: LookupIn<'moneyMovement'> = {}): MoneyMovement[] {
    return this.#long.moneyMovement.find(participant, lookup);
  }

  /** A participant's batches, the newest first. */
  batchesOf(participant: string, page: Omit<Page<Batch>, 'filter'> = {}): Batch[] {
    return this.#newest('batch', this.#orders.batches.keys(participant), page);
  }

  batchBySequence(participant: string, fileId: string, headerDate: MarketDate, sequence: string): SequenceUse {
    const all = this.#page(
      'batch',
      this.#orders.sequences.keys(sequenceKey({ participant, fileId, headerDate, sequence })),
    );
    const discarded = all.filter((batch) => batch.status === 'discarded');
    return { batch: all.findLast((batch) => batch.status !== 'discarded') ?? discarded.at(-1), discarded };
  }

  /** Batches received or in process, of all participants: the work that a newly active centre takes over. */
  unfinishedBatches(): Batch[] {
    return [...this.#orders.unfinished.groups()].flatMap((participant) => this.unfinishedBatchesOf(participant));
  }

  /** A participant's unfinished batches, in order of batch reference. */
  unfinishedBatchesOf(participant: string, page: Page<Batch> = {}): Batch[] {
    return this.#page('batch', this.#orders.unfinished.keys(participant), page);
  }

  /** The outcomes of a batch in order of its rows. */
  *outcomesOf(batch: string): Generator<BatchOutcomes> {
    let firstRow = 0;
    for (;;) {
      const outcomes = this.get('batchOutcomes', `${batch}/${firstRow}`);
      if (!outcomes || outcomes.rows === 0) return;
      yield outcomes;
      firstRow += outcomes.rows;
    }
  }

  /** A participant's reports and the common ones, in order of report reference. */
  reportsOf(participant: string, page: Page<Report> = {}): Report[] {
    const own = this.#page('report', this.#orders.reports.keys(participant), page);
    if (participant === 'COMMON') return own;
    const common = this.#page('report', this.#orders.reports.keys('COMMON'), page);
    if (common.length === 0) return own;
    const both = [...own, ...common].sort((a, b) => (a.reference < b.reference ? -1 : 1));
    return both.slice(0, page.limit ?? both.length);
  }

  /** A participant's RAP files and then the common ones, each in order of folder, business date and name. */
  rapFilesOf(participant: string, page: Page<RapFile> = {}): RapFile[] {
    const own = this.#page('rapFile', this.#orders.rapFiles.keys(participant), page);
    return participant === 'COMMON'
      ? own
      : [...own, ...this.#page('rapFile', this.#orders.rapFiles.keys('COMMON'), page)];
  }

  /** The files of one daily folder, of one participant or of COMMON, in order of name. */
  rapFilesOn(participant: string, folder: RapFolder, businessDate: MarketDate): RapFile[] {
    return this.#page('rapFile', this.#orders.rapDays.keys(rapDayKey({ participant, folder, businessDate })));
  }

  /** In order of fingerprint. */
  rapKeysOf(participant: string): RapKey[] {
    return this.#page('rapKey', this.#orders.rapKeys.keys(participant));
  }

  /** In order of account, then stock. */
  holdingsOf(participant: string, page: Page<Holding> = {}): Holding[] {
    return this.#page('holding', this.#orders.holdings.keys(participant), page);
  }

  /** In order of account. */
  accountsOf(participant: string): StockAccount[] {
    return this.#page('stockAccount', this.#orders.accounts.keys(participant));
  }

  /** A participant's users of one service, in order of ID. */
  usersOf(service: ServiceName, participant: string): User[] {
    return this.#page('user', this.#orders.users.keys(`${service}/${participant}`));
  }

  /** In the order in which they were made. */
  userRequestsOf(service: ServiceName, participant: string): UserRequest[] {
    return this.#page('userRequest', this.#orders.userRequests.keys(`${service}/${participant}`));
  }

  /** In order of settlement date, stock and kind. */
  duePositionsOf(participant: string, page: Page<DuePosition> = {}): DuePosition[] {
    return this.#page('duePosition', this.#orders.duePositions.keys(participant), page);
  }

  /** A participant's trades in order of trade number. */
  tradesOf(participant: string, page: Page<Trade> = {}): Trade[] {
    return this.#page('trade', this.#orders.trades.keys(participant), page);
  }

  /** In order of reference. */
  pledgesOf(participant: string): Pledge[] {
    return this.#page('pledge', this.#orders.pledges.keys(participant));
  }

  /** A participant's margin runs in order of business date and snapshot. */
  marginRunsOf(participant: string, page: Page<MarginRun> = {}): MarginRun[] {
    return this.#page('marginRun', this.#orders.marginRuns.keys(participant), page);
  }

  /** In order of currency and sub-account. */
  moneyBalancesOf(participant: string): MoneyBalance[] {
    return this.#page('moneyBalance', this.#orders.moneyBalances.keys(participant));
  }

  /** In order of stock code. */
  stocks(page: Page<Stock> = {}): Stock[] {
    return this.#page('stock', this.#orders.stocks.keys(''), page);
  }

  /** The first by stock code, in case counters of one company share an ISIN. */
  stockByIsin(isin: string): Stock | undefined {
    const [code] = this.#orders.isins.keys(isin);
    return code === undefined ? undefined : this.get('stock', code);
  }

  /** The newest first. */
  broadcasts(page: Omit<Page<Broadcast>, 'filter'> = {}): Broadcast[] {
    return this.#newest('broadcast', this.#orders.broadcasts.keys(''), page);
  }

  /** SHA-256 over every row: books with the same digest have the same rows. */
  digest(): string {
    return atOnce(this.digestSteps());
  }

  /** The same in steps: the digest of the rows at the moment of the first step. */
  digestSteps(): Stepwise<string> {
    return digestSteps(TABLES.map((table) => [table, this.#rows[table]]));
  }

  /** Takes over the rows of `other`, which must not be used afterwards. References to these books see the new state. */
  become(other: Books): void {
    this.#long = other.#long;
    this.#rows = other.#rows;
    this.#orders = other.#orders;
  }

  #replace<T extends TableName>(table: T, key: string, row: Tables[T] | null): Tables[T] | undefined {
    const rows: Table<Tables[T]> = this.#rows[table];
    const before = rows.replace(key, row);
    for (const { order, group } of GROUPINGS[table] ?? []) {
      const from = before === undefined ? null : group(before);
      const to = row === null ? null : group(row);
      if (from === to) continue;
      if (from !== null) this.#orders[order].remove(from, key);
      if (to !== null) this.#orders[order].add(to, key);
    }
    return before;
  }

  #page<T extends TableName>(table: T, keys: readonly string[], page: Page<Tables[T]> = {}): Tables[T][] {
    const { after, limit = keys.length, filter } = page;
    const rows: Tables[T][] = [];
    let place = after === undefined ? 0 : placeOf(keys, after);
    if (keys[place] === after) place++;
    for (; place < keys.length && rows.length < limit; place++) {
      const row = this.#rows[table].get(keys[place] ?? '');
      if (row !== undefined && (!filter || filter(row))) rows.push(row);
    }
    return rows;
  }

  /** From the last key down; `after` is the lowest key of the page before. */
  #newest<T extends TableName>(
    table: T,
    keys: readonly string[],
    { after, limit = keys.length }: Omit<Page<Tables[T]>, 'filter'>,
  ): Tables[T][] {
    const end = after === undefined ? keys.length : placeOf(keys, after);
    return this.#page(table, keys.slice(Math.max(0, end - limit), end).reverse());
  }
}

function emptyRows(long: LongTables): Rows {
  const short = TABLES.filter((table) => !(table in long)).map((table) => [table, new ShortTable()]);
  return { ...Object.fromEntries(short), ...long };
}
