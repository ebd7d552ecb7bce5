import { marketDate } from '../domain/calendar/calendar.ts';
import type { Change, Commit, SwitchReport, TableName, Tables } from '../domain/change.ts';
import type { JournalDetails } from '../domain/journal/journal.ts';
import type { SettlementInstruction } from '../domain/nouns/instructions.ts';
import type { ServiceName } from '../domain/nouns/market.ts';
import { AUTO_USER } from '../domain/settlement/auto-counterparty.ts';
import { instructionContent, transferContent } from '../domain/settlement/content.ts';
import type { Store } from '../store/store.ts';
import type { Journal } from '../testbed/journal/journal.ts';

/** An item of a participant that a cut lost. */
export interface LostItem {
  readonly service: ServiceName;
  readonly participant: string;
  readonly user: string | null;
  readonly detail: JournalDetails['loss'];
}

export interface Losses {
  readonly items: readonly LostItem[];
  /** Number of rows per table that the new centre makes again: those of runs, reports and unfinished batches. */
  readonly madeAgain: Readonly<Record<string, number>>;
}

/** Tables whose rows come from runs or from the rest of a batch: the new centre makes the same rows. */
const MADE_AGAIN: ReadonlySet<string> = new Set<TableName>([
  ...(['run', 'report', 'rapFile', 'marginRun', 'duePosition', 'batch', 'instruction', 'transfer'] as const),
  ...(['holding', 'moneyBalance', 'stockMovement', 'moneyMovement'] as const),
]);

/** What participants lose with these commits; `books` are those of the new active centre. */
export function lossesOf(commits: readonly Commit[], books: Store['books']): Losses {
  const last = new Map<string, Change>();
  for (const { changes } of commits) {
    for (const change of changes) if (change.row !== null) last.set(`${change.table}/${change.key}`, change);
  }
  const items: LostItem[] = [];
  const madeAgain: Record<string, number> = {};
  for (const change of last.values()) {
    const item = lostItem(change, books);
    if (item) items.push(item);
    else if (MADE_AGAIN.has(change.table)) madeAgain[change.table] = (madeAgain[change.table] ?? 0) + 1;
  }
  return { items, madeAgain };
}

/** Notes a switch, each item that it lost, and in one entry what the new centre makes again. */
export function noteSwitch(
  journal: Pick<Journal, 'note'>,
  { from, to, mode, epoch, at, shipped, lost }: SwitchReport,
  { items, madeAgain }: Losses,
): void {
  const count = (what: LostItem['detail']['what']) => items.filter(({ detail }) => detail.what === what).length;
  journal.note(
    'switch',
    { centre: to },
    {
      ...{ from, to, mode, epoch, shipped },
      lost: {
        changes: lost.length,
        batches: count('batch'),
        instructions: count('instruction'),
        transfers: count('transfer'),
        reports: count('report'),
        userRequests: count('user-request'),
      },
    },
  );
  for (const { detail, ...who } of items) journal.note('loss', { centre: from, ...who }, detail);
  if (Object.keys(madeAgain).length === 0) return;
  journal.note('run', { centre: to }, { run: 'made again', date: marketDate(at), done: madeAgain });
}

function lostItem({ table, row }: Change, books: Store['books']): LostItem | null {
  if (row === null) return null;
  switch (table) {
    case 'instruction':
      return isUserAction(row, books.get('instruction', row.number)) ? lostInstruction(row) : null;
    case 'transfer': {
      const { number: id, participant, user, reference, batch } = row;
      // A run settles again what the books still have.
      if (books.get('transfer', id)) return null;
      const content = String(transferContent(row));
      return {
        ...OF_CCASS,
        participant,
        user,
        detail: { what: 'transfer', id, reference, content, ...(batch && { batch }) },
      };
    }
    case 'batch': {
      const { reference: id, participant, user } = row;
      // A batch that the books have resumes there.
      return books.get('batch', id) ? null : { ...OF_CCASS, participant, user, detail: { what: 'batch', id } };
    }
    case 'report':
      return lostReport(row, books);
    case 'userRequest': {
      const { service = 'ccass', participant, requestedBy: user, number: id } = row;
      return { service, participant, user, detail: { what: 'user-request', id } };
    }
    default:
      return null;
  }
}

const OF_CCASS = { service: 'ccass' } as const;

function lostInstruction(row: SettlementInstruction): LostItem {
  const { number: id, participant, user, reference, batch } = row;
  const content = String(instructionContent(row));
  return {
    ...OF_CCASS,
    participant,
    user,
    detail: { what: 'instruction', id, reference, content, ...(batch && { batch }) },
  };
}

/** Whether a user input, authorised, changed, deleted, revoked or held it, rather than a run or the harness. */
function isUserAction(row: SettlementInstruction, known: SettlementInstruction | undefined): boolean {
  if (!known) return row.user !== AUTO_USER;
  return (
    row.changedBy !== known.changedBy ||
    row.authorisedBy !== known.authorisedBy ||
    row.hold !== known.hold ||
    (row.status !== known.status && (row.status === 'deleted' || row.status === 'unmatched'))
  );
}

/** The control report of a lost batch, or a file that the tester supplied; all other reports are made again. */
function lostReport({ reference: id, participant, batch, inPlaceOf }: Tables['report'], books: Store['books']) {
  const isOfLostBatch = batch !== null && !books.get('batch', batch);
  if (!isOfLostBatch && inPlaceOf === undefined) return null;
  const detail = { what: 'report', id, ...(batch !== null && { batch }) } as const;
  return { ...OF_CCASS, participant, user: null, detail };
}
