import { CENTRE_WORDS } from '../domain/calendar/timetable-words.ts';
import type { SwitchMode, SwitchReport } from '../domain/change.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import { isDiskFull, type Refusal, refuse } from '../domain/refusal.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../testbed/clock/clock.ts';
import type { Journal } from '../testbed/journal/journal.ts';
import { carriedCounters, lostBatches, lostChanges } from './loss.ts';
import { lossesOf, noteSwitch } from './lost-items.ts';
import { sharedIndex } from './recovery.ts';
import { type Replication, startReplication } from './replication.ts';

/** What a switch needs from a centre; the composition root provides it. */
export interface SwitchParty {
  readonly store: Store;
  /** From now on every verb is answered CENTRE_STANDBY. */
  stopAdmitting(): void;
  /** Resolves when no admitted request is under way, or after a deadline. */
  finishRequests(): Promise<void>;
  /** Stops the batch work after the chunk under way, and resolves then; it stays stopped until `resume`. */
  pauseBatches(): Promise<void>;
  /** Ends the open connections: after the answer under way (drain), or by a reset at once (cut). */
  dropConnections(mode: SwitchMode): void | Promise<void>;
  endSessions(): void;
  /** Makes this centre admit requests again, and resumes unfinished batches and missed runs. */
  resume(): void | Promise<void>;
}

export interface SwitchoverOptions {
  readonly parties: { readonly [name in CentreName]: SwitchParty };
  /** The centre whose store leads; the other's follows, with a prefix of the same log (see `reconcile`). */
  readonly active: CentreName;
  readonly line: { switchTo(name: CentreName): void };
  readonly clock: Pick<Clock, 'now' | 'background'>;
  readonly journal: Pick<Journal, 'note'>;
  readonly lagMs: number;
}

export interface Switchover {
  active(): CentreName;
  isSwitching(): boolean;
  /** The replication under way; undefined while the standby cannot follow (the journal says why). */
  replication(): Replication | undefined;
  setLag(lagMs: number): Promise<void>;
  lagMs(): number;
  /**
   * Makes `to` the active centre. Drain loses nothing, and rejects without a switch if the standby cannot take what it
   * lacks; cut switches at once and reports what it lost. Refused with ALREADY_ACTIVE, SWITCH_UNDER_WAY, or, if the disk
   * is full, STORAGE_FULL: the old centre then stays active.
   */
  switchTo(to: CentreName, mode: SwitchMode): Promise<SwitchReport | Refusal>;
  /** Ends replication; commits that still wait for the lag are not shipped. */
  stop(): Promise<void>;
}

