import { type Commit, isAfter, type Position } from '../domain/change.ts';
import { CENTRE_NAMES, type CentreName } from '../domain/nouns/market.ts';
import { other } from '../failover/switchover.ts';
import type { Blobs } from '../store/blobs/blobs.ts';
import { type DamagedLog, inspectLog, setLogAside, undamagedCommits } from '../store/log/damaged-log.ts';
import { type ChangeLog, LogDamaged, ORIGIN } from '../store/log/log.ts';
import { openStore, type Store, type StoreOptions } from '../store/store.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { DataFolderError, type Persistence } from './persistence.ts';
import type { ByCentre } from './reach.ts';

/** One centre's books, open. */
export interface OpenBooks {
  readonly store: Store;
  close(): Promise<void>;
}

/** A file of the data folder that was damaged, and what was done about it. */
export interface Healed {
  readonly what: 'log' | 'blob' | 'record';
  readonly centre: CentreName | null;
  readonly file: string;
  /** Where the damaged file is now; null if it was missing. */
  readonly setAside: string | null;
  /** The centre whose copy took its place; null: the file's own undamaged part, or the record's copy. */
  readonly from: CentreName | null;
}

/** What a log that cannot be read as a whole still offers. */
type Damage = DamagedLog & { readonly why: string };
interface Found {
  readonly books: Record<CentreName, OpenBooks | null>;
  readonly damage: Record<CentreName, Damage | null>;
}

export interface OpenBooksOptions {
  readonly persistence: Persistence;
  readonly clock: StoreOptions['clock'];
  /** Replication lag of the run before. */
  readonly lagMs: number;
  /** Whether a harness came up in this data folder before: a log that is missing was deleted then. */
  readonly isUsed: boolean;
  readonly acceptLoss: boolean;
}

/**
 * Opens the books of both centres. A damaged log is set aside, and that centre is then rebuilt from the other one.
 * @throws DataFolderError where that would lose something that was acknowledged, unless `acceptLoss` says to go on
 */
export async function openBooks(
  options: OpenBooksOptions,
): Promise<{ readonly books: ByCentre<OpenBooks>; readonly healed: readonly Healed[] }> {
  const { persistence, clock, lagMs, acceptLoss } = options;
  const blobs = await persistence.openBlobs();
  const found = await openEach(options, blobs);
  const { primary, backup } = found.books;
  if (primary && backup) return { books: { primary, backup }, healed: [] };

  const source = furthest(found);
  const loss = lossOf(found, source, lagMs);
  if (loss && !acceptLoss) {
    await primary?.close();
    await backup?.close();
    throw new DataFolderError(loss);
  }
  const healed: Healed[] = [];
  const rebuilt = async (name: CentreName): Promise<OpenBooks> => {
    const { books, damage } = found;
    if (books[name]) return books[name];
    const file = damage[name]?.file ?? '';
    const setAside = setLogAside(file);
    const from = source.name === name ? null : source.name;
    healed.push({ what: 'log', centre: name, file, setAside, from });
    const log = persistence.openLog(name);
    if (from === null && setAside !== null) await fill(log, setAside);
    return opened(log, blobs[name], clock);
  };
  return { books: { primary: await rebuilt('primary'), backup: await rebuilt('backup') }, healed };
}

async function openEach({ persistence, clock, isUsed }: OpenBooksOptions, blobs: ByCentre<Blobs>): Promise<Found> {
  const books: Found['books'] = { primary: null, backup: null };
  const damage: Found['damage'] = { primary: null, backup: null };
  for (const name of CENTRE_NAMES) {
    const missing = isUsed ? persistence.missingLog(name) : null;
    if (missing !== null) {
      damage[name] = { ...inspectLog(missing), why: `${missing} is missing` };
      continue;
    }
    let log: ChangeLog | undefined;
    try {
      log = persistence.openLog(name);
      books[name] = await opened(log, blobs[name], clock);
    } catch (error) {
      await log?.close();
      if (!(error instanceof LogDamaged)) {
        await books.primary?.close();
        throw error;
      }
      damage[name] = { ...inspectLog(error.file), why: error.message };
    }
  }
  return { books, damage };
}

