import { formatHkt, hhmmss, marketDate } from '../../domain/calendar/calendar.ts';
import type { Batch, BatchOutcomes } from '../../domain/nouns/instructions.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { FILE_FAULTS, type FileFaultCode } from '../../domain/settlement/batch.ts';
import type { Books } from '../../store/books/books.ts';
import type { FieldValues } from '../../wire/field-value.ts';
import { lineOfRecord } from '../../wire/record-reader.ts';
import { writeRecords } from '../../wire/report-file.ts';
import { printReport, type TextReport } from '../../wire/text-report.ts';
import type { Context } from '../context.ts';
import { keepReportFile } from '../reports/report-file.ts';
import type { MadeReport } from '../reports/reports.ts';
import type { ControlReport } from './batch-kinds.ts';

/** Stores the report's data file and its printed form, and returns what to publish. */
export async function controlReport(
  context: Context,
  report: ControlReport,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
): Promise<MadeReport[]> {
  const at = context.clock.now();
  const { definition, layout } = report;
  const { id, formats, market } = definition;
  const { participant, reference } = batch;
  const forms = {
    data: () => writeRecords(layout, header(batch, market, at), lines(context.store.books, report, outcomes, asValues)),
    text: (onTooWide: TextReport['onTooWide']) => printed(context, report, batch, outcomes, at, onTooWide),
  };
  const made: MadeReport[] = [];
  for (const format of formats) {
    const { tooWide, ...kept } = await keepReportFile(context, { id, participant }, forms[format]);
    const facts = { id, participant, businessDate: marketDate(at), madeAt: at, availableAt: at, format };
    made.push({ draft: { ...facts, ...kept, batch: reference }, tooWide });
  }
  return made;
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

/** Shows one detail record of the file: accepted with a number, refused with a reason. */
type ShowLine<Shown> = (line: number, reference: string, number: string, reason: string) => Shown;

/** Each detail record of the file in order, with its outcome. */
function* lines<Shown>(
  books: Books,
  report: ControlReport,
  outcomes: readonly BatchOutcomes[],
  show: ShowLine<Shown>,
): Generator<Shown> {
  for (const { firstRow, rows, firstNumber, refused } of outcomes) {
    let taken = 0;
    let next = 0;
    for (let row = firstRow; row < firstRow + rows; row++) {
      const refusal = refused[next];
      if (refusal?.row === row) {
        next++;
        yield show(lineOfRecord(row), refusal.reference, '', refusal.reason);
      } else {
        const { number, reference } = report.input(books, firstNumber + taken++);
        yield show(lineOfRecord(row), reference, number, '');
      }
    }
  }
}

function asValues(line: number, reference: string, number: string, reason: string): FieldValues {
  return { line, reference, outcome: number === '' ? 'R' : 'A', reason, number };
}

function asTexts(line: number, reference: string, number: string, reason: string): readonly string[] {
  return [String(line), reference, number === '' ? 'REFUSED' : 'ACCEPTED', number, reason];
}

function printed(
  context: Context,
  report: ControlReport,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
  at: Instant,
  onTooWide: TextReport['onTooWide'],
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
    rows: lines(context.store.books, report, outcomes, asTexts),
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
    ...(onTooWide && { onTooWide }),
  });
}

/** Run date and time as printed reports have them. */
export function runStamp(at: Instant): { readonly runDate: string; readonly runTime: string } {
  return { runDate: marketDate(at), runTime: hhmmss(at).replace(/(..)(..)(..)/, '$1:$2:$3') };
}
