import type { Change, Commit, Position, TableName } from '../domain/change.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { isDiskFull, isRefusal, type Refusal, storageFull } from '../domain/refusal.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Blobs } from './blobs/blobs.ts';
import { Books } from './books/books.ts';
import { changesBackTo, lastIndexBefore } from './books/past.ts';
import { UndoList } from './books/undo-list.ts';
import { type ChangeLog, Fenced } from './log/log.ts';
import { cutOff, standby } from './refusals.ts';
import { type Transaction, TransactionQueue } from './transaction-queue.ts';

export interface StoreOptions {
  readonly log: ChangeLog;
  readonly blobs: Blobs;
  readonly clock: Pick<Clock, 'now'>;
}

/** What a verb decides: the changes of one commit, and the answer to give once it is durable. */
export interface Decision<T> {
  readonly changes: readonly Change[];
  readonly answer: T;
}

/** Where an epoch begins in the log, and which centre is active in it. */
export interface EpochStart extends Position {
  readonly active: CentreName;
}

/**
 * Called with each group of commits as it becomes durable, in order; acknowledgements wait for the promise. A group
 * is empty if only `commitNothing` is waiting.
 */
export type CommitListener = (commits: readonly Commit[]) => void | Promise<void>;

/** Opens one centre's books by reading its log. The store follows until `openEpoch` or `lead` makes it lead. */
export function openStore(options: StoreOptions): Promise<Store> {
  return Store.open(options);
}

/**
 * One centre's books: change log, rows and blobs, with one writer queue. The active centre's store *leads*: it accepts
 * transactions. The other one *follows*: it applies the commits of the leader.
 */
export class Store {
  readonly books: Books;
  readonly blobs: Blobs;
  readonly #log: ChangeLog;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #listeners = new Set<CommitListener>();
  #leads = false;
  #head: Position;
  #epochs: EpochStart[] = [];
  /** Decided and applied to the books, not yet appended to the log. */
  readonly #queue = new TransactionQueue();
  #writing: Promise<void> | undefined;
  /** Undoes commits that the other centre may lack. */
  readonly #undo: UndoList;
  #turns: Promise<unknown> = Promise.resolve();

