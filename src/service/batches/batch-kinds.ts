import { type Change, put } from '../../domain/change.ts';
import type { Batch, RowRefusal } from '../../domain/nouns/instructions.ts';
import type { Counter, Instant } from '../../domain/nouns/market.ts';
import type { ReportDefinition } from '../../domain/report-catalogue.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import { decideRow, type InstructionRow } from '../../domain/settlement/batch.ts';
import { Content, rowContent, transferContent } from '../../domain/settlement/content.ts';
import { createDraft, type Rows } from '../../domain/settlement/draft.ts';
import { asInput } from '../../domain/settlement/instruction-life.ts';
import { availableShares } from '../../domain/settlement/ledger.ts';
import { instructionFault, transferFault } from '../../domain/settlement/row-refusals.ts';
import { decideTransfer, type TransferRow } from '../../domain/settlement/transfer.ts';
import type { Books } from '../../store/books/books.ts';
import { type HeaderRead, headerBytes, INSTRUCTION_SHAPE, readHeader, TRANSFER_SHAPE } from '../../wire/batch-file.ts';
import type { Layout } from '../../wire/layout.ts';
import { createRecordReader, type RecordReader, type RowsRead } from '../../wire/record-reader.ts';
import { instructionNumber, type MarketFacts, rowFacts, transferFacts } from './row-facts.ts';

/** The report on a batch, published as soon as it is done, also for a discarded file. */
export interface ControlReport {
  readonly definition: ReportDefinition;
  readonly layout: Layout;
  /** Heading of the number column in the printed form. */
  readonly heading: string;
  /** What an accepted row became, the n-th of the series: its number and the participant's reference, blank if it no longer exists. */
  input(books: Books, n: number): { readonly number: string; readonly reference: string };
}

/** What is decided about the rows of one commit. */
export interface RowsDecided {
  readonly changes: Change[];
  readonly refused: readonly RowRefusal[];
  /** Content digest of the rows, refused ones included. */
  readonly content: Content;
}

/**
 * One kind of batch file. Its ID is that of its layout and is in the header. Rows are decided many at a time, so that the
 * kind is looked up once a commit and not once a row.
 */
export interface BatchKind<Row = unknown> {
  readonly layout: Layout;
  readonly report: ControlReport;
  /** The series that numbers what an accepted row becomes. */
  readonly series: Counter['name'];
  /** Most detail records in one commit: the unit of append, of shipping and of loss. At most 4,096. */
  readonly rowsPerCommit: number;
  readonly rowsOf: RecordReader<Row>;
  /** Content digest of a row. */
  contentOf(row: Row): Content;
  /** Decides detail records `from` and following; changes the series' counter too. */
  decide(books: Books, batch: Batch, from: number, rows: RowsRead<Row>, at: Instant): RowsDecided;
}

export interface BatchKinds {
  /** The kind with this file ID; that of settlement instructions, which then refuses the file ID, if there is none. */
  of(fileId: string): BatchKind;
  /** How many first bytes `read` needs. */
  readonly headerBytes: number;
  /** Reads the header by the layout of the kind that it names. */
  read(first: Uint8Array): HeaderRead;
}

/** The layouts and the report of a kind. */
export interface KindFiles {
  readonly input: Layout;
  readonly control: Layout;
  readonly definition: ReportDefinition;
}

/** The kinds of batch file, by file ID. */
export function batchKinds(
  files: { readonly instructions: KindFiles; readonly transfers: KindFiles },
  market: MarketFacts,
): BatchKinds {
  const fallback: BatchKind = instructionBatch(files.instructions, market);
  const kinds = [fallback, transferBatch(files.transfers, market)];
  const byId = new Map(kinds.map((kind) => [kind.layout.id, kind]));
  return {
    of: (fileId) => byId.get(fileId) ?? fallback,
    headerBytes: Math.max(...kinds.map(({ layout }) => headerBytes(layout))),
    read(first) {
      // A user's layouts may have different headers: each kind reads the header by its layout.
      const reads = kinds.map(({ layout }) => ({ layout, read: readHeader(layout, head(first, layout)) }));
      const match = reads.find(({ layout, read }) => read.header?.fileId === layout.id);
      return match?.read ?? readHeader(fallback.layout, head(first, fallback.layout));
    },
  };
}

