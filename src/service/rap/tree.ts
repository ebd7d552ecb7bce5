import { compactDate, startOfDay } from '../../domain/calendar/calendar.ts';
import { type DownloadEnd, MOST_RANGES } from '../../domain/journal/kinds/files.ts';
import type { Instant, MarketDate } from '../../domain/nouns/market.ts';
import type { RapFile, RapFolder } from '../../domain/nouns/reports.ts';
import { isKept, keptDates, RAP_FOLDERS, type RapPlace, rapPlace, realPath } from '../../domain/rap-tree.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead } from '../journal-entries.ts';
import { type StoredFile, storedFile } from '../stored-file.ts';
import type { RapRules } from './rules.ts';

/** Something in the tree, as a user sees it. */
export interface RapNode {
  readonly path: string;
  readonly name: string;
  readonly modifiedAt: Instant;
  /** Null = a folder. */
  readonly file: RapFile | null;
}

/** A file that is being read. Its bytes stay those of the moment it was opened, even if it is replaced meanwhile. */
export interface OpenRapFile extends StoredFile {
  readonly file: RapFile;
  readonly path: string;
  /** Notes in the journal that it was opened. */
  opened(): void;
  /** Notes in the journal what was read: pairs of first and last byte, in order. */
  closed(ranges: readonly (readonly [number, number])[], ended: DownloadEnd): void;
}

/** The node at a path. Makes no journal entry, because clients ask for it all the time. */
export function stat(context: Context, rules: RapRules, session: Session, path: string): RapNode | Refusal {
  const at = context.clock.now();
  const node = nodeAt(context, rules, session, rapPlace(path), at);
  return node ?? notThere(path);
}

/** The contents of a folder, by name: only what is published and still kept, and no empty days. */
export function list(context: Context, rules: RapRules, session: Session, path: string): readonly RapNode[] | Refusal {
  const at = context.clock.now();
  const place = rapPlace(path);
  return (place && childrenOf(context, rules, session, place, at)) ?? notThere(path);
}

/** All files that a user can download now, the newest day first. */
export function listAll(
  context: Context,
  rules: RapRules,
  session: Session,
  query: { readonly folder?: RapFolder; readonly businessDate?: MarketDate },
): readonly RapFile[] {
  const at = context.clock.now();
  const folders = query.folder === undefined ? RAP_FOLDERS : [query.folder];
  const dates = query.businessDate === undefined ? keptDates(at, rules.keptDays).reverse() : [query.businessDate];
  return dates.flatMap((date) => folders.flatMap((folder) => filesOn(context, rules, session, folder, date, at)));
}

export function open(
  context: Context,
  rules: RapRules,
  session: Session,
  path: string,
  caller: Caller,
): OpenRapFile | Refusal {
  const node = stat(context, rules, session, path);
  if (isRefusal(node)) return node;
  const { file } = node;
  if (!file) {
    return refuse('BAD_REQUEST', {
      en: `${node.path} is a folder. Name a file in it.`,
      zh: `${node.path} 為文件夾，請指定其中的檔案。`,
    });
  }
  const { journal } = context;
  const head = requestHead(context, caller, session);
  const { reportId: id, businessDate, name: fileName, sizeBytes, sha256 } = file;
  const part = file.part === 'data' ? 'D' : 'C';
  const about = { path: node.path, id, package: packageOf(file), part, businessDate, sizeBytes, sha256 } as const;
  return {
    file,
    path: node.path,
    opened() {
      journal.note('open', head, { ...about, control: controlOf(context, rules, session, file) });
    },
    ...storedFile(context, sha256),
    closed(ranges, ended) {
      const bytes = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
      const left = ranges.length - MOST_RANGES;
      journal.note('download', head, {
        ...{ ...about, fileName, bytes, whole: bytes === sizeBytes, ended },
        ranges: ranges.slice(0, MOST_RANGES).map(([first, last]) => ({ first, last })),
        ...(left > 0 && { rangesLeftOut: left }),
      });
    },
  };
}

export const modifiedAtOf = ({ publishedAt, modifiedAt = 0 }: RapFile): Instant => Math.max(publishedAt, modifiedAt);

/** The name that the data file and the control file of a report share. */
const packageOf = ({ name }: RapFile) => name.replace(/_[DC]\.zip$/, '');

/** Whether the control file of a package is published now. */
function controlOf(context: Context, rules: RapRules, session: Session, file: RapFile): 'there' | 'missing' {
  const files = filesOn(context, rules, session, file.folder, file.businessDate, context.clock.now());
  const control = files.some((one) => one.part === 'control' && packageOf(one) === packageOf(file));
  return control ? 'there' : 'missing';
}

