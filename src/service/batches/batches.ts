import type { Context } from '../context.ts';
import { isBlobDamaged } from '../stored-file.ts';
import type { BatchKinds } from './batch-kinds.ts';
import { nextStep } from './batch-steps.ts';
import { FileContents } from './file-contents.ts';

/** Batches of one participant that may wait; the next upload is answered when one of them is done. Mock convention. */
const MOST_WAITING = 16;

export interface BatchWorker {
  /** Continues with every unfinished batch in the books; called after an upload and when this centre becomes active. */
  resume(): void;
  /** Tries a batch again whose file was damaged at both centres: it has just been uploaded once more. */
  retry(reference: string): void;
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
  /** Batches whose file is damaged at both centres. They wait for it, and the participant's later ones go ahead. */
  const damaged = new Set<string>();
  /** The batch that each works on: the books may say processed before the commit is durable. */
  const current = new Map<string, string>();
  const condition = createCondition();
  let paused = false;
  const stopped = () => paused || !store.leads();
  const steps = { context, kinds, contents: new FileContents(store.blobs, kinds), stopped };

  const nextOf = (participant: string) =>
    store.books
      .unfinishedBatchesOf(participant, { limit: damaged.size + 1 })
      .find(({ reference }) => !damaged.has(reference));

  async function work(participant: string): Promise<void> {
    for (;;) {
      const batch = nextOf(participant);
      if (!batch || stopped()) return;
      current.set(participant, batch.reference);
      const goesOn = await nextStep(steps, batch).catch((error: unknown) => {
        if (!isBlobDamaged(error)) throw error;
        damaged.add(batch.reference);
        notProcessed(participant, error);
        return true;
      });
      current.delete(participant);
      condition.changed();
      if (!goesOn) return;
    }
  }

  function notProcessed(participant: string, error: unknown) {
    const what = 'a batch could not be processed';
    journal.note('error', { centre, service: 'ccass', participant }, { what, says: String(error) });
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
          if (!stopped() && nextOf(participant)) start(participant);
        },
        (error: unknown) => {
          workers.delete(participant);
          current.delete(participant);
          notProcessed(participant, error);
        },
      )
      .then(condition.changed);
    workers.set(participant, worker);
  }

  function resume() {
    paused = false;
    for (const { participant } of store.books.unfinishedBatches()) if (!workers.has(participant)) start(participant);
  }

  return {
    resume,
    retry(reference) {
      if (damaged.delete(reference)) resume();
    },
    async pause() {
      paused = true;
      damaged.clear();
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
