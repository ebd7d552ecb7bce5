import { hash } from 'node:crypto';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { Rehearsal } from '../domain/calendar/rehearsal.ts';
import type { Recovery } from '../domain/change.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import { MissingBlob } from '../failover/replication.ts';
import type { FixtureChoice } from '../loading/loading.ts';
import { BlobDamaged } from '../store/blobs/blobs.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import type { BuiltCentre } from './centre-core.ts';
import type { OpenBooks } from './open-books.ts';
import type { HarnessOptions } from './options.ts';
import { DataFolderError, type Remembered } from './persistence.ts';

/** The fixtures to load; a data folder keeps the rehearsal that it was created with. */
export function fixtureChoice(options: HarnessOptions, before: Remembered | null, isUsed: boolean): FixtureChoice {
  const { onProgress } = options;
  if (
    before &&
    options.rehearsal !== undefined &&
    options.rehearsal !== before.choice &&
    options.rehearsal !== before.rehearsal
  ) {
    throw new Error(
      `${options.data} was created with the rehearsal ${before.rehearsal}, not ${options.rehearsal}: start without --rehearsal, or with another --data folder.`,
    );
  }
  const rehearsal = options.rehearsal ?? before?.choice ?? undefined;
  return {
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(options.market === undefined ? {} : { market: options.market }),
    ...(options.layouts === undefined ? {} : { layouts: options.layouts }),
    ...(options.reports === undefined ? {} : { reports: options.reports }),
    ...(options.stress === undefined ? {} : { stress: options.stress }),
    // The first start has seeded the books already.
    ...(isUsed ? { instructions: false } : {}),
    ...(onProgress ? { onShare: (share: number) => onProgress({ what: 'checking instructions', share }) } : {}),
  };
}

/** A restart resumes market time; a first start takes it from the options, else from the rehearsal. */
export function startOfTime(options: HarnessOptions, before: Remembered | null, rehearsal: Rehearsal) {
  if (before) return { at: before.at, mode: options.clock ?? before.mode, rate: options.rate ?? before.rate };
  const at = options.at ?? rehearsal.start ?? 'now';
  return { at, mode: options.clock ?? (rehearsal.start === null ? 'running' : 'frozen'), rate: options.rate ?? 1 };
}

/** The centre that is active at an instant by the timetable's last switch before it. */
export function activeAt(rehearsal: Rehearsal, at: Instant): CentreName {
  const past = rehearsal.switches.filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
  return past.at(-1)?.to ?? rehearsal.active;
}

/** What a start without its record would have to do without, as an error. */
export function recordLost(data: string | undefined): DataFolderError {
  return new DataFolderError(
    `${data}/harness.json is missing or damaged, and so is its copy ${data}/backup/harness.json, but the books are there. Put one of them back, or start again with --accept-loss: the rehearsal, the seed, the lag and who is registered are then those of your options, and market time goes on where books and journal end.`,
  );
}

/** Says what to do where a centre cannot be rebuilt because a stored file is at neither. */
export function filesLost(error: unknown): never {
  if (!(error instanceof BlobDamaged || error instanceof MissingBlob)) throw error;
  throw new DataFolderError(
    `${error.message}. One centre has to be rebuilt from the other, which needs it. Restore it, or start again with --accept-loss: the file is then not served.`,
    { cause: error },
  );
}

/** Market time of a centre's first commit, when its books began; null if there is none. */
export async function firstInstant({ store }: OpenBooks): Promise<Instant | null> {
  for await (const commit of store.since(0)) return commit.at;
  return null;
}

/** Market time of a centre's last commit; 0 if there is none. */
export async function lastInstant({ store }: BuiltCentre): Promise<Instant> {
  let last = 0;
  for await (const commit of store.since(store.head().index - 1)) last = commit.at;
  return last;
}

/** Market time of the newest journal entry; 0 if there is none. */
export async function lastEntry(journal: Journal): Promise<Instant> {
  const [entry] = await journal.query({ after: journal.last - 1, hidden: true });
  return entry?.at ?? 0;
}

/** What a restart found, as sentences. */
export function recoveredWords(recovery: Recovery, at: Instant, leftovers: number, active: BuiltCentre): string[] {
  const { epoch, shipped, rewound, lost, lostBatches } = recovery;
  const { index } = active.store.head();
  const unfinished = active.service.batches.underWay().length;
  return [
    `the books are at ${epoch}:${index}, active centre ${recovery.active}, market time ${formatHkt(at, 'seconds')}`,
    ...(shipped > 0 ? [`${shipped} commits were copied to the other centre`] : []),
    ...(rewound
      ? [`the ${rewound} centre was rewound: ${lost.length} changes, batches lost: ${lostBatches.join(', ') || 'none'}`]
      : []),
    ...(leftovers > 0 ? [`${leftovers} incomplete uploads were removed`] : []),
    ...(unfinished > 0 ? [`${unfinished} acknowledged batches resume where they were`] : []),
  ];
}

/** SHA-256 of a rehearsal as loaded, so that the journal identifies the timetable in use. */
export function digestOf(rehearsal: Rehearsal): string {
  return hash('sha256', JSON.stringify(rehearsal));
}
