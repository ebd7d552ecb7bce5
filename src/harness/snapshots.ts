import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commit, Position } from '../domain/change.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import { type ChangeLog, ORIGIN } from '../store/log/log.ts';
import { createMemoryLog } from '../store/log/memory-log.ts';
import { openSqliteLog } from '../store/log/sqlite-log.ts';
import type { ClockReading } from '../testbed/clock/clock.ts';

/** What a reset or a restore brings back, besides the books. */
export interface Standing extends ClockReading {
  readonly lagMs: number;
  readonly registered: readonly string[];
}

/** Where a run began: how its books stood once they were filled, and what else a reset brings back. */
export interface StartOfRun extends Standing {
  /** Index of the last commit of the filling. */
  readonly index: number;
}

export interface Snapshot extends Standing {
  readonly name: string;
  readonly active: CentreName;
  /** The last commit of its books. */
  readonly position: Position;
  /** Bytes of its change log. */
  readonly sizeBytes: number;
}

/** Named states of a world: in memory, or under the data folder. */
export interface Snapshots {
  /** By name. */
  list(): readonly Snapshot[];
  /** Stores these commits under a name; what had the name before is replaced once the new one is whole. */
  take(of: Omit<Snapshot, 'sizeBytes'>, commits: AsyncIterable<Commit>): Promise<Snapshot>;
  /** Its commits from the first to `position`. */
  commits(name: string): AsyncIterable<Commit>;
  /** False if there is none of that name. */
  remove(name: string): boolean;
}

/** Most of them at a time. Mock convention. */
export const MOST_SNAPSHOTS = 20;
/** Commits in one append, which is one wait for the disk. */
const STEP = 64;

/** Appends commits in steps. */
export async function copyInto(log: ChangeLog, commits: AsyncIterable<Commit>): Promise<void> {
  let step: Commit[] = [];
  for await (const commit of commits) {
    step.push(commit);
    if (step.length < STEP) continue;
    await log.append(step, log.head());
    step = [];
  }
  if (step.length > 0) await log.append(step, log.head());
}

async function* commitsOf(log: ChangeLog): AsyncGenerator<Commit> {
  for await (const chunk of log.read(ORIGIN.index)) yield* chunk;
}

const byName = (a: Snapshot, b: Snapshot) => (a.name < b.name ? -1 : 1);

export function memorySnapshots(): Snapshots {
  const all = new Map<string, { readonly snapshot: Snapshot; readonly log: ChangeLog }>();
  return {
    list: () => [...all.values()].map(({ snapshot }) => snapshot).toSorted(byName),
    async take(of, commits) {
      const log = createMemoryLog();
      let sizeBytes = 0;
      const counted = async function* () {
        for await (const commit of commits) {
          sizeBytes += JSON.stringify(commit.changes).length;
          yield commit;
        }
      };
      await copyInto(log, counted());
      const snapshot = { ...of, sizeBytes };
      all.set(of.name, { snapshot, log });
      return snapshot;
    },
    async *commits(name) {
      const found = all.get(name);
      if (found) yield* commitsOf(found.log);
    },
    remove: (name) => all.delete(name),
  };
}

/** @param folder of the snapshots: each is a folder with its change log and what else it holds */
export function fileSnapshots(folder: string, program: string): Snapshots {
  const LOG = 'changes.sqlite';
  const RECORD = 'snapshot.json';
  const UNFINISHED = '.unfinished';
  // What a crash broke off.
  for (const name of namesIn(folder)) if (name.endsWith(UNFINISHED)) rmSync(join(folder, name), { recursive: true });

  const read = (name: string): Snapshot => JSON.parse(readFileSync(join(folder, name, RECORD), 'utf8'));
  return {
    list: () => namesIn(folder).map(read).toSorted(byName),
    async take(of, commits) {
      const unfinished = join(folder, `${of.name}${UNFINISHED}`);
      const place = join(folder, of.name);
      try {
        mkdirSync(unfinished, { recursive: true, mode: 0o700 });
        const log = openSqliteLog({ file: join(unfinished, LOG), program });
        await copyInto(log, commits).finally(() => log.close());
        const snapshot = { ...of, sizeBytes: statSync(join(unfinished, LOG)).size };
        writeFileSync(join(unfinished, RECORD), JSON.stringify(snapshot), { mode: 0o600, flush: true });
        rmSync(place, { recursive: true, force: true });
        renameSync(unfinished, place);
        return snapshot;
      } catch (error) {
        rmSync(unfinished, { recursive: true, force: true });
        throw error;
      }
    },
    async *commits(name) {
      const log = openSqliteLog({ file: join(folder, name, LOG), program });
      try {
        yield* commitsOf(log);
      } finally {
        await log.close();
      }
    },
    remove(name) {
      if (!namesIn(folder).includes(name)) return false;
      rmSync(join(folder, name), { recursive: true });
      return true;
    },
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