/** Reads the whole log, and so notices damage: @throws LogDamaged */
async function opened(log: ChangeLog, blobs: Blobs, clock: StoreOptions['clock']): Promise<OpenBooks> {
  return { store: await openStore({ log, blobs, clock }), close: () => log.close() };
}

/** The centre whose log can be read furthest, and how far. */
function furthest({ books, damage }: Found): { readonly name: CentreName; readonly position: Position } {
  const reach = (name: CentreName) => books[name]?.store.head() ?? damage[name]?.wholeUpTo ?? ORIGIN;
  const name = isAfter(reach('backup'), reach('primary')) ? 'backup' : 'primary';
  return { name, position: reach(name) };
}

/** Why going on would lose what was acknowledged, in words; null if it would lose nothing. */
function lossOf({ books, damage }: Found, source: ReturnType<typeof furthest>, lagMs: number): string | null {
  const damaged = CENTRE_NAMES.flatMap((name) => damage[name] ?? []);
  const whys = damaged.map(({ why }) => why).join('; ');
  const remedy = `Restore ${damaged.map(({ file }) => file).join(' or ')} from a copy`;
  const { name, position } = source;
  const heads = damaged.map(({ head }) => head);
  const last = heads.reduce<Position>((most, head) => (head && isAfter(head, most) ? head : most), position);
  if (position.index === 0) {
    const upTo = last.index > 0 ? `, which were acknowledged up to commit ${words(last)},` : '';
    return `${whys}. Nothing of the books${upTo} can be read at either centre. ${remedy}, or start with another --data folder.`;
  }
  const goesOn = `${remedy}, or start again with --accept-loss: the books then go on from ${words(position)}, and the damaged files are kept under other names.`;
  if (isAfter(last, position)) {
    return `${whys}. It was acknowledged up to commit ${words(last)}, and the other centre has no more than ${words(position)}: ${last.index - position.index} commits would be lost. ${goesOn}`;
  }
  // How far the damaged one had come is unknown: with a lag it may have been further on than the one that followed it.
  const wasActive = books[name]?.store.epochs().at(-1)?.active;
  if (heads.includes(null) && lagMs > 0 && wasActive === other(name)) {
    return `${whys}. The ${name} centre followed it with a lag of ${lagMs / 1000} s of market time: what was acknowledged after ${words(position)} would be lost. ${goesOn}`;
  }
  return null;
}

/** Commits in one append, which is one wait for the disk. */
const STEP = 64;

async function fill(log: ChangeLog, setAside: string): Promise<void> {
  let step: Commit[] = [];
  const append = async () => {
    if (step.length > 0) await log.append(step, log.head());
    step = [];
  };
  for (const commit of undamagedCommits(setAside)) {
    step.push(commit);
    if (step.length === STEP) await append();
  }
  await append();
}

const words = ({ epoch, index }: Position) => `${epoch}:${index}`;

/** Records of the harness that were damaged; their copy was read instead. */
export function recordsHealed({ setAside }: Persistence['notebook']): Healed[] {
  return setAside.map((one) => ({ what: 'record', centre: null, from: null, ...one }));
}

export function noteHealed(journal: Pick<Journal, 'note'>, { what, centre, from, file, setAside }: Healed): void {
  journal.note(
    'healed',
    { centre },
    { what, file, ...(setAside !== null && { setAside }), ...(from !== null && { from }) },
  );
}

const HEALED = { log: 'the change log', blob: 'a stored file', record: 'the record of the harness' } as const;

/** What was healed, as a sentence. */
export function healedWords({ what, centre, file, setAside, from }: Healed): string {
  const subject = centre === null ? HEALED[what] : `${HEALED[what]} of the ${centre} centre`;
  const source = from !== null ? `the ${from} centre's` : what === 'record' ? 'its copy' : 'its undamaged part';
  const fate = setAside === null ? `${file} was missing` : `${file} was damaged and is now ${setAside}`;
  return `${subject} was restored from ${source}: ${fate}`;
}
