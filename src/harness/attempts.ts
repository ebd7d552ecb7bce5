import type { Commit } from '../domain/change.ts';
import { nearest } from '../domain/nearest.ts';
import { CENTRE_NAMES } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { sessionHead } from '../service/journal-entries.ts';
import type { Market, MarketSetup, MarketStart } from './market.ts';
import type { Persistence } from './persistence.ts';
import {
  copyInto,
  MOST_SNAPSHOTS,
  type Snapshot,
  type Snapshots,
  type Standing,
  type StartOfRun,
} from './snapshots.ts';

export interface AttemptsOptions {
  readonly setup: Omit<MarketSetup, 'registered'> & { readonly registered: Set<string> };
  readonly market: () => Market;
  readonly start: () => StartOfRun;
  readonly snapshots: Snapshots;
  /** The highest epoch of the attempts before this one. */
  readonly epochs: { highest: number };
  /** Saves that the books are being replaced, by those of a snapshot or (null) of the start; a crash goes on with that. */
  readonly replacing: (name: string | null, to: Standing) => void;
  /** Opens the market of the books that are there now, in place of the one that was closed. */
  readonly reopen: (start: Pick<MarketStart, 'lagMs' | 'epochAbove'>) => Promise<void>;
  /** Admits requests and does the runs that are due. */
  readonly begin: () => Promise<void>;
}

/** A new attempt at a rehearsal, in the same process and on the same ports: from the start, or from a snapshot. */
export interface Attempts {
  /** Back to the start of the run; hides the journal. */
  reset(): Promise<Refusal | null>;
  /** Waits as a move of the clock does, then stores books, clock, lag and registration under a name. */
  take(name: string): Promise<Snapshot | Refusal>;
  restore(name: string): Promise<Snapshot | Refusal>;
  list(): readonly Snapshot[];
  remove(name: string): Snapshot | Refusal;
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { setup, market, start, snapshots, epochs, begin } = options;
  const { clock, journal, sessions, registered } = setup;

  const standing = (): Standing => ({
    ...clock.read(),
    lagMs: market().switchover.lagMs(),
    registered: [...registered].sort(),
  });

  /** Ends connections, sessions and work under way, and closes the books. Nothing rings meanwhile. */
  async function end(): Promise<void> {
    const old = market();
    for (const name of CENTRE_NAMES) {
      epochs.highest = Math.max(epochs.highest, old.centres[name].store.head().epoch);
      old.centres[name].admitting = false;
      setup.reach().connected[name].cut();
      for (const session of sessions[name].endAll('reset', clock.now()))
        journal.note('session-ended', sessionHead(session), { why: 'reset' });
    }
    await old.active().service.batches.pause();
    await clock.freeze();
    // A switch that rang just now has begun the other centre's batches.
    await old.active().service.batches.pause();
    await old.close();
  }

  /** Opens the market of the books that are there now. */
  async function stand(to: Standing, epochAbove?: number): Promise<void> {
    clock.restart(to);
    registered.clear();
    for (const participant of to.registered) registered.add(participant);
    await options.reopen({ lagMs: to.lagMs, ...(epochAbove !== undefined && { epochAbove }) });
  }

  /** Replaces the books by those of a snapshot, or (null) of the start. If that fails, what stood before goes on. */
  async function replace(name: string | null, to: Standing): Promise<Refusal | null> {
    // Before anything ends: whether the disk takes a write at all.
    const refused = await market().active().store.commitNothing();
    if (refused) return refused;
    let stands = standing();
    await end();
    try {
      options.replacing(name, to);
      await replaceBooks(setup.persistence, start(), snapshots, name);
      stands = to;
      await stand(to, name === null ? undefined : epochs.highest);
      return null;
    } catch (error) {
      await stand(stands);
      await begin();
      throw error;
    }
  }

  return {
    async reset() {
      const refused = await replace(null, start());
      if (refused) return refused;
      journal.clear();
      journal.note('reset', { centre: market().active().name }, {});
      await begin();
      return null;
    },
    async take(name) {
      const isNew = !snapshots.list().some((one) => one.name === name);
      if (isNew && snapshots.list().length >= MOST_SNAPSHOTS) return tooMany();
      await clock.moveTo((from) => from);
      const { store } = market().active();
      await store.idle();
      const position = store.head();
      const active = market().active().name;
      const of = { name, active, position, ...standing() };
      const snapshot = await snapshots.take(of, upTo(position.index, store.since(0)));
      journal.note('snapshot', { centre: active }, { name, marketTime: of.at });
      return snapshot;
    },
    async restore(name) {
      const snapshot = snapshots.list().find((one) => one.name === name);
      if (!snapshot) return unknown(name, snapshots);
      const refused = await replace(name, snapshot);
      if (refused) return refused;
      journal.note('restore', { centre: market().active().name }, { name, marketTime: snapshot.at });
      await begin();
      return snapshot;
    },
    list: () => snapshots.list(),
    remove(name) {
      const snapshot = snapshots.list().find((one) => one.name === name);
      if (!snapshot) return unknown(name, snapshots);
      snapshots.remove(name);
      return snapshot;
    },
  };
}

/** Makes both centres' logs those of a snapshot, or (null) of the start. Can be repeated if it was broken off. */
export async function replaceBooks(
  persistence: Pick<Persistence, 'openLog'>,
  { index }: Pick<StartOfRun, 'index'>,
  snapshots: Pick<Snapshots, 'commits'>,
  name: string | null,
): Promise<void> {
  for (const centre of CENTRE_NAMES) {
    const log = persistence.openLog(centre);
    try {
      await log.truncate(index);
      if (name === null) continue;
      await copyInto(log, above(index, snapshots.commits(name)));
    } finally {
      await log.close();
    }
  }
}

async function* above(index: number, commits: AsyncIterable<Commit>): AsyncGenerator<Commit> {
  for await (const commit of commits) if (commit.index > index) yield commit;
}

async function* upTo(index: number, commits: AsyncIterable<Commit>): AsyncGenerator<Commit> {
  for await (const commit of commits) {
    if (commit.index > index) return;
    yield commit;
  }
}

function unknown(name: string, snapshots: Snapshots): Refusal {
  const names = snapshots.list().map((one) => one.name);
  const near = nearest(name, names).join(', ') || names.slice(0, 5).join(', ') || 'none yet';
  return refuse('NOT_FOUND', {
    en: `There is no snapshot ${name}. There are: ${near}`,
    zh: `並無快照 ${name}。現有：${near}`,
  });
}

const tooMany = () =>
  refuse('TOO_MANY_SNAPSHOTS', {
    en: `There are ${MOST_SNAPSHOTS} snapshots already. Remove one (snapshots --remove NAME), or take this one under the name of another.`,
    zh: `快照已達 ${MOST_SNAPSHOTS} 個。請先移除一個（snapshots --remove 名稱），或使用現有名稱取代。`,
  });
