import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant } from '../nouns/market.ts';
import { ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import type { InstructionRow } from './batch.ts';
import { pairSteps } from './matching.ts';

/**
 * The auto-counterparty inputs the opposite of a participant's SI, so that one participant alone sees his SIs match and
 * settle. A mock convention of the harness; nothing in the market corresponds to it.
 */

/** The user who inputs on the counterparty's behalf; no one can log on as it. */
export const AUTO_USER = 'AUTO';

/** The opposite SI as its counterparty would input it, free to settle, under a reference that tells whose it is. */
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

/** When the opposite of an unmatched SI is to be input. */
export function oppositeDueAt(row: SettlementInstruction, afterMs: number): Instant {
  return (row.statusAt ?? row.inputAt) + afterMs;
}

/** Whether the opposite is to be input now: it has waited long enough unmatched, and is not itself such an opposite. */
export function wantsOpposite(row: SettlementInstruction, now: Instant, afterMs: number): boolean {
  return row.status === 'unmatched' && row.user !== AUTO_USER && oppositeDueAt(row, afterMs) <= now;
}

/** What is to be done now, and when it is to be looked at again: null = none waits. */
export interface DueOpposites {
  readonly due: readonly string[];
  readonly next: Instant | null;
}

/**
 * The SIs whose opposite is to be input now, and when the next one's is. An SI that another one stands ready to match, the
 * auto-counterparty's or a real one, wants none. Step by step: one that changes between two steps is looked at again when
 * its opposite is to be input; a real opposite that comes so late in a large market may find the other one there.
 */
export function* dueOppositeSteps(
  instructions: Iterable<SettlementInstruction>,
  now: Instant,
  afterMs: number,
  perStep = ITEMS_PER_STEP,
): Stepwise<DueOpposites> {
  const unmatched: SettlementInstruction[] = [];
  let looked = 0;
  for (const row of instructions) {
    if (++looked % perStep === 0) yield;
    if (row.status === 'unmatched') unmatched.push(row);
  }
  const served = new Set<string>();
  for (const { deliver, receive } of yield* pairSteps(unmatched, perStep)) {
    if (++looked % perStep === 0) yield;
    served.add(deliver).add(receive);
  }
  const due: string[] = [];
  let next: Instant | null = null;
  for (const row of unmatched) {
    if (++looked % perStep === 0) yield;
    if (served.has(row.number) || row.user === AUTO_USER) continue;
    const when = oppositeDueAt(row, afterMs);
    if (when <= now) due.push(row.number);
    else next = Math.min(next ?? when, when);
  }
  return { due: yield* sortedSteps(due, inOrder, perStep), next };
}
