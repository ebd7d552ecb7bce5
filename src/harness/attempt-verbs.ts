import type { SnapshotAnswer } from '../control/answers.ts';
import type { Control } from '../control/control.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Attempts } from './attempts.ts';
import type { Snapshot } from './snapshots.ts';

/** The verbs that begin a new attempt; reset and restore answer with the state that they lead to. */
export function attemptVerbs(
  attempts: Attempts,
  state: Control['state'],
): Pick<Control, 'reset' | 'snapshots' | 'snapshot' | 'removeSnapshot' | 'restore'> {
  return {
    async reset() {
      const refused = await attempts.reset();
      return refused ?? state({});
    },
    snapshots: async () => ({ snapshots: attempts.list().map(answerOf) }),
    async snapshot({ name }) {
      const taken = await attempts.take(name);
      return isRefusal(taken) ? taken : answerOf(taken);
    },
    async removeSnapshot({ name }) {
      const removed = attempts.remove(name);
      return isRefusal(removed) ? removed : answerOf(removed);
    },
    async restore({ name }) {
      const restored = await attempts.restore(name);
      return isRefusal(restored) ? restored : state({});
    },
  };
}

function answerOf({ name, at, active, position, sizeBytes }: Snapshot): SnapshotAnswer {
  return { name, at, hongKong: formatHkt(at, 'seconds'), active, position, sizeBytes };
}

/** The verbs during which the books are replaced or stored: the others wait, and they wait for each other. */
const ALONE: readonly string[] = ['reset', 'restore', 'snapshot'];

export function inAttempts(control: Control): Control {
  const { follow, ...operations } = control;
  let alone: Promise<unknown> = Promise.resolve();
  let switching: Promise<unknown> = Promise.resolve();
  const waiting = Object.entries(operations).map(([name, operation]) => {
    const call = operation as (request: never) => Promise<unknown>;
    const verb = (request: never) => {
      const isAlone = ALONE.includes(name);
      // A switch goes on with the books that it began with.
      const turn = (isAlone ? Promise.all([alone, switching]) : alone).then(() => call(request));
      if (isAlone) alone = turn.catch(() => undefined);
      if (name === 'failover') switching = turn.catch(() => undefined);
      return turn;
    };
    return [name, verb];
  });
  return { ...Object.fromEntries(waiting), follow };
}
