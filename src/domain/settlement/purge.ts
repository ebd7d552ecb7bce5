import { addDays } from '../calendar/calendar.ts';
import type { Change } from '../change.ts';
import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant, MarketDate } from '../nouns/market.ts';
import { atOnce, ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import { createDraft, type Rows } from './draft.ts';
import { isOpen, moved } from './instruction-life.ts';
import { releaseShares } from './ledger.ts';
import { matchOf } from './matching.ts';
import type { SettlementRules } from './settlement-rules.ts';

/**
 * SI numbers to purge on a date, in order: those not settled `purgeAfterDays` calendar days after their settlement date.
 * Mock convention; that instructions are purged is published for ISIs.
 */
export function purgeable(
  instructions: Iterable<SettlementInstruction>,
  date: MarketDate,
  rules: Pick<SettlementRules, 'purgeAfterDays'>,
): string[] {
  return atOnce(purgeableSteps(instructions, date, rules));
}

/** The same step by step. */
export function* purgeableSteps(
  instructions: Iterable<SettlementInstruction>,
  date: MarketDate,
  rules: Pick<SettlementRules, 'purgeAfterDays'>,
  perStep = ITEMS_PER_STEP,
): Stepwise<string[]> {
  const last = addDays(date, -rules.purgeAfterDays);
  const numbers: string[] = [];
  let visited = 0;
  for (const row of instructions) {
    if (++visited % perStep === 0) yield;
    if (isOpen(row) && row.settlementDate <= last) numbers.push(row.number);
  }
  return yield* sortedSteps(numbers, inOrder, perStep);
}

/**
 * Purges these SIs, both sides of a match together; shares that were set aside are available again. SIs that have ended
 * meanwhile are skipped, so that it can be done in several commits.
 */
export function decidePurge(rows: Rows, numbers: readonly string[], at: Instant): Change[] {
  const draft = createDraft(rows);
  for (const number of numbers) {
    const row = draft.get('instruction', number);
    if (!row || !isOpen(row)) continue;
    const sides = row.matchedWith === undefined ? [row] : [row, matchOf(draft, row)];
    for (const side of sides) {
      if (side.status === 'shares-on-hold' && side.side === 'deliver') releaseShares(draft, side, side.quantity);
      draft.put('instruction', moved(side, 'purge', at));
    }
  }
  return draft.changes();
}
