import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant } from '../nouns/market.ts';
import { ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import type { InstructionRow } from './batch.ts';
import { pairSteps } from './matching.ts';

/**
 * The auto-counterparty inputs the opposite of a participant's SI, so that the SIs of one participant alone match and settle.
 * A mock convention of the harness; nothing in the market corresponds to it.
 */

/** The user who inputs on the counterparty's behalf; no one can log on as it. */
export const AUTO_USER = 'AUTO';

/** The opposite SI as the counterparty would input it, not on hold, with a reference that names the SI. */
export function oppositeOf(row: SettlementInstruction, account: string): InstructionRow {
  return {
    reference: `AUTO-${row.number}`,
    side: row.side === 'deliver' ? 'R' : 'D',
    stock: row.stock,
    isin: '',
    quantity: row.quantity,
    counterparty: row.participant,
    account,
    payment: row.payment,
    currency: row.currency ?? '',
    amountCents: row.amountCents,
    settlementDate: row.settlementDate,
    hold: 'N',
    narrative: 'AUTO-COUNTERPARTY',
  };
}

/** When to input the opposite of an unmatched SI. */
export function oppositeDueAt(row: SettlementInstruction, afterMs: number): Instant {
  return (row.statusAt ?? row.inputAt) + afterMs;
}

/** Whether to input the opposite now: the SI has been unmatched for long enough, and is not such an opposite itself. */
export function needsOpposite(row: SettlementInstruction, now: Instant, afterMs: number): boolean {
  return row.status === 'unmatched' && row.user !== AUTO_USER && oppositeDueAt(row, afterMs) <= now;
}

/** SI numbers whose opposite is due, and when the next one is due: null = none waits. */
export interface DueOpposites {
  readonly due: readonly string[];
  readonly next: Instant | null;
}

/**
 * The SIs whose opposite is due now, and when the next one is due. An SI that another unmatched one can match, the
 * auto-counterparty's or a real one, needs none. Step by step: an SI that changes between two steps is checked again when
 * its opposite is input; in a large market, a real opposite that is input meanwhile may be too late to match.
 */
export function* dueOppositeSteps(
  instructions: Iterable<SettlementInstruction>,
  now: Instant,
  afterMs: number,
  perStep = ITEMS_PER_STEP,
): Stepwise<DueOpposites> {
  const unmatched: SettlementInstruction[] = [];
  let visited = 0;
  for (const row of instructions) {
    if (++visited % perStep === 0) yield;
    if (row.status === 'unmatched') unmatched.push(row);
  }
  const matchable = new Set<string>();
  for (const { deliver, receive } of yield* pairSteps(unmatched, perStep)) {
    if (++visited % perStep === 0) yield;
    matchable.add(deliver).add(receive);
  }
  const due: string[] = [];
  let next: Instant | null = null;
  for (const row of unmatched) {
    if (++visited % perStep === 0) yield;
    if (matchable.has(row.number) || row.user === AUTO_USER) continue;
    const when = oppositeDueAt(row, afterMs);
    if (when <= now) due.push(row.number);
    else next = Math.min(next ?? when, when);
  }
  return { due: yield* sortedSteps(due, inOrder, perStep), next };
}
