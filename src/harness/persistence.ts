import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import type { Blobs } from '../store/blobs/blobs.ts';
import { FileBlobs, type HealedBlob } from '../store/blobs/file-blobs.ts';
import { MemoryBlobs } from '../store/blobs/memory-blobs.ts';
import { type ChangeLog, LogDamaged } from '../store/log/log.ts';
import { createMemoryLog } from '../store/log/memory-log.ts';
import { openSqliteLog } from '../store/log/sqlite-log.ts';
import { memoryNotebook, type Notebook, openNotebook } from '../store/notebook.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { ByCentre } from './reach.ts';
import { fileSnapshots, memorySnapshots, type Snapshots, type StartOfRun } from './snapshots.ts';

/** What the harness remembers across a restart, besides books and journal. */
export interface Remembered {
  readonly rehearsal: string;
  /** The ID or file that the first start named; null = none. */
  readonly choice: string | null;
  readonly seed: number;
  readonly at: Instant;
  readonly mode: 'running' | 'frozen';
  readonly rate: number;
  readonly lagMs: number;
  readonly registered: readonly string[];
  /** When the books began. */
  readonly since: Instant;
  /** What a reset goes back to; a harness before 0.2 did not keep it. */
  readonly start?: StartOfRun;
  /** Of all attempts. */
  readonly highestEpoch?: number;
  /** The snapshot (null: the start) whose books were being put in place as the process ended. */
  readonly replacing?: string | null;
}

/** Stores books, blobs and settings in a data folder, or in memory. */
export interface Persistence {
  readonly notebook: Notebook<Remembered>;
  readonly journalDir: string | undefined;
  readonly snapshots: Snapshots;
  /** Whether a harness came up with this data before. */
  wasUsed(): boolean;
  /** Path of a centre's change log if it is not there; null if it is, or is in memory. */
  missingLog(centre: CentreName): string | null;
  /** @throws LogDamaged, DataFolderError */
  openLog(centre: CentreName): ChangeLog;
  openBlobs(): Promise<ByCentre<Blobs>>;
  /** Uploads that a crash had broken off and that `openBlobs` removed. */
  leftovers(): number;
  /** Calls for each blob that is found damaged or missing and is copied from the other centre, those before included. */
  onHealedBlob(listener: (centre: CentreName, healed: HealedBlob) => void): void;
  close(): void;
}

export function openPersistence(data: string | undefined, program: string): Persistence {
  if (data === undefined) return inMemory();
  // Database and journal hold positions and password hashes: only the owner may read them, whatever the umask.
  for (const folder of ['primary', 'backup', 'journal'])
    mkdirSync(join(data, folder), { recursive: true, mode: 0o700 });
  const unlock = lock(join(data, 'lock'));
  const notebook = openNotebook<Remembered>([join(data, 'harness.json'), join(data, 'backup', 'harness.json')]);
  return {
    notebook,
    journalDir: join(data, 'journal'),
    snapshots: fileSnapshots(join(data, 'snapshots'), program),
    // The journal begins when everything is up.
    wasUsed: () => readdirSync(join(data, 'journal')).length > 0,
    // SQLite would take an empty file for a new one, unless its write-ahead log has the rest.
    missingLog(centre) {
      const file = logOf(data, centre);
      const hasBytes = (path: string) => existsSync(path) && statSync(path).size > 0;
      return hasBytes(file) || hasBytes(`${file}-wal`) ? null : file;
    },
    openLog: (centre) => openLog(logOf(data, centre), program),
    ...fileBlobs(data, () => notebook.isOld),
    close: unlock,
  };
}

/** Logs and blobs are the same at every opening. */
function inMemory(): Persistence {
  const logs = { primary: createMemoryLog(), backup: createMemoryLog() };
  const blobs = { primary: new MemoryBlobs(), backup: new MemoryBlobs() };
  return {
    notebook: memoryNotebook(),
    journalDir: undefined,
    snapshots: memorySnapshots(),
    wasUsed: () => false,
    missingLog: () => null,
    openLog: (centre) => logs[centre],
    openBlobs: async () => blobs,
    leftovers: () => 0,
    onHealedBlob: () => undefined,
    close: () => undefined,
  };
}

const logOf = (data: string, centre: CentreName) => join(data, centre, 'changes.sqlite');

function fileBlobs(data: string, isOld: () => boolean): Pick<Persistence, 'openBlobs' | 'leftovers' | 'onHealedBlob'> {
  let leftovers = 0;
  const healedEarly: [CentreName, HealedBlob][] = [];
  let onHealed = (centre: CentreName, healed: HealedBlob): void => void healedEarly.push([centre, healed]);
  return {
    async openBlobs() {
      const [primary, backup] = [
        await FileBlobs.open(join(data, 'primary', 'blobs')),
        await FileBlobs.open(join(data, 'backup', 'blobs')),
      ];
      leftovers = primary.leftovers + backup.leftovers;
      // An old folder's centres share files by hard links; giving one centre its own copies is enough.
      if (isOld()) await backup.blobs.unshare();
      primary.blobs.healFrom(backup.blobs, (healed) => onHealed('primary', healed));
      backup.blobs.healFrom(primary.blobs, (healed) => onHealed('backup', healed));
      return { primary: primary.blobs, backup: backup.blobs };
    },
    leftovers: () => leftovers,
    onHealedBlob(listener) {
      onHealed = listener;
      for (const early of healedEarly.splice(0)) listener(...early);
    },
  };
}

/** Returns a function that saves the record. If the disk is full, the journal says so (once until it works again). */
export function recordSaver(notebook: Notebook<Remembered>, journal: Journal, record: () => Remembered): () => void {
  let isFailing = false;
  return () => {
    try {
      notebook.write(record());
      isFailing = false;
    } catch (error) {
      if (!isFailing) journal.note('error', {}, { what: 'the record of the harness', says: String(error) });
      isFailing = true;
    }
  };
}

/** The data folder cannot be used; the message says why and names the next step. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

function openLog(file: string, program: string): ChangeLog {
  try {
    return openSqliteLog({ file, program });
  } catch (error) {
    if (error instanceof LogDamaged) throw error;
    throw new DataFolderError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Allows one harness per folder: the lock file names its process; the lock of a dead process is stale. */
function lock(file: string): () => void {
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, `${process.pid} ${startedAt(process.pid)}`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const [pid = '', started = ''] = readFileSync(file, 'utf8').split(' ');
      if (isAlive(Number(pid), started)) {
        throw new DataFolderError(
          `${file}: process ${pid} uses this data folder. Stop it, or start with another --data folder.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
  throw new DataFolderError(`${file}: another harness is starting in this data folder. Try again.`);
}

/** Whether the same process is alive: in a container every start has the same PID, and a crash leaves its lock behind. */
function isAlive(pid: number, started: string): boolean {
  if (!(pid > 0) || startedAt(pid) !== started) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Start of a process in clock ticks since boot; empty on systems other than Linux, which do not say, and for a zombie,
 * which holds no lock though it can still be signalled.
 */
function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2 is the program's name in brackets and may contain blanks; field 3 is the state, field 22 the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
