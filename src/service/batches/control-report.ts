import { formatHkt, hhmmss, marketDate } from '../../domain/calendar/calendar.ts';
import type { Batch, BatchOutcomes } from '../../domain/nouns/instructions.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { FILE_FAULTS, type FileFaultCode } from '../../domain/settlement/batch.ts';
import { refusedRowWords } from '../../domain/settlement/row-refusals.ts';
import type { Books } from '../../store/books/books.ts';
import type { FieldValue, FieldValues } from '../../wire/field-value.ts';
import type { Layout } from '../../wire/layout.ts';
import { lineOfRecord } from '../../wire/record-reader.ts';
import { writeRecords } from '../../wire/report-file.ts';
import { printReport, type TextReport } from '../../wire/text-report.ts';
import type { Context } from '../context.ts';
import { keepReportFile } from '../reports/report-file.ts';
import type { MadeReport } from '../reports/reports.ts';
import type { BatchKind } from './batch-kinds.ts';
import { type RefusedRow, refusedRow } from './refused-rows.ts';

/** Stores the report's data file and its printed form, and returns what to publish. */
export async function controlReport(
  context: Context,
  kind: Pick<BatchKind, 'layout' | 'report'>,
  batch: Batch,
  outcomes: readonly BatchOutcomes[],
): Promise<MadeReport[]> {
  const at = context.clock.now();
  const { definition, layout } = kind.report;
  const { id, formats, market } = definition;
  const { participant, reference } = batch;
  const { books } = context.store;
  const rows = { books, kind, batch, outcomes };
  const forms = {
    data: () => writeRecords(layout, header(batch, market, at), lines(rows, asValues(layout))),
    text: (onTooWide: TextReport['onTooWide']) => printed(context, rows, at, onTooWide),
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

/** What the detail records of the file became. */
interface Rows {
  readonly books: Books;
  readonly kind: Pick<BatchKind, 'layout' | 'report'>;
  readonly batch: Batch;
  readonly outcomes: readonly BatchOutcomes[];
}

/** Shows one detail record of the file: accepted with a number, or refused. */
type ShowLine<Shown> = (line: number, reference: string, number: string, refused: RefusedRow | null) => Shown;

/** Each detail record of the file in order, with its outcome. */
function* lines<Shown>({ books, kind, batch, outcomes }: Rows, show: ShowLine<Shown>): Generator<Shown> {
  for (const { firstRow, rows, firstNumber, refused } of outcomes) {
    let taken = 0;
    let next = 0;
    for (let row = firstRow; row < firstRow + rows; row++) {
      const refusal = refused[next];
      if (refusal?.row === row) {
        next++;
        yield show(lineOfRecord(row), refusal.reference, '', refusedRow(kind.layout, batch, refusal));
      } else {
        const { number, reference } = kind.report.input(books, firstNumber + taken++);
        yield show(lineOfRecord(row), reference, number, null);
      }
    }
  }
}

/** A layout of a user's own need not have the fields that say where a row is at fault; texts are cut to their width. */
function asValues(layout: Layout): ShowLine<FieldValues> {
  const fields = layout.details[0]?.fields ?? [];
  const widths = new Map(fields.map(({ name, start, end }) => [name, end - start]));
  return (line, reference, number, refused) => {
    const [fromColumn, toColumn] = refused?.columns ?? [0, 0];
    const where = { fromColumn, toColumn, came: refused?.came ?? '', expected: refused?.expected ?? '' };
    const outcome = { outcome: refused ? 'R' : 'A', reason: refused?.reason ?? '' };
    const values: Record<string, FieldValue> = { line, reference, ...outcome, number };
    for (const [name, value] of Object.entries(where)) {
      const width = widths.get(name);
      if (width !== undefined) values[name] = typeof value === 'string' ? value.slice(0, width) : value;
    }
    return values;
  };
}

function asTexts(line: number, reference: string, number: string, refused: RefusedRow | null): readonly string[] {
  if (!refused) return [String(line), reference, 'ACCEPTED', number];
  const { reason, columns, came, expected } = refused;
  return [String(line), reference, 'REFUSED', '', reason, columns?.join('-') ?? '', came, expected];
}

function printed(context: Context, all: Rows, at: Instant, onTooWide: TextReport['onTooWide']): Iterable<string> {
  const { batch, kind, outcomes } = all;
  const { fault } = batch;
  const { definition, heading } = kind.report;
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
      { heading: 'REASON', width: 20, align: 'left' },
      { heading: 'COLUMNS', width: 7, align: 'left' },
      { heading: 'CAME', width: 16, align: 'left' },
      { heading: 'EXPECTED', width: 40, align: 'left' },
    ],
    rows: lines(all, asTexts),
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
            ...reasonsIn(outcomes).map((reason) => [reason, refusedRowWords(reason).en] as const),
          ],
    ...(onTooWide && { onTooWide }),
  });
}

/** The reasons that occur, in order of the file. */
function reasonsIn(outcomes: readonly BatchOutcomes[]): string[] {
  return [...new Set(outcomes.flatMap(({ refused }) => [...new Set(refused.map(({ reason }) => reason))]))];
}

/** Run date and time as printed reports have them. */
export function runStamp(at: Instant): { readonly runDate: string; readonly runTime: string } {
  return { runDate: marketDate(at), runTime: hhmmss(at).replace(/(..)(..)(..)/, '$1:$2:$3') };
}
