import type { TableName, Tables } from '../../domain/change.ts';
import type { User } from '../../domain/nouns/access.ts';
import type { Batch } from '../../domain/nouns/instructions.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { OrderedIndex } from './index/ordered-index.ts';

/** The group of the order that a row's key belongs to; null if this order leaves the row out. */
interface Grouping<Row> {
  readonly order: keyof Orders;
  readonly group: (row: Row) => string | null;
}

type Orders = ReturnType<typeof newOrders>;
type Groupings = { readonly [T in TableName]?: readonly Grouping<Tables[T]>[] };

/** The orders of new, empty books. */
export function newOrders() {
  return {
    batches: new OrderedIndex(),
    sequences: new OrderedIndex(),
    unfinished: new OrderedIndex(),
    reports: new OrderedIndex(),
    holdings: new OrderedIndex(),
    accounts: new OrderedIndex(),
    duePositions: new OrderedIndex(),
    trades: new OrderedIndex(),
    pledges: new OrderedIndex(),
    marginRuns: new OrderedIndex(),
    moneyBalances: new OrderedIndex(),
    stocks: new OrderedIndex(),
    isins: new OrderedIndex(),
    users: new OrderedIndex(),
    userRequests: new OrderedIndex(),
    broadcasts: new OrderedIndex(),
    rapFiles: new OrderedIndex(),
    rapDays: new OrderedIndex(),
    rapKeys: new OrderedIndex(),
  };
}

/** Which rows each order has; long tables have their own indexes (long-tables.ts). A new order of an existing table is one line here and one in newOrders. */
export const GROUPINGS: Groupings = {
  batch: [
    { order: 'batches', group: (row) => row.participant },
    { order: 'sequences', group: sequenceKey },
    {
      order: 'unfinished',
      group: (row) => (row.status === 'received' || row.status === 'processing' ? row.participant : null),
    },
  ],
  report: [{ order: 'reports', group: (row) => row.participant }],
  holding: [{ order: 'holdings', group: (row) => row.participant }],
  duePosition: [{ order: 'duePositions', group: (row) => row.participant }],
  trade: [{ order: 'trades', group: (row) => row.participant }],
  pledge: [{ order: 'pledges', group: (row) => row.participant }],
  marginRun: [{ order: 'marginRuns', group: (row) => row.participant }],
  moneyBalance: [{ order: 'moneyBalances', group: (row) => row.participant }],
  stock: [
    { order: 'stocks', group: () => '' },
    { order: 'isins', group: (row) => row.isin },
  ],
  stockAccount: [{ order: 'accounts', group: (row) => row.participant }],
  user: [{ order: 'users', group: usersKey }],
  userRequest: [{ order: 'userRequests', group: usersKey }],
  broadcast: [{ order: 'broadcasts', group: () => '' }],
  rapFile: [
    { order: 'rapFiles', group: (row) => row.participant },
    { order: 'rapDays', group: rapDayKey },
  ],
  rapKey: [{ order: 'rapKeys', group: (row) => row.participant }],
};

/** Groups a participant's users of one service, and the requests about them. */
function usersKey({ service, participant }: Pick<User, 'service' | 'participant'>): string {
  return `${service ?? 'ccass'}/${participant}`;
}

/** What one upload has in common with its repeats (semantics: repeat). */
export function sequenceKey(batch: Pick<Batch, 'participant' | 'fileId' | 'headerDate' | 'sequence'>): string {
  return `${batch.participant}/${batch.fileId}/${batch.headerDate}/${batch.sequence}`;
}

/** A daily folder of RAP's tree. */
export function rapDayKey({
  participant,
  folder,
  businessDate,
}: Pick<RapFile, 'participant' | 'folder' | 'businessDate'>) {
  return `${participant}/${folder}/${businessDate}`;
}
