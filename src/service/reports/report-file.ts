import type { Words } from '../../domain/nouns/market.ts';
import type { Report } from '../../domain/nouns/reports.ts';
import { ValueTooWide } from '../../wire/field-writer.ts';
import type { WideFigure } from '../../wire/text-report.ts';
import type { Context } from '../context.ts';

/** A stored file of a report. Without a file, `notMade` says why, and the bytes are none. */
export type ReportFile = Pick<Report, 'sha256' | 'sizeBytes' | 'notMade'> & {
  /** Figures of the printed form that are wider than their columns, if any. */
  readonly tooWide: Words | null;
};

export type Pieces = Iterable<string | Uint8Array>;

/**
 * Stores one form of a report. A figure that is too wide for the data file costs this file alone, and so does a bug in its
 * maker, which the journal has: other participants' reports are made all the same. Rejects only with the store's error, such
 * as ENOSPC.
 * @param pieces makes the file; it is given a listener for the printed figures that are too wide
 */
export async function keepReportFile(
  { store, journal, centre }: Pick<Context, 'store' | 'journal' | 'centre'>,
  { id, participant }: Pick<Report, 'id' | 'participant'>,
  pieces: (onTooWide: (figure: WideFigure) => void) => Pieces,
): Promise<ReportFile> {
  const wide: WideFigure[] = [];
  let failure: { readonly error: unknown } | null = null;
  function* guarded(): Iterable<string | Uint8Array> {
    try {
      yield* pieces((figure) => wide.push(figure));
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    const stored = await store.blobs.put(encoded(guarded()));
    return { ...stored, tooWide: printedTooWide(wide) };
  } catch (error) {
    // An error of the store has nothing to do with the report.
    if (failure === null) throw error;
    const notMade = error instanceof ValueTooWide ? dataTooWide(error) : REPORT_BUG;
    if (notMade === REPORT_BUG) {
      const what = `report ${id} of ${participant} was not made`;
      journal.note('error', { centre, service: 'ccass', participant }, { what, says: String(error) });
    }
    return { ...(await store.blobs.put(nothing())), notMade, tooWide: null };
  }
}

/** Why a report is missing because of us. */
export const REPORT_BUG: Words = {
  en: 'The report was not made, because of a bug of ccass-harness. The journal (kind `error`) has the details: please report it.',
  zh: '因 ccass-harness 的程式錯誤，報表並未製作。詳情已載於日誌（種類 `error`），請通報。',
};

function dataTooWide({ field, picture, value, record }: ValueTooWide): Words {
  return {
    en: `The data file was not made: ${field} ${value}${record === null ? '' : ` in detail record ${record}`} does not fit ${picture}. Read the printed report, or enquire the figure.`,
    zh: `資料檔並未製作：${record === null ? '' : `第 ${record} 項明細記錄的 `}${field} ${value} 超出欄位 ${picture}。請查閱列印報表，或以查詢功能查閱該數字。`,
  };
}

/** Names the first; there may be one in each row. */
function printedTooWide([first, ...more]: readonly WideFigure[]): Words | null {
  if (!first) return null;
  const { column, width, row, figure } = first;
  return {
    en: `${column} ${figure} in row ${row} is wider than ${width} characters and printed as *${more.length > 0 ? `; so are ${more.length} further figures` : ''}. Enquire the figure.`,
    zh: `第 ${row} 行的 ${column} ${figure} 超出 ${width} 個字元，以 * 列印${more.length > 0 ? `；另有 ${more.length} 個數字亦然` : ''}。請以查詢功能查閱該數字。`,
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Text is collected up to this many characters. */
const PIECE_CHARS = 65_536;

/** Reports are ASCII. Each piece takes one turn of the event loop, so that other requests are served in between. */
async function* encoded(pieces: Pieces): AsyncGenerator<Uint8Array> {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      if (text.length < PIECE_CHARS) continue;
    }
    if (text !== '') yield Buffer.from(text, 'latin1');
    text = '';
    if (typeof piece !== 'string') yield piece;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}
