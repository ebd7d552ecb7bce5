import type { Batch, BatchOutcomes, RefusedRowsFile, RowRefusal } from '../../domain/nouns/instructions.ts';
import type { Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { expectedIn, refusedRowWords } from '../../domain/settlement/row-refusals.ts';
import type { Blobs } from '../../store/blobs/blobs.ts';
import type { Books } from '../../store/books/books.ts';
import type { Layout } from '../../wire/layout.ts';
import { columnsOf, lineOfRecord } from '../../wire/record-reader.ts';
import { badCursor, cursorOf, openCursor, type Page, type PageQuery } from '../ccass/enquiries.ts';
import type { Context } from '../context.ts';
import { nextTurn } from '../in-turns.ts';
import { storedFile } from '../stored-file.ts';

/**
 * The refused rows of a batch. While it is processed they are in the books, with the outcomes of its commits. Once it is done
 * they are a blob that the batch names, so that the books do not grow with them.
 */

/** A refused row as the status, the journal and the control report tell it. */
export interface RefusedRow {
  /** 1-based line of the batch file. */
  readonly line: number;
  readonly reference: string;
  readonly reason: string;
  /** Null, as `came` is blank, if a harness before 0.2 refused the row. */
  readonly field: string | null;
  /** 1-based first and last column of the field; null if the layout of today has no such field. */
  readonly columns: readonly [number, number] | null;
  readonly came: string;
  readonly expected: string;
  /** Why, and the next step. */
  readonly says: Words;
}

/** @param layout of the batch file */
export function refusedRow(layout: Layout, batch: Batch, refusal: RowRefusal): RefusedRow {
  const { row, reference, reason, field = null, came = '' } = refusal;
  const columns = field === null ? null : columnsOf(layout, field);
  return {
    line: lineOfRecord(row),
    ...{ reference, reason, field, columns, came },
    expected: expectedIn(refusal, batch),
    says: refusedRowWords(reason),
  };
}

/** Stores the refused rows of a batch that is done; undefined if there are none. */
export async function keepRefusedRows(
  blobs: Blobs,
  outcomes: readonly BatchOutcomes[],
): Promise<RefusedRowsFile | undefined> {
  let recordLength = 0;
  for (const { refused } of outcomes) {
    for (const refusal of refused) recordLength = Math.max(recordLength, Buffer.byteLength(recordOf(refusal)));
    await nextTurn();
  }
  if (recordLength === 0) return undefined;
  async function* records(): AsyncGenerator<Uint8Array> {
    for (const { refused } of outcomes) {
      if (refused.length === 0) continue;
      const bytes = Buffer.alloc(refused.length * recordLength, ' ');
      refused.forEach((refusal, n) => {
        bytes.write(recordOf(refusal), n * recordLength);
      });
      yield bytes;
      await nextTurn();
    }
  }
  const { sha256 } = await blobs.put(records());
  return { sha256, recordLength };
}

/** Ends in LF, so that the file can be read as lines. JSON does not mind the blanks between the two. */
const recordOf = (refusal: RowRefusal) => `${JSON.stringify(refusal)}\n`;

/** A page of the rows that were refused so far, in order of the file. */
export async function refusedRowsOf(
  context: Context,
  layout: Layout,
  batch: Batch,
  { cursor, limit }: PageQuery,
): Promise<Page<RefusedRow> | Refusal> {
  const list = `refused:${batch.reference}`;
  const after = cursor === undefined ? '0' : openCursor(list, cursor);
  if (isRefusal(after)) return after;
  const first = Number(after);
  if (!/^\d{1,15}$/.test(after) || first > batch.refused) return badCursor();
  const end = Math.min(first + limit, batch.refused);
  const found = batch.refusedRows
    ? await fromFile(context, batch.refusedRows, first, end)
    : fromBooks(context.store.books, batch.reference, first, end);
  if (isRefusal(found)) return found;
  const next = end < batch.refused ? cursorOf(list, String(end)) : null;
  return { rows: found.map((refusal) => refusedRow(layout, batch, refusal)), next };
}

function fromBooks(books: Books, reference: string, first: number, end: number): RowRefusal[] {
  const found: RowRefusal[] = [];
  let passed = 0;
  for (const { refused } of books.outcomesOf(reference)) {
    found.push(...refused.slice(Math.max(0, first - passed), Math.max(0, end - passed)));
    passed += refused.length;
    if (passed >= end) break;
  }
  return found;
}

async function fromFile(
  context: Context,
  { sha256, recordLength }: RefusedRowsFile,
  first: number,
  end: number,
): Promise<RowRefusal[] | Refusal> {
  if (end <= first) return [];
  const file = storedFile(context, sha256);
  const damaged = await file.check();
  if (damaged) return damaged;
  const bytes = Buffer.allocUnsafe((end - first) * recordLength);
  await file.fill(first * recordLength, bytes);
  return Array.from(
    { length: end - first },
    (_, n): RowRefusal => JSON.parse(bytes.toString('utf8', n * recordLength, (n + 1) * recordLength)),
  );
}
