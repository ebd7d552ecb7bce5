import { isMarketDate } from '../../domain/calendar/calendar.ts';
import { put, remove } from '../../domain/change.ts';
import type { MarketDate } from '../../domain/nouns/market.ts';
import type { RapFile, RapFolder } from '../../domain/nouns/reports.ts';
import { rapFileName } from '../../domain/rap-tree.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';
import type { Pieces } from '../../wire/zip.ts';
import type { Context } from '../context.ts';
import { noSuchDay } from '../reports/custom-report.ts';
import { changedAt } from '../stored-file.ts';
import { CsvRecords } from './csv-records.ts';
import { keepRapPackage } from './rap-packages.ts';

/** Names a package by report, participant and run. */
export interface PackagePlace {
  readonly id: string;
  /** A participant ID, or COMMON. */
  readonly participant: string;
  readonly businessDate: MarketDate;
  /** HHMM. */
  readonly snapshot: string;
}

/**
 * Makes a package from the tester's csv and puts it in the place of the report's. Names and time of publication stay, and
 * clients that have a file open continue to read the old one. Where there is no report yet, it is published at once. A mock
 * convention. The csv is read as it comes, and none of it if the place is refused; one of more than `mostBytes` is refused
 * and, as one that breaks off, leaves nothing.
 */
export async function publishCustomPackage(
  context: Context,
  request: PackagePlace & { readonly folder?: RapFolder; readonly csv: Pieces; readonly mostBytes: number },
): Promise<readonly RapFile[] | Refusal> {
  const { store, clock } = context;
  const { id, participant, businessDate, snapshot, csv, mostBytes } = request;
  if (!isMarketDate(businessDate)) return noSuchDay(businessDate);
  if (participant !== 'COMMON' && !store.books.get('rapUser', participant)) return noRapUser(participant);
  const folder = request.folder ?? (participant !== 'COMMON' ? 'INBOX' : id === 'RPF01' ? 'RPF' : 'COMMON');
  if ((folder === 'INBOX') === (participant === 'COMMON')) return wrongFolder();
  const existing = filesAt(store.books, request, folder);
  const records = new CsvRecords(id);
  const files = await keepRapPackage(context, {
    reportId: id,
    participant,
    folder,
    businessDate,
    snapshot,
    publishedAt: existing[0]?.publishedAt ?? clock.now(),
    records: () => records.count(),
    csv: watched(csv, mostBytes, records),
  }).catch((error: unknown) => {
    if (error instanceof TooLarge) return tooLarge(mostBytes);
    throw error;
  });
  if (isRefusal(files)) return files;
  const published = await store.transact((books, at) => {
    const rows = files.map((file): RapFile => {
      const before = filesAt(books, request, folder).find((one) => one.name === file.name);
      if (!before) return { ...file, inPlaceOf: null };
      const { sha256, sizeBytes } = before;
      const modifiedAt = changedAt(before.modifiedAt ?? before.publishedAt, at);
      return {
        ...file,
        modifiedAt,
        inPlaceOf: before.inPlaceOf === undefined ? { sha256, sizeBytes } : before.inPlaceOf,
      };
    });
    return { changes: rows.map((row) => put('rapFile', row)), answer: rows };
  });
  if (!isRefusal(published)) note(context, published, 'user-published');
  return published;
}

/** Withdraws a custom package: the report is again as the centre made it, or gone if there was none. */
export async function withdrawCustomPackage(
  context: Context,
  place: PackagePlace,
): Promise<{ readonly files: readonly RapFile[]; readonly restored: boolean } | Refusal> {
  const withdrawn = await context.store.transact((books, at) => {
    const custom = (['INBOX', 'COMMON', 'RPF'] as const)
      .flatMap((folder) => filesAt(books, place, folder))
      .filter((file) => file.inPlaceOf !== undefined);
    const changes = custom.map(({ inPlaceOf, ...row }) =>
      inPlaceOf
        ? put('rapFile', { ...row, ...inPlaceOf, modifiedAt: changedAt(row.modifiedAt ?? row.publishedAt, at) })
        : remove('rapFile', `${row.participant}/${row.folder}/${row.businessDate}/${row.name}`),
    );
    return { changes, answer: custom };
  });
  if (isRefusal(withdrawn)) return withdrawn;
  if (withdrawn.length === 0) return noCustomPackage(place);
  note(context, withdrawn, 'user-withdrawn');
  return { files: withdrawn, restored: withdrawn.some((file) => file.inPlaceOf !== null) };
}

/** The data and the control file in that place, if they exist. */
function filesAt(books: Books, place: PackagePlace, folder: RapFolder): RapFile[] {
  const name = { ...place, reportId: place.id };
  return (['data', 'control'] as const).flatMap((part) => {
    const { participant, businessDate } = place;
    return books.get('rapFile', `${participant}/${folder}/${businessDate}/${rapFileName(name, part)}`) ?? [];
  });
}

class TooLarge extends Error {}

/** Passes the pieces on, counts their records, and ends a csv that is too large. */
async function* watched(csv: Pieces, mostBytes: number, records: CsvRecords): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of csv) {
    const some = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
    bytes += some.length;
    if (bytes > mostBytes) throw new TooLarge();
    records.add(some);
    yield some;
  }
}

function tooLarge(mostBytes: number): Refusal {
  return refuse('TOO_LARGE', {
    en: `A csv for RAP may have ${mostBytes} bytes. Nothing was published. Leave rows out, or start the harness with --limit rapCsvBytes=SIZE.`,
    zh: `RAP 的 csv 檔案上限為 ${mostBytes} 位元組，並未發布任何檔案。請刪減資料列，或以 --limit rapCsvBytes=SIZE 重新啟動。`,
  });
}

function note(
  { journal, centre }: Context,
  files: readonly RapFile[],
  what: 'user-published' | 'user-withdrawn',
): void {
  for (const { participant, reportId, businessDate, name, sizeBytes, sha256 } of files) {
    const facts = { id: reportId, businessDate, fileName: name, sizeBytes, sha256 };
    journal.note('report', { centre, service: 'rap', participant }, { what, ...facts });
  }
}

function noRapUser(participant: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `${participant} has no RAP user. Name a clearing participant of the market, or COMMON for everyone's files.`,
    zh: `${participant} 並無 RAP 用戶。請指定市場的結算參與者，或以 COMMON 代表共用檔案。`,
  });
}

function wrongFolder(): Refusal {
  return refuse('BAD_REQUEST', {
    en: "A participant's files are in INBOX; those of COMMON are in COMMON or RPF. Leave the folder out, or name the right one.",
    zh: '參與者本身的檔案存放於 INBOX；COMMON 的檔案存放於 COMMON 或 RPF。請略去文件夾，或指定正確者。',
  });
}

function noCustomPackage({ id, participant, businessDate, snapshot }: PackagePlace): Refusal {
  return refuse('NOT_FOUND', {
    en: `You have published no package as ${id} of ${participant}, ${businessDate} ${snapshot}. List the files: rap files --participant ${participant}`,
    zh: `${participant} ${businessDate} ${snapshot} 的 ${id} 並無自行發布的檔案。查閱檔案：rap files --participant ${participant}`,
  });
}
