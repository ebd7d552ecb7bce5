import type { Context } from '../context.ts';
import type { BatchKinds } from './batch-kinds.ts';
import { nextStep } from './batch-steps.ts';
import { FileContents } from './file-contents.ts';

/** Batches of one participant that may wait; the next upload is answered when one of them is done. Mock convention. */
const MOST_WAITING = 16;

export interface BatchWorker {
  /** Continues with every unfinished batch in the books; called after an upload and when this centre becomes active. */
  resume(): void;
  /** Stops at the next commit; resolves when nothing is under way. `resume` continues. */
  pause(): Promise<void>;
  /** The batches that are under way, by reference. */
  underWay(): string[];
  /** Resolves when none of these is under way here any more; does not wait for later uploads. */
  done(references: readonly string[]): Promise<void>;
  /**
   * Resolves when fewer than 16 batches of this participant wait, or no worker runs here. An upload is answered only then;
   * otherwise a client that never stops would get ever further ahead of the worker.
   */
  waitForCapacity(participant: string): Promise<void>;
}

/**
 * Processes uploaded batches: validates the whole file, decides its rows in commits of at most 4,096, then publishes the
 * control report. A participant's batches are processed one after the other, those of different participants side by side.
 * The active centre can continue at `nextRow`, also after a crash or a switch.
 */
export function createBatchWorker(context: Context, kinds: BatchKinds): BatchWorker {
  const { store, journal, centre } = context;
  /** One for each participant. */
  const workers = new Map<string, Promise<void>>();
  /** The batch that each works on: the books may say processed before the commit is durable. */
  const current = new Map<string, string>();
  const condition = createCondition();
  let paused = false;
  const stopped = () => paused || !store.leads();
  const steps = { context, kinds, contents: new FileContents(store.blobs, kinds), stopped };

  async function work(participant: string): Promise<void> {
    for (;;) {
      const [batch] = store.books.unfinishedBatchesOf(participant, { limit: 1 });
      if (!batch || stopped()) return;
      current.set(participant, batch.reference);
      const goesOn = await nextStep(steps, batch);
      current.delete(participant);
      condition.changed();
      if (!goesOn) return;
    }
  }

  function isUnderWay(reference: string): boolean {
    const batch = store.books.get('batch', reference);
    if (!batch) return false;
    const { status, participant } = batch;
    return status === 'received' || status === 'processing' || current.get(participant) === reference;
  }

  function start(participant: string) {
    const worker = work(participant)
      .then(
        () => {
          workers.delete(participant);
          current.delete(participant);
          // A batch may have been uploaded just as the worker found nothing more to do.
          if (!stopped() && store.books.unfinishedBatchesOf(participant, { limit: 1 }).length > 0) start(participant);
        },
        (error: unknown) => {
          workers.delete(participant);
          current.delete(participant);
          const what = 'a batch could not be processed';
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
      ...new Set([...store.books.unfinishedBatches().map((batch) => batch.reference), ...current.values()]),
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

/** Lets callers wait for what each step of a batch may bring about. */
function createCondition() {
  const waiters = new Set<() => void>();
  return {
    changed() {
      for (const check of waiters) check();
    },
    /** Resolves when `isSo`, which is called now and after each change. */
    until: (isSo: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!isSo()) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
  };
}
