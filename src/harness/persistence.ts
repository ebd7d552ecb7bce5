import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import type { Blobs } from '../store/blobs/blobs.ts';
import { FileBlobs } from '../store/blobs/file-blobs.ts';
import { MemoryBlobs } from '../store/blobs/memory-blobs.ts';
import type { ChangeLog } from '../store/log/log.ts';
import { createMemoryLog } from '../store/log/memory-log.ts';
import { openSqliteLog } from '../store/log/sqlite-log.ts';
import { memoryNotebook, type Notebook, openNotebook } from '../store/notebook.ts';

/** What the harness remembers across a restart, besides books and journal. */
export interface Remembered {
  readonly rehearsal: string;
  /** As the first start named it: an ID or a file; null = it did not. */
  readonly choice: string | null;
  readonly seed: number;
  readonly at: Instant;
  readonly mode: 'running' | 'frozen';
  readonly rate: number;
  readonly lagMs: number;
  readonly registered: readonly string[];
  /** When the books began. */
  readonly since: Instant;
}

/** Stores books, blobs and settings in a data folder, or in memory. */
export interface Persistence {
  readonly notebook: Notebook<Remembered>;
  readonly journalDir: string | undefined;
  open(centre: CentreName): Promise<{ readonly log: ChangeLog; readonly blobs: Blobs; readonly leftovers: number }>;
  close(): void;
}

export function openPersistence(data: string | undefined, program: string): Persistence {
  if (data === undefined) {
    return {
      notebook: memoryNotebook(),
      journalDir: undefined,
      open: async () => ({ log: createMemoryLog(), blobs: new MemoryBlobs(), leftovers: 0 }),
      close: () => undefined,
    };
  }
  // Positions, hashes of passwords, what participants read: the database and the journal are readable by the owner only, whatever the umask.
  for (const folder of ['primary', 'backup', 'journal'])
    mkdirSync(join(data, folder), { recursive: true, mode: 0o700 });
  const unlock = lock(join(data, 'lock'));
  return {
    notebook: openNotebook(join(data, 'harness.json')),
    journalDir: join(data, 'journal'),
    async open(centre) {
      const { blobs, leftovers } = await FileBlobs.open(join(data, centre, 'blobs'));
      return { log: openLog(join(data, centre, 'changes.sqlite'), program), blobs, leftovers };
    },
    close: unlock,
  };
}

/** The data folder cannot be used; the message says why and what to do. */
class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

function openLog(file: string, program: string): ChangeLog {
  try {
    return openSqliteLog({ file, program });
  } catch (error) {
    throw new DataFolderError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** One harness per folder: the lock file names its process; a lock of a dead process is stale. */
function lock(file: string): () => void {
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, `${process.pid} ${startedAt(process.pid)}`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const [pid = '', born = ''] = readFileSync(file, 'utf8').split(' ');
      if (isAlive(Number(pid), born)) {
        throw new DataFolderError(
          `${file}: process ${pid} uses this data folder. Stop it, or start with another --data folder.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
  throw new DataFolderError(`${file}: another harness starts in this data folder at this moment. Try again.`);
}

/** Whether that same process is alive: in a container every start has the same PID, and a crash leaves its lock behind. */
function isAlive(pid: number, born: string): boolean {
  if (!(pid > 0) || startedAt(pid) !== born) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * When a process began, in ticks since the machine did; empty where the system does not tell (it is Linux that does), and for
 * one that has ended and whose parent has not taken note: it holds nothing any more, though it can still be signalled.
 */
function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold blanks; the third is the state, the twenty-second the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
