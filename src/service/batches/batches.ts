import { marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put, remove } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { MOST_REFUSED_ROWS } from '../../domain/journal/kinds/business.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { Batch, BatchOutcomes, FileFault } from '../../domain/nouns/instructions.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Content } from '../../domain/settlement/content.ts';
import type { Books } from '../../store/books/books.ts';
import { createBatchParser } from '../../wire/batch-file.ts';
import { offsetOfRecord, type RowsRead } from '../../wire/record-reader.ts';
import type { Context } from '../context.ts';
import { publish } from '../reports/reports.ts';
import type { BatchKind, BatchKinds } from './batch-kinds.ts';
import { controlReport } from './control-report.ts';
import { FileContents } from './file-contents.ts';

/** Batches of one participant that wait; the next upload is answered when one of them is done. Mock convention. */
const MOST_WAITING = 16;

export interface BatchDesk {
  /** Goes on with every unfinished batch of the books; called after an upload and when this centre becomes active. */
  resume(): void;
  /** Stops at the next commit; resolves when nothing is under way. `resume` takes up again. */
  pause(): Promise<void>;
  /** The batches that are under way, by reference. */
  underWay(): string[];
  /** Resolves when none of these is under way here any more, whatever is uploaded meanwhile. */
  done(references: readonly string[]): Promise<void>;
  /**
   * Resolves when fewer than 16 batches of this participant wait, or nobody here works on them. An upload is answered only
   * then, or a client that never stops would run away from the desk, further with every move of the clock.
   */
  room(participant: string): Promise<void>;
}

/**
 * Works through uploaded batches: the whole file is validated first, then rows are decided in commits of at most 4,096,
 * then the control report is published. A participant's batches are taken one after the other, those of different
 * participants side by side. Whoever is active can go on at `nextRow`, after a crash or a switch too.
 */
export function createBatchDesk(context: Context, kinds: BatchKinds): BatchDesk {
  const { store, journal, centre } = context;
  /** One worker a participant. */
  const workers = new Map<string, Promise<void>>();
  /** The batches that they have in hand: one may be done in the books before it is durable and told. */
  const inHand = new Map<string, string>();
  const contents = new FileContents(store.blobs, kinds);
  /** Woken after each step of a batch. */
  const watching = new Set<() => void>();
  let paused = false;

  async function work(participant: string): Promise<void> {
    for (;;) {
      const [batch] = store.books.unfinishedBatchesOf(participant, { limit: 1 });
      if (!batch || stopped()) return;
      inHand.set(participant, batch.reference);
      const goOn = await take(batch);
      inHand.delete(participant);
      looked();
      if (!goOn) return;
    }
  }

  const stopped = () => paused || !store.leads();

  /** One step of one batch; false = this centre leads no more. */
  async function take(batch: Batch): Promise<boolean> {
    if (batch.status === 'received') return validate(batch);
    if (batch.nextRow < batch.records) return decide(batch);
    return finish(batch, null);
  }

  async function validate(batch: Batch): Promise<boolean> {
    const { layout, report } = kinds.of(batch.fileId);
    const parser = createBatchParser(layout, {
      participant: batch.participant,
      fileId: layout.id,
      market: report.definition.market,
      marketDate: marketDate(batch.receivedAt),
    });
    let fault: FileFault | null = null;
    for await (const chunk of store.blobs.open(batch.sha256)) {
      if (stopped()) return false;
      fault = parser.feed(chunk);
      if (fault) break;
    }
    const end = fault ? null : parser.end();
    if (fault || end?.fault) return finish(batch, fault ?? end?.fault ?? null);
    const answer = await store.transact(() => ({
      changes: [put('batch', { ...batch, status: 'processing', records: end?.records ?? 0 })],
      answer: true,
    }));
    return !isRefusal(answer);
  }

  async function decide({ reference, fileId, sha256, nextRow, records }: Batch): Promise<boolean> {
    const kind = kinds.of(fileId);
    // Of one commit after the other.
    const room = Buffer.allocUnsafe(offsetOfRecord(kind.layout, Math.min(kind.rowsPerCommit, records)));
    for (let from = nextRow; from < records; from += kind.rowsPerCommit) {
      const to = Math.min(from + kind.rowsPerCommit, records);
      const [first, end] = [offsetOfRecord(kind.layout, from), offsetOfRecord(kind.layout, to)];
      const bytes = room.subarray(0, end - first);
      await store.blobs.fill(sha256, first, bytes);
      if (stopped()) return false;
      const content = await store.transact((books, at) => {
        const decided = decideRows(books, kind, reference, from, kind.rowsOf(bytes), at);
        return { changes: decided.changes, answer: decided.content };
      });
      if (isRefusal(content)) return false;
      contents.add(reference, from, to, content);
      if (stopped()) return false;
    }
    return true;
  }

  /** Publishes the control report and ends the batch, in one commit. */
  async function finish(batch: Batch, fault: FileFault | null): Promise<boolean> {
    const done: Batch = { ...batch, status: fault ? 'discarded' : 'processed', fault };
    const { report } = kinds.of(batch.fileId);
    const outcomes = [...store.books.outcomesOf(batch.reference)];
    const drafts = await controlReport(context, report, done, outcomes);
    const answer = await store.transact((books) => {
      const published = publish(books, drafts, report.definition.market);
      return {
        changes: [
          ...published.changes,
          put('batch', { ...done, reports: published.reports.map((one) => one.reference) }),
          ...outcomes.map((part) => remove('batchOutcomes', `${part.batch}/${part.firstRow}`)),
        ],
        answer: published.reports,
      };
    });
    if (isRefusal(answer)) return false;
    const who = { centre, service: 'ccass', participant: batch.participant, user: batch.user } as const;
    const content = fault ? null : await contents.of(batch);
    journal.note('batch', who, batchDetail(done, outcomes, content));
    for (const { reference, id, businessDate, format, sizeBytes, sha256 } of answer) {
      const facts = { id, businessDate, format, sizeBytes, sha256, batch: batch.reference };
      journal.note('report', who, { what: 'published', report: reference, ...facts });
    }
    return !stopped();
  }

  const looked = () => {
    for (const look of watching) look();
  };

  /** Resolves when it is so; looked at now and after each step of a batch. */
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        watching.delete(look);
        resolve();
      };
      watching.add(look);
      look();
    });

  function isUnderWay(reference: string): boolean {
    const batch = store.books.get('batch', reference);
    if (!batch) return false;
    const { status, participant } = batch;
    return status === 'received' || status === 'processing' || inHand.get(participant) === reference;
  }

  function start(participant: string) {
    const worker = work(participant)
      .then(
        () => {
          workers.delete(participant);
          inHand.delete(participant);
          // One that was uploaded as the worker found nothing more to do.
          if (!stopped() && store.books.unfinishedBatchesOf(participant, { limit: 1 }).length > 0) start(participant);
        },
        (error: unknown) => {
          workers.delete(participant);
          inHand.delete(participant);
          const what = 'a batch could not be worked through';
          journal.note('error', { centre, service: 'ccass', participant }, { what, says: String(error) });
        },
      )
      .then(looked);
    workers.set(participant, worker);
  }

  return {
    resume() {
      paused = false;
      for (const { participant } of store.books.unfinishedBatches()) if (!workers.has(participant)) start(participant);
    },
    async pause() {
      paused = true;
      await Promise.all(workers.values());
    },
    underWay: () => [
      ...new Set([...store.books.unfinishedBatches().map((batch) => batch.reference), ...inHand.values()]),
    ],
    done(references) {
      const left = [...references];
      return until(() => {
        while (left.length > 0 && !isUnderWay(left.at(-1) ?? '')) left.pop();
        return left.length === 0 || workers.size === 0;
      });
    },
    room: (participant) =>
      until(() => {
        const waiting = store.books.unfinishedBatchesOf(participant, { limit: MOST_WAITING });
        return waiting.length < MOST_WAITING || !workers.has(participant);
      }),
  };
}

