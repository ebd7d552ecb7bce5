import type { Commit } from '../../domain/change.ts';
import type { Instant } from '../../domain/nouns/market.ts';
import { AUTO_USER, oppositeDueAt } from '../../domain/settlement/auto-counterparty.ts';
import type { Alarm, Clock } from '../../testbed/clock/clock.ts';

export interface AutoCounterpartyOptions {
  readonly clock: Clock;
  /** Minutes of market time that an SI waits; null = the option is off. */
  readonly afterMinutes: number | null;
  /** Inputs at the active centre what is due; resolves with when the next will be due, or null. */
  readonly input: () => Promise<Instant | null>;
}

export interface AutoCounterparty {
  /** Gets what the active centre commits, to set an alarm for each SI that now waits. */
  readonly sawCommits: (commits: readonly Commit[]) => void;
  /** At the start and after a switch: does what is due by now, and sets the alarm for what waits in the books. */
  catchUp(): Promise<void>;
  stop(): void;
}

/** Keeps one alarm, for the earliest SI whose opposite is to be input. */
export function startAutoCounterparty({ clock, afterMinutes, input }: AutoCounterpartyOptions): AutoCounterparty {
  let alarm: Alarm | undefined;
  let stopped = false;

  function arm(when: Instant): void {
    if (stopped || (alarm && alarm.when <= when)) return;
    alarm?.cancel();
    alarm = clock.at(when, 'Auto-counterparty', async () => {
      alarm = undefined;
      await inputDue();
    });
  }

  async function inputDue(): Promise<void> {
    const next = await input();
    if (next !== null) arm(next);
  }

  return {
    sawCommits(commits) {
      if (afterMinutes === null) return;
      for (const { changes } of commits) {
        for (const { table, row } of changes) {
          if (table !== 'instruction' || row?.status !== 'unmatched' || row.user === AUTO_USER) continue;
          arm(oppositeDueAt(row, afterMinutes * 60_000));
        }
      }
    },
    async catchUp() {
      if (afterMinutes !== null) await inputDue();
    },
    stop() {
      stopped = true;
      alarm?.cancel();
    },
  };
}
