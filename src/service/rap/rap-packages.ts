import { createHash } from 'node:crypto';
import { compactDate } from '../../domain/calendar/calendar.ts';
import type { Instant, MarketDate } from '../../domain/nouns/market.ts';
import type { RapFile, RapFolder } from '../../domain/nouns/reports.ts';
import { rapFileName } from '../../domain/rap-tree.ts';
import { type Pieces, zipOfOne } from '../../wire/zip.ts';
import type { Context } from '../context.ts';

/** A report that is to be published in RAP. */
export interface RapPackageDraft {
  /** X(7), such as RMAMR03. */
  readonly reportId: string;
  /** The participant that it is for, or COMMON. */
  readonly participant: string;
  readonly folder: RapFolder;
  /** Date of the run that made it; the daily folder. */
  readonly businessDate: MarketDate;
  /** HHMM of the figures: the RunTime of the control file. */
  readonly snapshot: string;
  readonly publishedAt: Instant;
  /** Rows after the header row; a function is called once the csv has been read to its end. */
  readonly records: number | (() => number);
  /** The csv, CRLF, UTF-8 without BOM. */
  readonly csv: Pieces;
}

/**
 * Makes the two zip files of a report, stores their bytes and returns their rows, the data file first. The caller commits
 * the rows, the control file last: to a participant it means "complete". The same draft gives the same bytes. Rejects with
 * the error of the csv or the disk; then nothing is published.
 * Names and control file are mock conventions; that a report is a data and a control zip is published (docs/rap.md).
 */
export async function keepRapPackage(
  { store }: Pick<Context, 'store'>,
  draft: RapPackageDraft,
): Promise<readonly [data: RapFile, control: RapFile]> {
  const { reportId, participant, folder, businessDate, publishedAt, records } = draft;
  const row = { folder, participant, businessDate, reportId, publishedAt };
  const dataFile = rapFileName(draft, 'data');
  const csv = counted(draft.csv);
  const data = await store.blobs.put(zipOfOne(`${reportId}.csv`, publishedAt, csv.pieces));
  const control = controlCsv({
    ReportID: reportId,
    ParticipantID: participant,
    BusinessDate: compactDate(businessDate),
    RunTime: draft.snapshot,
    DataFile: dataFile,
    Records: String(typeof records === 'number' ? records : records()),
    Bytes: String(csv.bytes()),
    SHA256: csv.sha256(),
  });
  const kept = await store.blobs.put(zipOfOne(`${reportId}.ctl`, publishedAt, [control]));
  return [
    { ...row, part: 'data', name: dataFile, ...data },
    { ...row, part: 'control', name: rapFileName(draft, 'control'), ...kept },
  ];
}

/** A header row and one row. No value contains a comma, a quote or a line break. */
function controlCsv(fields: Readonly<Record<string, string>>): string {
  return `${Object.keys(fields).join(',')}\r\n${Object.values(fields).join(',')}\r\n`;
}

/** Passes the pieces on; size and digest are known once all have passed. */
function counted(content: Pieces) {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      const piece8 = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      hash.update(piece8);
      bytes += piece8.length;
      yield piece8;
    }
  }
  return { pieces: pieces(), bytes: () => bytes, sha256: () => hash.digest('hex') };
}
