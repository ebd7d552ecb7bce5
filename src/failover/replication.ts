import { blobsOf, type Commit } from '../domain/change.ts';
import type { Instant } from '../domain/nouns/market.ts';
import type { Store } from '../store/store.ts';
import type { Alarm, Clock } from '../testbed/clock/clock.ts';

/** Rows per append at the standby, so that a large backlog goes in bounded steps; a larger commit goes alone. */
const ROWS_PER_STEP = 8_192;
/** Market time until a retry after the standby failed, if the lag is shorter. */
const RETRY_MS = 1_000;

export interface ReplicationOptions {
  /** The active centre's books. */
  readonly from: Store;
  /** The standby's. */
  readonly to: Store;
  readonly clock: Pick<Clock, 'now' | 'background'>;
  /** Market milliseconds between a commit and its arrival at the standby; 0 = before its acknowledgement leaves. */
  readonly lagMs: number;
  /** For the alarm's name, such as `backup`. */
  readonly toName: string;
  /** Called when the standby fails to take a commit (once until it works again); the active centre goes on without it. */
  readonly onError: (error: unknown) => void;
}

export interface Replication {
  /** Commits that are durable at the active centre and not at the standby, in order. */
  behind(): readonly Commit[];
  /** Ships everything now, whatever the lag; resolves with the number of commits. Rejects if the standby fails. */
  shipAll(): Promise<number>;
  lagMs(): number;
  /** Applies to waiting commits too: each ships when the new lag has passed since it. */
  setLag(lagMs: number): Promise<void>;
  /**
   * Ships nothing after the step under way. Commits that become durable later count as behind; with lag 0, where they
   * would have to ship first, they are never acknowledged.
   */
  halt(): void;
  /** Halts, waits for the step under way, and unsubscribes. Fence the active store before. */
  stop(): Promise<void>;
}

/** A blob that a commit names is at neither centre. This is a bug, since a blob is stored before the change that names it. */
export class MissingBlob extends Error {
  constructor(sha256: string, commit: Commit) {
    super(`commit ${commit.epoch}:${commit.index} names blob ${sha256}, which the active centre does not have`);
    this.name = 'MissingBlob';
  }
}

/** Starts shipping, beginning with what `to` lacks now. */
export async function startReplication(options: ReplicationOptions): Promise<Replication> {
  const { from, to, clock, onError } = options;
  let lagMs = options.lagMs;
  let stopped = false;
  let failing = false;
  let alarm: Alarm | undefined;
  /** Not yet at the standby, in order of the log. */
  const waiting: Commit[] = [];
  /** Steps run one after another; the first reads the backlog. */
  let steps: Promise<unknown> = Promise.resolve();

  const inStep = <T>(work: () => Promise<T>): Promise<T> => {
    const next = steps.then(work);
    steps = next.catch(() => undefined);
    return next;
  };

  /** Ships the waiting commits up to `index`. Rejects if the standby fails, or if replication stopped before. */
  const ship = (index: number): Promise<number> =>
    inStep(async () => {
      let count = 0;
      for (;;) {
        const commits = step(waiting, index);
        const last = commits.at(-1);
        if (!last) break;
        if (stopped) throw new Error(`replication stopped before commit ${last.epoch}:${last.index} was shipped`);
        await copyCommits(from, to, commits);
        waiting.splice(0, commits.length);
        from.shared(last.index);
        count += commits.length;
      }
      failing = false;
      return count;
    });

  /** Like ship, but reports a failing standby, so that it does not block the active centre. */
  async function shipOrReport(index: number): Promise<void> {
    try {
      await ship(index);
    } catch (error) {
      if (stopped) throw error;
      const known = failing;
      failing = true;
      if (error instanceof MissingBlob) throw error;
      if (!known) onError(error);
    }
  }

  /** Takes as long as shipping a commit. A failing standby is reported when there is something to ship. */
  async function shipNothing(): Promise<void> {
    await inStep(() => (stopped ? Promise.resolve() : to.applyCommits([]))).catch(() => undefined);
  }

  function dueIndex(at: Instant): number {
    let index = 0;
    for (const commit of waiting) {
      if (commit.at + lagMs > at) break;
      index = commit.index;
    }
    return index;
  }

  function arm() {
    alarm?.cancel();
    alarm = undefined;
    const first = waiting[0];
    if (stopped || !first || lagMs === 0) return;
    // After a failure, retry no sooner than a lag from now: an alarm in the past would ring for ever.
    const when = failing ? clock.now() + Math.max(lagMs, RETRY_MS) : first.at + lagMs;
    alarm = clock.background(when, `replication to ${options.toName}`, async (at) => {
      try {
        await shipOrReport(dueIndex(at));
      } catch (error) {
        if (!stopped) throw error;
      } finally {
        arm();
      }
    });
  }

  function halt() {
    stopped = true;
    alarm?.cancel();
  }

  const unsubscribe = from.onCommit((commits) => {
    if (commits.length === 0) return lagMs === 0 ? shipNothing() : undefined;
    const first = waiting.length === 0;
    waiting.push(...commits);
    if (lagMs === 0) return shipOrReport(commits.at(-1)?.index ?? 0);
    if (first) arm();
  });
  await inStep(async () => {
    const known = to.head().index;
    from.shared(known);
    const backlog: Commit[] = [];
    for await (const commit of from.since(known)) {
      if (commit.index >= (waiting[0]?.index ?? Number.POSITIVE_INFINITY)) break;
      backlog.push(commit);
    }
    waiting.unshift(...backlog);
  });
  if (lagMs === 0) await shipOrReport(Number.POSITIVE_INFINITY);
  else arm();

  return {
    behind: () => waiting.slice(),
    shipAll: () => ship(Number.POSITIVE_INFINITY).finally(arm),
    lagMs: () => lagMs,
    async setLag(newLagMs) {
      lagMs = newLagMs;
      if (lagMs === 0) await shipOrReport(Number.POSITIVE_INFINITY);
      arm();
    },
    halt,
    async stop() {
      halt();
      await steps;
      unsubscribe();
    },
  };
}

/** The first waiting commits, up to `index`, that fit into one step. */
function step(waiting: readonly Commit[], index: number): Commit[] {
  const commits: Commit[] = [];
  let rows = 0;
  for (const commit of waiting) {
    rows += commit.changes.length;
    if (commit.index > index || (commits.length > 0 && rows > ROWS_PER_STEP)) break;
    commits.push(commit);
  }
  return commits;
}

/** Copies commits to the other store, after the blobs that they name; `skip` goes on without blobs that cannot be read. */
export async function copyCommits(
  from: Store,
  to: Store,
  commits: readonly Commit[],
  lostBlobs: 'skip' | 'fail' = 'fail',
): Promise<void> {
  for (const commit of commits) {
    for (const sha256 of commit.changes.flatMap(blobsOf)) {
      try {
        if (!(await to.blobs.copyFrom(from.blobs, sha256))) throw new MissingBlob(sha256, commit);
      } catch (error) {
        if (lostBlobs === 'fail') throw error;
      }
    }
  }
  await to.applyCommits(commits);
}
