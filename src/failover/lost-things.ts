import { marketDate } from '../domain/calendar/calendar.ts';
import type { Change, Commit, SwitchReport, TableName, Tables } from '../domain/change.ts';
import type { JournalDetails } from '../domain/journal/journal.ts';
import type { SettlementInstruction } from '../domain/nouns/instructions.ts';
import type { ServiceName } from '../domain/nouns/market.ts';
import { AUTO_USER } from '../domain/settlement/auto-counterparty.ts';
import { instructionContent, transferContent } from '../domain/settlement/content.ts';
import type { Store } from '../store/store.ts';
import type { Journal } from '../testbed/journal/journal.ts';

/** Something of a participant that a cut lost. */
export interface LostThing {
  readonly service: ServiceName;
  readonly participant: string;
  readonly user: string | null;
  readonly detail: JournalDetails['loss'];
}

export interface Losses {
  readonly things: readonly LostThing[];
  /** Rows that the new centre makes again without anybody's help, by table: what runs, reports and unfinished batches come to. */
  readonly madeAgain: Readonly<Record<string, number>>;
}

/** Tables whose rows runs make, or what is left of a batch: the new centre comes to the same. */
const MADE_AGAIN: ReadonlySet<string> = new Set<TableName>([
  ...(['run', 'report', 'rapFile', 'marginRun', 'duePosition', 'batch', 'instruction', 'transfer'] as const),
  ...(['holding', 'moneyBalance', 'stockMovement', 'moneyMovement'] as const),
]);

/** What participants lose with these commits; `books` are those of the centre that is active now. */
export function lossesOf(commits: readonly Commit[], books: Store['books']): Losses {
  const last = new Map<string, Change>();
  for (const { changes } of commits) {
    for (const change of changes) if (change.row !== null) last.set(`${change.table}/${change.key}`, change);
  }
  const things: LostThing[] = [];
  const madeAgain: Record<string, number> = {};
  for (const change of last.values()) {
    const thing = thingOf(change, books);
    if (thing) things.push(thing);
    else if (MADE_AGAIN.has(change.table)) madeAgain[change.table] = (madeAgain[change.table] ?? 0) + 1;
  }
  return { things, madeAgain };
}

/** Notes a switch, each thing that it lost, and in one entry what the new centre makes again. */
export function noteSwitch(
  journal: Pick<Journal, 'note'>,
  { from, to, mode, epoch, at, shipped, lost }: SwitchReport,
  { things, madeAgain }: Losses,
): void {
  const count = (what: Losses['things'][number]['detail']['what']) =>
    things.filter(({ detail }) => detail.what === what).length;
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
  for (const { detail, ...who } of things) journal.note('loss', { centre: from, ...who }, detail);
  if (Object.keys(madeAgain).length === 0) return;
  journal.note('run', { centre: to }, { run: 'made again', date: marketDate(at), done: madeAgain });
}

function thingOf({ table, row }: Change, books: Store['books']): LostThing | null {
  if (row === null) return null;
  switch (table) {
    case 'instruction':
      return isUsersDoing(row, books.get('instruction', row.number)) ? lostInstruction(row) : null;
    case 'transfer': {
      const { number: id, participant, user, reference, batch } = row;
      // What the books have, a run moves again.
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
      // One that the books have goes on where they stand.
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

function lostInstruction(row: SettlementInstruction): LostThing {
  const { number: id, participant, user, reference, batch } = row;
  const content = String(instructionContent(row));
  return {
    ...OF_CCASS,
    participant,
    user,
    detail: { what: 'instruction', id, reference, content, ...(batch && { batch }) },
  };
}

/** Whether a user input, authorised, changed, deleted, revoked or held it, and not a run or the harness. */
function isUsersDoing(row: SettlementInstruction, there: SettlementInstruction | undefined): boolean {
  if (!there) return row.user !== AUTO_USER;
  return (
    row.changedBy !== there.changedBy ||
    row.authorisedBy !== there.authorisedBy ||
    row.hold !== there.hold ||
    (row.status !== there.status && (row.status === 'deleted' || row.status === 'unmatched'))
  );
}

/** The control report of a batch that is lost too, or a file that the tester supplied; all others are made again. */
function lostReport({ reference: id, participant, batch, inPlaceOf }: Tables['report'], books: Store['books']) {
  const isAnswerToLost = batch !== null && !books.get('batch', batch);
  if (!isAnswerToLost && inPlaceOf === undefined) return null;
  const detail = { what: 'report', id, ...(batch !== null && { batch }) } as const;
  return { ...OF_CCASS, participant, user: null, detail };
}