const head = (first: Uint8Array, layout: Layout) => first.subarray(0, headerBytes(layout));

/** ZSIUP01. */
function instructionBatch(files: KindFiles, market: MarketFacts): BatchKind<InstructionRow> {
  return {
    layout: files.input,
    report: {
      definition: files.definition,
      layout: files.control,
      heading: 'SI NUMBER',
      input: (books, n) => books.numbered('instruction', n) ?? { number: instructionNumber(n), reference: '' },
    },
    series: 'instruction',
    rowsPerCommit: 4096,
    rowsOf: createRecordReader(files.input, INSTRUCTION_SHAPE),
    contentOf: rowContent,
    decide(books, { participant, user, headerDate, reference }, from, rows, at) {
      const changes: Change[] = [];
      const refused: RowRefusal[] = [];
      const content = new Content();
      const taken = new Set<string>();
      const facts = rowFacts(books, { participant, user, date: headerDate }, market, taken);
      let next = books.counter('instruction');
      for (let place = 0; place < rows.length; place++) {
        const row = rows.at(place);
        content.add(rowContent(row));
        const number = instructionNumber(next);
        const input = { participant, user, batch: reference, at, marketDate: headerDate, number };
        const decided = decideRow(row, facts, input);
        if (typeof decided === 'string') {
          const fault = instructionFault(row, decided, facts);
          const came = rows.textAt(place, fault.field);
          refused.push({ row: from + place, reference: row.reference, reason: decided, ...fault, came });
          continue;
        }
        changes.push(put('instruction', asInput(decided, market.rules)));
        taken.add(row.reference);
        next++;
      }
      if (changes.length > 0) changes.push(put('counter', { name: 'instruction', next }));
      return { changes, refused, content };
    },
  };
}

/** ZATUP01. Each row sees the shares as the rows before it left them. */
function transferBatch(files: KindFiles, market: MarketFacts): BatchKind<TransferRow> {
  return {
    layout: files.input,
    report: {
      definition: files.definition,
      layout: files.control,
      heading: 'ATI NUMBER',
      input: (books, n) => books.numbered('transfer', n) ?? { number: seriesKey(SERIES.transfer, n), reference: '' },
    },
    series: 'transfer',
    // A transfer is three or more rows of the books: so many take as long as the instructions of a commit.
    rowsPerCommit: 1024,
    rowsOf: createRecordReader(files.input, TRANSFER_SHAPE),
    contentOf: transferContent,
    decide(books, { participant, user, headerDate, reference }, from, rows, at) {
      const draft = createDraft(books);
      const refused: RowRefusal[] = [];
      const content = new Content();
      const taken = new Set<string>();
      const facts = transferFacts(books, { participant, user, date: headerDate }, market, taken);
      const input = { participant, user, batch: reference, at, marketDate: headerDate, rules: market.rules };
      for (let place = 0; place < rows.length; place++) {
        const row = rows.at(place);
        content.add(transferContent(row));
        const decided = decideTransfer(draft, row, facts, input);
        if (typeof decided === 'string') {
          const fault = transferFault(row, decided, facts, () => sharesFor(draft, participant, row));
          const came = rows.textAt(place, fault.field);
          refused.push({ row: from + place, reference: row.reference, reason: decided, ...fault, came });
          continue;
        }
        draft.add(decided);
        taken.add(row.reference);
      }
      return { changes: draft.changes(), refused, content };
    },
  };
}

const sharesFor = (rows: Rows, participant: string, { fromAccount, stock }: TransferRow) =>
  availableShares(rows, { participant, account: fromAccount, stock });
