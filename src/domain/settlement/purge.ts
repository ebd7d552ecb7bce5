import { addDays } from '../calendar/calendar.ts';
import type { Change } from '../change.ts';
import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant, MarketDate } from '../nouns/market.ts';
import { atOnce, ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import { createDraft, type Rows } from './draft.ts';
import { isOpen, moved } from './instruction-life.ts';
import { giveBack } from './ledger.ts';
import { matchOf } from './matching.ts';
import type { SettlementRules } from './settlement-rules.ts';

/**
 * SI numbers of those that are purged on a date, in order: not settled so many calendar days after their settlement date.
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
  let looked = 0;
  for (const row of instructions) {
    if (++looked % perStep === 0) yield;
    if (isOpen(row) && row.settlementDate <= last) numbers.push(row.number);
  }
  return yield* sortedSteps(numbers, inOrder, perStep);
}

/**
 * Purges these SIs, both sides of a match together; shares that were put aside are available again. What settled or went
 * meanwhile is passed over, so that it can be done in several commits.
 */
export function decidePurge(rows: Rows, numbers: readonly string[], at: Instant): Change[] {
  const draft = createDraft(rows);
  for (const number of numbers) {
    const row = draft.get('instruction', number);
    if (!row || !isOpen(row)) continue;
    const sides = row.matchedWith === undefined ? [row] : [row, matchOf(draft, row)];
    for (const side of sides) {
      if (side.status === 'shares-on-hold' && side.side === 'deliver') giveBack(draft, side, side.quantity);
      draft.put('instruction', moved(side, 'purge', at));
    }
  }
  return draft.changes();
}
