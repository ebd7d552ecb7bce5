import { type Change, type Commit, isAfter, type Recovery } from '../domain/change.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import type { Store } from '../store/store.ts';
import { lostBatches, lostChanges } from './loss.ts';
import { copyCommits } from './replication.ts';

/** Commits copied in one step. */
const STEP = 64;

export interface ReconcileOptions {
  /** The centre that opens epoch 1 where both logs are empty. Default: primary. */
  readonly first?: CentreName;
  /** The changes of its first commit. */
  readonly seed?: () => readonly Change[];
  /** Go on without blobs that are at neither centre. */
  readonly acceptLoss?: boolean;
}

/**
 * Makes two logs equal that were just opened, however the last run ended, and lets the right centre lead. The log with
 * the higher (epoch, index) is the truth. If the other has commits that are not in it, a cut dropped them: it is rewound.
 * Then it gets what it lacks, whatever the lag. Active is the centre that the last epoch names.
 * Throws an Error if the logs have no commit in common: they are not two centres of one service.
 */
export async function reconcile(
  stores: { readonly [name in CentreName]: Store },
  { first = 'primary', seed = () => [], acceptLoss = false }: ReconcileOptions = {},
): Promise<Recovery> {
  const { primary, backup } = stores;
  if (primary.head().index === 0 && backup.head().index === 0) await begin(stores[first], first, seed());
  const ahead = isAfter(backup.head(), primary.head()) ? 'backup' : 'primary';
  const behind = ahead === 'primary' ? 'backup' : 'primary';
  const [from, to] = [stores[ahead], stores[behind]];
  const shared = sharedIndex(from, to);
  if ((shared === 0 && to.head().index > 0) || from.link(shared) !== to.link(shared)) {
    throw new Error(
      'the change logs of primary and backup have no commit in common: they are not two centres of one service. ' +
        'Put the right files together, or move one log away: its centre is then rebuilt from the other.',
    );
  }
  const dropped = to.head().index > shared ? await to.rewind(shared) : [];
  const shipped = await catchUp(from, to, acceptLoss ? 'skip' : 'fail');
  const active = from.epochs().at(-1)?.active ?? ahead;
  stores[active].lead();
  return {
    active,
    epoch: stores[active].head().epoch,
    shipped,
    rewound: dropped.length > 0 ? behind : null,
    lost: lostChanges(dropped),
    lostBatches: lostBatches(dropped, from.books),
  };
}

async function begin(store: Store, name: CentreName, seed: readonly Change[]): Promise<void> {
  await store.openEpoch(1, name, seed);
  await store.fence();
}

async function catchUp(from: Store, to: Store, lostBlobs: 'skip' | 'fail'): Promise<number> {
  let shipped = 0;
  let step: Commit[] = [];
  for await (const commit of from.since(to.head().index)) {
    step.push(commit);
    shipped++;
    if (step.length < STEP) continue;
    await copyCommits(from, to, step, lostBlobs);
    step = [];
  }
  await copyCommits(from, to, step, lostBlobs);
  return shipped;
}

/**
 * The last index at which two logs have the same commit. Only one centre writes in an epoch, so an epoch that begins at
 * the same index in both logs is equal until it ends in the shorter one.
 */
export function sharedIndex(a: Store, b: Store): number {
  let shared = 0;
  for (const [place, start] of a.epochs().entries()) {
    const other = b.epochs()[place];
    if (other?.epoch !== start.epoch || other.index !== start.index) break;
    const endA = lastOf(a, place);
    const endB = lastOf(b, place);
    shared = Math.min(endA, endB);
    if (endA !== endB) break;
  }
  return shared;
}

/** Index of the last commit of the epoch at this position in the list. */
function lastOf(store: Store, place: number): number {
  const next = store.epochs()[place + 1];
  return next ? next.index - 1 : store.head().index;
}
