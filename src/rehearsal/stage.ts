import type { Batch } from '../api/ccass/batches.ts';
import type { Balance } from '../api/ccass/enquiries.ts';
import type { Instruction } from '../api/ccass/instructions.ts';
import type { InstructionFile } from '../client/participant-files.ts';
import type { HarnessState } from '../control/answers.ts';
import type { Control } from '../control/control.ts';
import { isoHkt } from '../domain/calendar/calendar.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Cast } from './cast.ts';
import type { Expecting } from './expected.ts';
import type { Score } from './score.ts';

/** The frozen market time of a harness, moved from one event to the next. */
export interface MarketTime {
  now(): Promise<Instant>;
  /** Forward; nothing happens if market time is there or past it already. */
  moveTo(at: Instant): Promise<void>;
  /** Waits for the batches under way: the clock answers when they are done. */
  settle(): Promise<void>;
}

export function marketTime(control: Control): MarketTime {
  const now = async () => granted(await control.state({})).market.at;
  return {
    now,
    async moveTo(at) {
      if ((await now()) < at) granted(await control.clock({ set: isoHkt(at) }));
    },
    async settle() {
      granted(await control.clock({ advanceMs: 0 }));
    },
  };
}

/** @throws Error with the refusal's words: the tester may do all that a rehearsal does. */
export function granted<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer;
}

/** What the lead's books showed. */
export interface OwnBooks {
  readonly balances: readonly Balance[];
  readonly instructions: readonly Instruction[];
}

/** Where a rehearsal is played, by whom, and what they remember. */
export interface Stage extends Expecting {
  readonly control: Control;
  readonly time: MarketTime;
  readonly score: Score;
  readonly cast: Cast;
  readonly policy: 'deny' | 'warn';
  /** As the harness stood before the first session. */
  readonly before: HarnessState;
  /** Makes a ZSIUP01. */
  readonly instructionFile: (file: InstructionFile) => Uint8Array;
  /** The lead's books before anything was input; null until they were seen. */
  books: OwnBooks | null;
  /** The lead's batch; null until one was uploaded. */
  batch: Batch | null;
  rolledBack: boolean;
}