/** The changes of one commit: what the accepted rows come to, what became of each, and where to go on. */
function decideRows(
  books: Books,
  kind: BatchKind,
  reference: string,
  from: number,
  rows: RowsRead<unknown>,
  at: number,
): { readonly changes: Change[]; readonly content: Content } {
  const batch = books.get('batch', reference);
  if (batch?.nextRow !== from) throw new Error(`batch ${reference} stands at row ${batch?.nextRow}, not at ${from}`);
  const firstNumber = books.counter(kind.series);
  const { changes, refused, content } = kind.decide(books, batch, from, rows, at);
  changes.push(put('batchOutcomes', { batch: reference, firstRow: from, rows: rows.length, firstNumber, refused }));
  changes.push(
    put('batch', {
      ...batch,
      nextRow: from + rows.length,
      accepted: batch.accepted + rows.length - refused.length,
      refused: batch.refused + refused.length,
    }),
  );
  return { changes, content };
}

/** What the journal says of a batch that is done. */
function batchDetail(
  { reference, status, accepted, refused, fault }: Batch,
  outcomes: readonly BatchOutcomes[],
  content: Content | null,
): JournalDetails['batch'] {
  const firstRefused = outcomes
    .flatMap((part) => part.refused)
    .slice(0, MOST_REFUSED_ROWS)
    // The header is line 1.
    .map(({ row, reference, reason }) => ({ line: row + 2, reference: clientText(reference), reason }));
  return {
    ...{ batch: reference, status: status === 'discarded' ? 'discarded' : 'processed', accepted, refused },
    ...(fault && { fileFault: fileFaultDetail(fault) }),
    ...(content && { content: String(content) }),
    firstRefused,
  };
}

function fileFaultDetail({ code, line, columns, field, came, expected }: FileFault) {
  return {
    ...{ code, line, got: clientText(came), expected },
    ...(columns && { columns }),
    ...(field !== null && { field }),
  };
}
