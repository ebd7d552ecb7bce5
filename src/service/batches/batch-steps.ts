import { marketDate } from '../../domain/calendar/calendar.ts';
import { type Change, put, remove } from '../../domain/change.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { MOST_REFUSED_ROWS } from '../../domain/journal/kinds/business.ts';
import { clientText } from '../../domain/journal/shape.ts';
import type { Batch, BatchOutcomes, FileFault, RowRefusal } from '../../domain/nouns/instructions.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Content } from '../../domain/settlement/content.ts';
import type { Books } from '../../store/books/books.ts';
import { createBatchParser } from '../../wire/batch-file.ts';
import type { Layout } from '../../wire/layout.ts';
import { offsetOfRecord, type RowsRead } from '../../wire/record-reader.ts';
import type { Context } from '../context.ts';
import { noteMisfits, publish } from '../reports/reports.ts';
import type { BatchKind, BatchKinds } from './batch-kinds.ts';
import { controlReport } from './control-report.ts';
import type { FileContents } from './file-contents.ts';
import { keepRefusedRows, refusedRow } from './refused-rows.ts';

/** What the steps of a batch work with. */
export interface BatchSteps {
  readonly context: Context;
  readonly kinds: BatchKinds;
  readonly contents: FileContents;
  /** True once this centre has to stop: it is paused or no longer leads. */
  readonly stopped: () => boolean;
}

/** Does the next step of a batch: validates the file, decides its rows, or finishes it. False if this centre has to stop. */
export async function nextStep(steps: BatchSteps, batch: Batch): Promise<boolean> {
  if (batch.status === 'received') return validate(steps, batch);
  if (batch.nextRow < batch.records) return decide(steps, batch);
  return finish(steps, batch, null);
}

async function validate(steps: BatchSteps, batch: Batch): Promise<boolean> {
  const { store } = steps.context;
  const { layout, report } = steps.kinds.of(batch.fileId);
  const parser = createBatchParser(layout, {
    participant: batch.participant,
    fileId: layout.id,
    market: report.definition.market,
    marketDate: marketDate(batch.receivedAt),
  });
  let fault: FileFault | null = null;
  for await (const chunk of store.blobs.open(batch.sha256)) {
    if (steps.stopped()) return false;
    fault = parser.feed(chunk);
    if (fault) break;
  }
  const end = fault ? null : parser.end();
  if (fault || end?.fault) return finish(steps, batch, fault ?? end?.fault ?? null);
  const answer = await store.transact(() => ({
    changes: [put('batch', { ...batch, status: 'processing', records: end?.records ?? 0 })],
    answer: true,
  }));
  return !isRefusal(answer);
}

async function decide(
  { context, kinds, contents, stopped }: BatchSteps,
  { reference, fileId, sha256, nextRow, records }: Batch,
): Promise<boolean> {
  const { store } = context;
  const kind = kinds.of(fileId);
  // Reused for every commit of this batch.
  const rows = Buffer.allocUnsafe(offsetOfRecord(kind.layout, Math.min(kind.rowsPerCommit, records)));
  for (let from = nextRow; from < records; from += kind.rowsPerCommit) {
    const to = Math.min(from + kind.rowsPerCommit, records);
    const [first, end] = [offsetOfRecord(kind.layout, from), offsetOfRecord(kind.layout, to)];
    const bytes = rows.subarray(0, end - first);
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

/** Publishes the control report and completes the batch, in one commit. */
async function finish(
  { context, kinds, contents, stopped }: BatchSteps,
  batch: Batch,
  fault: FileFault | null,
): Promise<boolean> {
  const { store, journal, centre } = context;
  const kind = kinds.of(batch.fileId);
  const { report } = kind;
  const outcomes = [...store.books.outcomesOf(batch.reference)];
  const refusedRows = await keepRefusedRows(store.blobs, outcomes);
  const status = fault ? 'discarded' : 'processed';
  const done: Batch = { ...batch, status, fault, ...(refusedRows && { refusedRows }) };
  const made = await controlReport(context, kind, done, outcomes);
  const answer = await store.transact((books) => {
    const drafts = made.map(({ draft }) => draft);
    const published = publish(books, drafts, report.definition.market);
    const files = published.reports.filter(({ notMade }) => notMade === undefined);
    return {
      changes: [
        ...published.changes,
        put('batch', { ...done, reports: files.map((one) => one.reference) }),
        ...outcomes.map((part) => remove('batchOutcomes', `${part.batch}/${part.firstRow}`)),
      ],
      answer: published.reports,
    };
  });
  if (isRefusal(answer)) return false;
  const who = { centre, service: 'ccass', participant: batch.participant, user: batch.user } as const;
  const content = fault ? null : await contents.of(batch);
  journal.note('batch', who, batchDetail(kind.layout, done, outcomes, content));
  noteMisfits(context, made, answer);
  for (const { reference, id, businessDate, format, sizeBytes, sha256, notMade } of answer) {
    if (notMade) continue;
    const facts = { id, businessDate, format, sizeBytes, sha256, batch: batch.reference };
    journal.note('report', who, { what: 'published', report: reference, ...facts });
  }
  return !stopped();
}

/** The changes of one commit: what the accepted rows become, the outcome of each row, and where to continue. */
function decideRows(
  books: Books,
  kind: BatchKind,
  reference: string,
  from: number,
  rows: RowsRead<unknown>,
  at: number,
): { readonly changes: Change[]; readonly content: Content } {
  const batch = books.get('batch', reference);
  if (batch?.nextRow !== from) throw new Error(`batch ${reference} continues at row ${batch?.nextRow}, not at ${from}`);
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

/** The detail of a finished batch's journal entry. */
function batchDetail(
  layout: Layout,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
  content: Content | null,
): JournalDetails['batch'] {
  const { reference, status, accepted, refused, fault } = batch;
  const firstRefused = firstOf(outcomes, MOST_REFUSED_ROWS).map((refusal) => {
    const { line, reference, reason, columns, field, came, expected } = refusedRow(layout, batch, refusal);
    const where = { ...(columns && { columns }), ...(field !== null && { field }) };
    return { line, reference: clientText(reference), reason, ...where, got: clientText(came), expected };
  });
  return {
    ...{ batch: reference, status: status === 'discarded' ? 'discarded' : 'processed', accepted, refused },
    ...(fault && { fileFault: fileFaultDetail(fault) }),
    ...(content && { content: String(content) }),
    firstRefused,
  };
}

function firstOf(outcomes: readonly BatchOutcomes[], most: number): RowRefusal[] {
  const found: RowRefusal[] = [];
  for (const { refused } of outcomes) {
    found.push(...refused.slice(0, most - found.length));
    if (found.length === most) break;
  }
  return found;
}

function fileFaultDetail({ code, line, columns, field, came, expected }: FileFault) {
  return {
    ...{ code, line, got: clientText(came), expected },
    ...(columns && { columns }),
    ...(field !== null && { field }),
  };
}