  private constructor({ log, blobs, clock }: StoreOptions) {
    this.#log = log;
    this.#head = log.head();
    this.#clock = clock;
    this.blobs = blobs;
    this.books = new Books();
    this.#undo = new UndoList(this.books);
  }

  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(options);
    await store.#rebuild();
    return store;
  }

  /** The last durable commit. */
  head(): Position {
    return this.#head;
  }

  /** A digest of the log up to `index`; null where the log keeps none (`ChangeLog.link`). */
  link(index: number): string | null {
    return this.#log.link(index);
  }

  leads(): boolean {
    return this.#leads;
  }

  /** The epochs of the log, in order. */
  epochs(): readonly EpochStart[] {
    return this.#epochs;
  }

  /**
   * Calls `decide` on the current books, pending transactions included, and applies its changes at once, as one commit.
   * Resolves with the answer when the commit is durable and every listener is done, or with the refusal of `decide`;
   * with CENTRE_STANDBY if this centre is not, or no longer, active; with STORAGE_FULL if the disk is full: the changes
   * are then undone. Rejects on any other write error, and with what `decide` throws. A decision without changes is
   * answered at once.
   */
  async transact<T>(decide: (books: Books, at: Instant) => Refusal | Decision<T>): Promise<T | Refusal> {
    if (!this.#leads) return standby();
    const at = this.#clock.now();
    const decision = decide(this.books, at);
    if (isRefusal(decision)) return decision;
    const { changes, answer } = decision;
    if (changes.length === 0) return answer;
    const befores = changes.map((change) => this.books.apply(change));
    const settled = this.#queue.add({ at, changes, befores }, answer);
    this.#writing ??= this.#write();
    return settled;
  }

  /**
   * Takes as long as a commit of one row, at both centres, but writes nothing: for an answer whose timing must not reveal
   * whether anything was written. Resolves with the refusal that a commit would have got, such as STORAGE_FULL.
   */
  async commitNothing(): Promise<Refusal | null> {
    if (!this.#leads) return null;
    const settled = this.#queue.add({ at: this.#clock.now(), changes: [], befores: [] }, null);
    this.#writing ??= this.#write();
    return settled;
  }

  /** Listens to the commits of transactions as they become durable; returns a function that stops it. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when no transaction is pending. */
  async idle(): Promise<void> {
    await this.#queue.idle();
    await this.#writing;
  }

  /**
   * Stops leading: from this call on every transaction gets CENTRE_STANDBY, including those in the queue. Resolves
   * when the append in progress, if any, has ended, so that `head` no longer changes.
   */
  async fence(): Promise<void> {
    this.#leads = false;
    this.#undoAll(this.#queue.takeAll(), (transaction) => transaction.refused(standby()));
    await this.#writing;
  }

  /** Leads in the log's current epoch: after a restart, or when a switch was abandoned. */
  lead(): void {
    if (this.#epochs.length === 0) throw new Error('a store without an epoch cannot lead: open one');
    this.#leads = true;
  }

  /** Opens an epoch with its first commit, which names the centre that is active from then on; then leads. */
  openEpoch(epoch: number, active: CentreName, changes: readonly Change[] = []): Promise<Commit> {
    return this.#inTurn(async () => {
      if (epoch <= this.#head.epoch) throw new Error(`epoch ${epoch} is not above ${this.#head.epoch}`);
      const commit = { epoch, index: this.#head.index + 1, at: this.#clock.now(), changes, opens: active };
      await this.#log.append([commit], this.#head);
      this.#follow([commit], true);
      this.#leads = true;
      return commit;
    });
  }

  /**
   * Follower only: appends the leader's commits and applies them, skipping those that are here already. An empty list
   * takes as long as a small commit (`commitNothing`).
   */
  applyCommits(commits: readonly Commit[]): Promise<void> {
    return this.#inTurn(async () => {
      const fresh = commits.filter((commit) => commit.index > this.#head.index);
      if (fresh.length === 0 && commits.length > 0) return;
      await this.#log.append(fresh, this.#head);
      this.#follow(fresh, false);
    });
  }

  /**
   * Follower only: drops every commit above `index` from log and books, and returns them in order. Costs only what it
   * drops, unless the earlier rows are unknown (after a restart): then it rebuilds the books from the log.
   */
  rewind(index: number): Promise<readonly Commit[]> {
    return this.#inTurn(async () => {
      const dropped = await this.#log.truncate(index);
      this.#head = this.#log.head();
      if (this.#undo.undo(index, dropped.length)) {
        this.#epochs = this.#epochs.filter((start) => start.index <= index);
      } else {
        await this.#rebuild();
      }
      return dropped;
    });
  }

  /** The other centre has everything up to `index`, which will never be rewound. */
  shared(index: number): void {
    this.#undo.forget(index);
  }

  /** The durable commits above `index`, in order. */
  async *since(index: number): AsyncGenerator<Commit> {
    for await (const commits of this.#log.read(index)) yield* commits;
  }

  /** Index of the last commit made before `at` (market time), or 0. */
  lastIndexBefore(at: Instant): Promise<number> {
    return lastIndexBefore(this.#log, at);
  }

  /**
   * The changes that restore the rows of these tables as they were at `index`. Meant for a transaction that follows at
   * once, while nothing else is admitted.
   */
  async changesBackTo(index: number, tables: readonly TableName[]): Promise<readonly Change[]> {
    await this.idle();
    return changesBackTo(this.#log, this.books, index, tables);
  }

  /** Appends the queue, group by group; transactions that arrive meanwhile go into the next group. */
  async #write(): Promise<void> {
    // Wait for the end of this turn of the event loop: requests of other sockets in it join the group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let group = this.#queue.takeGroup(); group.length > 0; group = this.#queue.takeGroup()) {
      const { epoch, index } = this.#head;
      const applied = group.filter(({ changes }) => changes.length > 0);
      const commits = applied.map(({ at, changes }, place) => ({ epoch, index: index + 1 + place, at, changes }));
      try {
        await this.#log.append(commits, this.#head);
      } catch (error) {
        this.#appendFailed(group, error);
        continue;
      }
      this.#head = { epoch, index: index + commits.length };
      for (const [place, { changes, befores }] of applied.entries())
        this.#undo.add(index + 1 + place, { changes, befores });
      void this.#acknowledge(group, commits);
    }
    this.#writing = undefined;
  }

  async #acknowledge(group: readonly Transaction[], commits: readonly Commit[]): Promise<void> {
    try {
      await Promise.all([...this.#listeners].map(async (listener) => listener(commits)));
      for (const transaction of group) transaction.done();
    } catch (error) {
      for (const transaction of group) {
        if (this.#leads) transaction.failed(error);
        else transaction.refused(cutOff());
      }
    }
  }

  /** The log rejected the whole group: undo it, and every later decision that was based on it. */
  #appendFailed(group: readonly Transaction[], error: unknown): void {
    if (error instanceof Fenced) this.#leads = false;
    this.#undoAll([...group, ...this.#queue.takeAll()], (transaction) => {
      if (!this.#leads) transaction.refused(standby());
      else if (isDiskFull(error)) transaction.refused(storageFull());
      else transaction.failed(error);
    });
  }

  #undoAll(transactions: readonly Transaction[], settle: (transaction: Transaction) => void): void {
    for (const applied of transactions.toReversed()) this.books.undo(applied);
    for (const transaction of transactions) settle(transaction);
  }

  /** @param undoable whether the commits may be rewound */
  #follow(commits: readonly Commit[], undoable: boolean): void {
    for (const commit of commits) {
      const { changes } = commit;
      if (undoable)
        this.#undo.add(commit.index, { changes, befores: changes.map((change) => this.books.apply(change)) });
      else for (const change of changes) this.books.apply(change);
      this.#noteEpoch(commit);
      this.#head = { epoch: commit.epoch, index: commit.index };
    }
  }

  #noteEpoch({ epoch, index, opens }: Commit): void {
    if (opens !== undefined) this.#epochs.push({ epoch, index, active: opens });
  }

  async #rebuild(): Promise<void> {
    const books = new Books();
    this.#epochs = [];
    this.#undo.clear();
    for await (const commit of this.since(0)) {
      for (const change of commit.changes) books.apply(change);
      this.#noteEpoch(commit);
    }
    this.books.become(books);
  }

  /** Runs work that only a follower may do, one at a time, once no transaction is pending. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turns.then(async () => {
      if (this.#leads) throw new Error('this store leads: fence it first');
      await this.idle();
      return work();
    });
    this.#turns = next.catch(() => undefined);
    return next;
  }
}
