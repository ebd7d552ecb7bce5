import { FILE_FAULTS, type FileFaultCode } from '../domain/batch.ts';
import { formatHkt, hhmmss, marketDate } from '../domain/calendar.ts';
import type { Batch, BatchOutcomes, Instant } from '../domain/nouns.ts';
import type { Books } from '../store/books.ts';
import type { FieldValues } from '../wire/field-value.ts';
import { lineOfRecord } from '../wire/record-reader.ts';
import { writeRecords } from '../wire/report-file.ts';
import { printReport } from '../wire/text-report.ts';
import type { ControlReport } from './batch-kinds.ts';
import type { Context } from './context.ts';
import type { DraftReport } from './reports.ts';

/** Keeps the report's data file and its printed form, and returns what to publish. */
export async function controlReport(
  context: Context,
  report: ControlReport,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
): Promise<DraftReport[]> {
  const at = context.clock.now();
  const { definition, layout } = report;
  const texts = {
    data: () =>
      writeRecords(layout, header(batch, definition.market, at), details(context.store.books, report, outcomes)),
    text: () => printed(context, report, batch, outcomes, at),
  };
  const drafts: DraftReport[] = [];
  for (const format of definition.formats) {
    const kept = await context.store.blobs.keep(encoded(texts[format]()));
    drafts.push({
      id: definition.id,
      participant: batch.participant,
      businessDate: marketDate(at),
      madeAt: at,
      availableAt: at,
      format,
      sizeBytes: kept.sizeBytes,
      sha256: kept.sha256,
      batch: batch.reference,
    });
  }
  return drafts;
}

function header(batch: Batch, market: string, at: Instant): FieldValues {
  return {
    participant: batch.participant,
    market,
    businessDate: marketDate(at),
    sequence: batch.sequence === '' ? '0000' : batch.sequence,
    batch: batch.reference,
    batchFileId: batch.fileId,
    outcome: batch.fault ? 'D' : 'P',
    code: batch.fault?.code ?? '',
    faultLine: batch.fault?.line ?? 0,
  };
}

interface Line {
  readonly line: number;
  readonly reference: string;
  /** Empty if refused. */
  readonly number: string;
  /** Empty if accepted. */
  readonly reason: string;
}

/** Each detail record of the file in order, with what became of it. */
function* lines(books: Books, report: ControlReport, outcomes: readonly BatchOutcomes[]): Generator<Line> {
  for (const { firstRow, rows, firstNumber, refused } of outcomes) {
    let taken = 0;
    let next = 0;
    for (let row = firstRow; row < firstRow + rows; row++) {
      const line = lineOfRecord(row);
      const refusal = refused[next];
      if (refusal?.row === row) {
        next++;
        yield { line, reference: refusal.reference, number: '', reason: refusal.reason };
        continue;
      }
      const number = report.number(firstNumber + taken++);
      yield { line, reference: report.reference(books, number) ?? '', number, reason: '' };
    }
  }
}

function* details(books: Books, report: ControlReport, outcomes: readonly BatchOutcomes[]): Generator<FieldValues> {
  for (const { line, reference, number, reason } of lines(books, report, outcomes)) {
    yield { line, reference, outcome: number === '' ? 'R' : 'A', reason, number };
  }
}

function printed(
  context: Context,
  report: ControlReport,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
  at: Instant,
): Iterable<string> {
  const { fault } = batch;
  const { definition, heading } = report;
  const name = context.store.books.get('participant', batch.participant)?.name.en ?? '';
  return printReport({
    reportId: definition.id,
    title: definition.name.en,
    participant: batch.participant,
    participantName: name,
    ...runStamp(at),
    about: [
      [
        'BATCH',
        `${batch.reference}   FILE ID: ${batch.fileId}   SEQUENCE: ${batch.sequence}   DATE: ${batch.headerDate}`,
      ],
      ['RECEIVED', `${formatHkt(batch.receivedAt, 'seconds')} AT THE ${batch.receivedBy.toUpperCase()} CENTRE`],
    ],
    columns: [
      { heading: 'LINE', width: 7, align: 'right' },
      { heading: 'REFERENCE', width: 16, align: 'left' },
      { heading: 'RESULT', width: 8, align: 'left' },
      { heading, width: Math.max(heading.length, 9), align: 'left' },
      { heading: 'REASON', width: 24, align: 'left' },
    ],
    rows: printedRows(context.store.books, report, outcomes),
    footer: () =>
      fault
        ? [
            ['WHOLE FILE DISCARDED', fault.code],
            [
              'AT',
              `line ${fault.line}${fault.columns ? `, columns ${fault.columns.join('-')}` : ''}${fault.field ? `, ${fault.field}` : ''}`,
            ],
            ['CAME', fault.came],
            ['EXPECTED', fault.expected],
            ['NEXT', FILE_FAULTS[fault.code as FileFaultCode].en],
          ]
        : [
            ['ACCEPTED', String(batch.accepted)],
            ['REFUSED', String(batch.refused)],
          ],
  });
}

function* printedRows(books: Books, report: ControlReport, outcomes: readonly BatchOutcomes[]): Generator<string[]> {
  for (const { line, reference, number, reason } of lines(books, report, outcomes)) {
    yield [String(line), reference, number === '' ? 'REFUSED' : 'ACCEPTED', number, reason];
  }
}

/** Run date and time as printed reports have them. */
export function runStamp(at: Instant): { readonly runDate: string; readonly runTime: string } {
  return { runDate: marketDate(at), runTime: hhmmss(at).replace(/(..)(..)(..)/, '$1:$2:$3') };
}

/** Reports are ASCII. A turn of the loop between two pieces lets other requests through. */
export async function* encoded(pieces: Iterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