/** Joins two centres: replication from the active one to the other, and one switch at a time between them. */
export async function createSwitchover(options: SwitchoverOptions): Promise<Switchover> {
  const { parties, line, clock, journal } = options;
  let { active, lagMs } = options;
  let switching = false;
  let replication: Replication | undefined = await replicate(active);

  function replicate(from: CentreName): Promise<Replication> {
    const to = other(from);
    return startReplication({
      from: parties[from].store,
      to: parties[to].store,
      clock,
      lagMs,
      toName: to,
      onError: (error) => noteError(to, 'replication', error),
    });
  }

  function noteError(centre: CentreName, what: string, error: unknown) {
    journal.note('error', { centre }, { what, says: String(error) });
  }

  /** Runs one step after the new centre is active: if it fails, the journal says so and the next steps still run. */
  async function attempt(centre: CentreName, what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      noteError(centre, what, error);
    }
  }

  /**
   * Rewinds the standby to the last commit that both have, and lets it follow from there. It gets the commits that it
   * lacks, such as the one that opened the epoch, at once: after a switch both books are equal, whatever the lag.
   */
  async function resyncStandby(): Promise<void> {
    const from = parties[active].store;
    const to = parties[other(active)].store;
    const shared = sharedIndex(from, to);
    if (to.head().index > shared) await to.rewind(shared);
    replication = await replicate(active);
    await replication.shipAll();
  }

  /** The steps up to the new epoch. Returns the number of commits shipped; those behind afterwards are lost. */
  async function handOver(from: SwitchParty, mode: SwitchMode): Promise<number> {
    if (!replication) await resyncStandby();
    if (mode === 'cut') {
      replication?.halt();
      const fenced = from.store.fence();
      from.stopAdmitting();
      await fenced;
      await replication?.stop();
      return 0;
    }
    from.stopAdmitting();
    await from.finishRequests();
    await from.pauseBatches();
    await from.store.idle();
    await from.store.fence();
    const shipped = (await replication?.shipAll()) ?? 0;
    await replication?.stop();
    return shipped;
  }

  async function doSwitch(to: CentreName, mode: SwitchMode): Promise<SwitchReport> {
    const from = active;
    const [old, next] = [parties[from], parties[to]];
    const at = clock.now();
    let shipped: number;
    let epoch: number;
    try {
      shipped = await handOver(old, mode);
      epoch = Math.max(old.store.head().epoch, next.store.head().epoch) + 1;
      await next.store.openEpoch(epoch, to, carriedCounters(old.store.books, next.store.books));
    } catch (error) {
      await abandon(old);
      throw error;
    }
    active = to;
    line.switchTo(to);
    const behind = replication?.behind() ?? [];
    const lost = lostChanges(behind);
    const report = { from, to, mode, epoch, at, shipped, lost, lostBatches: lostBatches(behind, next.store.books) };
    noteSwitch(journal, report, lossesOf(behind, next.store.books));
    replication = undefined;
    await attempt(from, 'connections', () => old.dropConnections(mode));
    await attempt(from, 'sessions', () => old.endSessions());
    if (mode === 'cut') await attempt(from, 'batches', () => old.pauseBatches());
    await attempt(from, 'replication', resyncStandby);
    await attempt(to, 'resume', () => next.resume());
    return report;
  }

  /** The other centre could not take over: the old one stays active. */
  async function abandon(old: SwitchParty): Promise<void> {
    await attempt(active, 'replication', async () => {
      if (old.store.leads()) return;
      await replication?.stop();
      replication = undefined;
      old.store.lead();
      replication = await replicate(active);
    });
    await attempt(active, 'resume', () => old.resume());
  }

  return {
    active: () => active,
    isSwitching: () => switching,
    replication: () => replication,
    lagMs: () => lagMs,
    async setLag(newLagMs) {
      lagMs = newLagMs;
      await replication?.setLag(newLagMs);
    },
    async switchTo(to, mode) {
      if (switching) return underWay();
      if (to === active) return alreadyActive(to);
      switching = true;
      try {
        return await doSwitch(to, mode);
      } catch (error) {
        if (isDiskFull(error)) return noSpace(active);
        throw error;
      } finally {
        switching = false;
      }
    },
    async stop() {
      await replication?.stop();
    },
  };
}

export function other(centre: CentreName): CentreName {
  return centre === 'primary' ? 'backup' : 'primary';
}

const underWay = () =>
  refuse('SWITCH_UNDER_WAY', {
    en: 'A switch is under way. Query the state, and switch again when it is done.',
    zh: '每次只可進行一項切換。請查詢狀態，待切換完成後再試。',
  });

const noSpace = (centre: CentreName) =>
  refuse('STORAGE_FULL', {
    en: `There is no disk space to record the switch: the ${centre} data centre goes on. Free space on the disk of the harness, then switch again.`,
    zh: `空間不足，未能記錄切換，${CENTRE_WORDS[centre].zh}繼續運作。請先騰出系統磁碟空間，然後再次切換。`,
  });

const alreadyActive = (centre: CentreName) =>
  refuse('ALREADY_ACTIVE', {
    en: `The ${centre} data centre is already active. Name the other one to switch.`,
    zh: `${CENTRE_WORDS[centre].zh}已在運作。如要切換，請指定另一數據中心。`,
  });
