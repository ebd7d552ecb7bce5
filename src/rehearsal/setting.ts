import type { Batch } from '../api/ccass/batches.ts';
import type { Balance } from '../api/ccass/enquiries.ts';
import type { Instruction } from '../api/ccass/instructions.ts';
import type { Transfer } from '../api/ccass/transfers.ts';
import type { InstructionFile } from '../client/participant-files.ts';
import type { HarnessState } from '../control/answers.ts';
import type { Control } from '../control/control.ts';
import { isoHkt } from '../domain/calendar/calendar.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Expecting } from './expected.ts';
import type { Participants } from './participants.ts';
import type { Results } from './results.ts';

/** The frozen market time of a harness, moved from one event to the next. */
export interface MarketTime {
  now(): Promise<Instant>;
  /** Forward only; does nothing if market time is already there or past it. */
  moveTo(at: Instant): Promise<void>;
  /** Waits for the batches in progress: the clock answers when they are done. */
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

/** The answer. @throws Error with the refusal's message: nothing that a rehearsal does should be refused to the tester. */
export function granted<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer;
}

/** The lead's balances and instructions. */
export interface LeadBooks {
  readonly balances: readonly Balance[];
  readonly instructions: readonly Instruction[];
}

/** What the on-line operations left in the lead's books. */
export interface Typed {
  readonly instructions: readonly Instruction[];
  readonly transfers: readonly Transfer[];
}

/** A participant other than the lead, which the lead's instructions can name; null if the market has none. */
export function counterpartyOf({ participants: { lead, attending, absent, unregistered } }: Setting): string | null {
  const other = [...attending, absent, unregistered].find((client) => client && client !== lead);
  return other?.participant ?? null;
}

/** The harness, the participants and the state of a rehearsal in progress. */
export interface Setting extends Expecting {
  readonly control: Control;
  readonly time: MarketTime;
  readonly results: Results;
  readonly participants: Participants;
  /** State of the harness before the first session. */
  readonly before: HarnessState;
  /** Builds a ZSIUP01. */
  readonly instructionFile: (file: InstructionFile) => Uint8Array;
  /** The lead's books before any input; null until the first enquiry. */
  books: LeadBooks | null;
  /** What the lead typed, as its last enquiry showed it; null until the on-line operations. */
  typed: Typed | null;
  /** The lead's batch; null until it is uploaded. */
  batch: Batch | null;
  rolledBack: boolean;
}