function nodeAt(
  context: Context,
  rules: RapRules,
  session: Session,
  place: RapPlace | null,
  at: Instant,
): RapNode | null {
  if (place === null) return null;
  if (place.kind === 'file') {
    const { folder, date, name } = place;
    const key = `${ownerOf(folder, session)}/${folder}/${date}/${name}`;
    const file = context.store.books.get('rapFile', key);
    return file && file.publishedAt <= at && isKept(date, at, rules.keptDays) ? fileNode(file) : null;
  }
  if (place.kind === 'day') {
    const modifiedAt = newestOn(context, rules, session, place.folder, place.date, at);
    return modifiedAt === null ? null : dayNode(place.folder, place.date, modifiedAt);
  }
  const folders = place.kind === 'root' ? RAP_FOLDERS : [place.folder];
  const days = folders.flatMap((folder) => daysOf(context, rules, session, folder, at));
  const modifiedAt = days.reduce((newest, day) => Math.max(newest, day.modifiedAt), oldestAt(rules, at));
  return place.kind === 'root' ? folderNode('', modifiedAt) : folderNode(place.folder, modifiedAt);
}

function childrenOf(
  context: Context,
  rules: RapRules,
  session: Session,
  place: RapPlace,
  at: Instant,
): readonly RapNode[] | null {
  switch (place.kind) {
    case 'root':
      return RAP_FOLDERS.map((folder) => nodeAt(context, rules, session, { kind: 'folder', folder }, at)).filter(
        (node) => node !== null,
      );
    case 'folder':
      return daysOf(context, rules, session, place.folder, at);
    case 'day': {
      const files = filesOn(context, rules, session, place.folder, place.date, at);
      return files.length === 0 ? null : files.map(fileNode);
    }
    case 'file':
      return null;
  }
}

function daysOf(context: Context, rules: RapRules, session: Session, folder: RapFolder, at: Instant): RapNode[] {
  return keptDates(at, rules.keptDays).flatMap((date) => {
    const modifiedAt = newestOn(context, rules, session, folder, date, at);
    return modifiedAt === null ? [] : [dayNode(folder, date, modifiedAt)];
  });
}

function filesOn(
  { store }: Context,
  rules: RapRules,
  session: Session,
  folder: RapFolder,
  date: MarketDate,
  at: Instant,
): readonly RapFile[] {
  if (!isKept(date, at, rules.keptDays)) return [];
  return store.books.rapFilesOn(ownerOf(folder, session), folder, date).filter((file) => file.publishedAt <= at);
}

/** When the newest file of a day was published; null if there is none. */
function newestOn(
  context: Context,
  rules: RapRules,
  session: Session,
  folder: RapFolder,
  date: MarketDate,
  at: Instant,
): Instant | null {
  const files = filesOn(context, rules, session, folder, date, at);
  return files.reduce<Instant | null>((newest, file) => Math.max(newest ?? 0, modifiedAtOf(file)), null);
}

const ownerOf = (folder: RapFolder, session: Session) => (folder === 'INBOX' ? session.participant : 'COMMON');

function fileNode(file: RapFile): RapNode {
  const path = `/${file.folder}/${compactDate(file.businessDate)}/${file.name}`;
  return { path, name: file.name, modifiedAt: modifiedAtOf(file), file };
}

function dayNode(folder: RapFolder, date: MarketDate, modifiedAt: Instant): RapNode {
  const name = compactDate(date);
  return { path: `/${folder}/${name}`, name, modifiedAt, file: null };
}

function folderNode(name: string, modifiedAt: Instant): RapNode {
  return { path: `/${name}`, name, modifiedAt, file: null };
}

/** The time of an empty folder: the start of the oldest day that is kept. */
function oldestAt({ keptDays }: RapRules, at: Instant): Instant {
  const [oldest] = keptDates(at, keptDays);
  return oldest === undefined ? at : startOfDay(oldest);
}

function notThere(path: string): Refusal {
  const shown = realPath(path).slice(0, 200);
  return refuse('NOT_FOUND', {
    en: `${shown} does not exist now. Files are in /INBOX, /COMMON and /RPF, by day, from their publication and for some days only.`,
    zh: `現時並無 ${shown}。檔案按日期存放於 /INBOX、/COMMON 及 /RPF，自發布時起保留數日。`,
  });
}
