import { type Change, KEY, put, remove, type TableName, type Tables } from '../change.ts';
import type { Counter } from '../nouns/market.ts';
import { SERIES, seriesKey } from '../series.ts';

/** The rows that a decision reads: a centre's books, or a draft on top of them. */
export interface Rows {
  get<T extends TableName>(table: T, key: string): Tables[T] | undefined;
}

/** Rows with changes on top that are not applied yet, so that later decisions of one commit see earlier ones. */
export interface Draft extends Rows {
  put<T extends TableName>(table: T, row: Tables[T]): void;
  remove(table: TableName, key: string): void;
  add(changes: readonly Change[]): void;
  /** One change per row, with its final state, in the order in which the rows were first changed. */
  changes(): Change[];
}

export function createDraft(rows: Rows): Draft {
  const touched = new Map<string, Change>();
  const note = (change: Change) => void touched.set(`${change.table} ${change.key}`, change);
  return {
    get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
      const change = touched.get(`${table} ${key}`);
      if (!change) return rows.get(table, key);
      return (change.row as Tables[T] | null) ?? undefined;
    },
    put: (table, row) => note(put(table, row)),
    remove: (table, key) => note(remove(table, key)),
    add: (changes) => changes.forEach(note),
    changes: () => [...touched.values()],
  };
}

/** The outcome of a list of rows: all changes of the accepted ones, and for each row in order null or the reason against it. */
export interface EachDecided<Reason> {
  readonly changes: readonly Change[];
  readonly reasons: readonly (Reason | null)[];
}

/**
 * A multi-row update: valid rows execute, each failed one has its reason (CCASS Terminal User Guide, screen pattern).
 * Each row sees the changes of earlier rows, so that an SI named twice is not deleted twice.
 */
export function decideEach<Item, Reason extends string>(
  rows: Rows,
  items: readonly Item[],
  decide: (rows: Rows, item: Item) => readonly Change[] | Reason,
): EachDecided<Reason> {
  const draft = createDraft(rows);
  const reasons = items.map((item) => {
    const decided = decide(draft, item);
    if (typeof decided === 'string') return decided;
    draft.add(decided);
    return null;
  });
  return { changes: draft.changes(), reasons };
}

/** Takes the next number of a series, such as `M000000001`. */
export function nextNumber(draft: Draft, name: Counter['name']): string {
  const next = draft.get('counter', KEY.counter({ name, next: 1 }))?.next ?? 1;
  draft.put('counter', { name, next: next + 1 });
  return seriesKey(SERIES[name], next);
}
