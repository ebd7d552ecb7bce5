import type { Context } from '../context.ts';
import type { BatchKinds } from './batch-kinds.ts';
import { nextStep } from './batch-steps.ts';
import { FileContents } from './file-contents.ts';

/** Batches of one participant that wait; the next upload is answered when one of them is done. Mock convention. */
const MOST_WAITING = 16;

export interface BatchWorker {
  /** Goes on with every unfinished batch of the books; called after an upload and when this centre becomes active. */
  resume(): void;
  /** Stops at the next commit; resolves when nothing is under way. `resume` takes up again. */
  pause(): Promise<void>;
  /** The batches that are under way, by reference. */
  underWay(): string[];
  /** Resolves when none of these is under way here any more, whatever is uploaded meanwhile. */
  done(references: readonly string[]): Promise<void>;
  /**
   * Resolves when fewer than 16 batches of this participant wait, or nobody here works on them. An upload is answered only
   * then, or a client that never stops would get ever further ahead of the worker.
   */
  waitForCapacity(participant: string): Promise<void>;
}

/**
 * Works through uploaded batches: the whole file is validated first, then rows are decided in commits of at most 4,096,
 * then the control report is published. A participant's batches are taken one after the other, those of different
 * participants side by side. Whoever is active can go on at `nextRow`, after a crash or a switch too.
 */
export function createBatchWorker(context: Context, kinds: BatchKinds): BatchWorker {
  const { store, journal, centre } = context;
  /** One worker a participant. */
  const workers = new Map<string, Promise<void>>();
  /** The batches that they have in hand: one may be done in the books before it is durable and told. */
  const inHand = new Map<string, string>();
  const condition = createCondition();
  let paused = false;
  const stopped = () => paused || !store.leads();
  const steps = { context, kinds, contents: new FileContents(store.blobs, kinds), stopped };

  async function work(participant: string): Promise<void> {
    for (;;) {
      const [batch] = store.books.unfinishedBatchesOf(participant, { limit: 1 });
      if (!batch || stopped()) return;
      inHand.set(participant, batch.reference);
      const goOn = await nextStep(steps, batch);
      inHand.delete(participant);
      condition.changed();
      if (!goOn) return;
    }
  }

  function isUnderWay(reference: string): boolean {
    const batch = store.books.get('batch', reference);
    if (!batch) return false;
    const { status, participant } = batch;
    return status === 'received' || status === 'processing' || inHand.get(participant) === reference;
  }

  function start(participant: string) {
    const worker = work(participant)
      .then(
        () => {
          workers.delete(participant);
          inHand.delete(participant);
          // One that was uploaded as the worker found nothing more to do.
          if (!stopped() && store.books.unfinishedBatchesOf(participant, { limit: 1 }).length > 0) start(participant);
        },
        (error: unknown) => {
          workers.delete(participant);
          inHand.delete(participant);
          const what = 'a batch could not be worked through';
          journal.note('error', { centre, service: 'ccass', participant }, { what, says: String(error) });
        },
      )
      .then(condition.changed);
    workers.set(participant, worker);
  }

  return {
    resume() {
      paused = false;
      for (const { participant } of store.books.unfinishedBatches()) if (!workers.has(participant)) start(participant);
    },
    async pause() {
      paused = true;
      await Promise.all(workers.values());
    },
    underWay: () => [
      ...new Set([...store.books.unfinishedBatches().map((batch) => batch.reference), ...inHand.values()]),
    ],
    done(references) {
      const left = [...references];
      return condition.until(() => {
        while (left.length > 0 && !isUnderWay(left.at(-1) ?? '')) left.pop();
        return left.length === 0 || workers.size === 0;
      });
    },
    waitForCapacity: (participant) =>
      condition.until(() => {
        const waiting = store.books.unfinishedBatchesOf(participant, { limit: MOST_WAITING });
        return waiting.length < MOST_WAITING || !workers.has(participant);
      }),
  };
}

/** Waits for what may become true with each step of a batch. */
function createCondition() {
  const watching = new Set<() => void>();
  return {
    changed() {
      for (const look of watching) look();
    },
    /** Resolves when `isSo`, which is called now and after each change. */
    until: (isSo: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!isSo()) return;
          watching.delete(look);
          resolve();
        };
        watching.add(look);
        look();
      }),
  };
}
