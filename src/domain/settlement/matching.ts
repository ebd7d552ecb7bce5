import type { Change } from '../change.ts';
import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant } from '../nouns/market.ts';
import { atOnce, ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import { createDraft, type Draft, type Rows } from './draft.ts';
import { moved } from './instruction-life.ts';

/** SI numbers of the two sides of one settlement. */
export interface Pair {
  readonly deliver: string;
  readonly receive: string;
}

/**
 * What two SIs must have in common to match: both parties, stock, quantity, payment, currency, amount and settlement date;
 * the sides differ. Accounts, references and narratives may differ. Mock convention.
 */
export function matchKey(row: SettlementInstruction): string {
  const { side, participant, counterparty, stock, quantity, payment, currency, amountCents, settlementDate } = row;
  const parties = side === 'deliver' ? `${participant} ${counterparty}` : `${counterparty} ${participant}`;
  return `${parties} ${stock} ${quantity} ${payment} ${currency ?? '-'} ${amountCents} ${settlementDate}`;
}

/**
 * The unmatched SIs that match: for each match key the lowest SI number that delivers with the lowest that receives, and so
 * on, each SI once. The order of the input does not matter. The result is in order of the lower SI number.
 */
export function findPairs(instructions: Iterable<SettlementInstruction>): Pair[] {
  return atOnce(pairSteps(instructions));
}

/**
 * The same step by step, for the first run over a large market. An SI that changes between two steps may be paired in its old
 * state or skipped: `decideMatches` checks both again, and late SIs wait for the next run.
 */
export function* pairSteps(instructions: Iterable<SettlementInstruction>, perStep = ITEMS_PER_STEP): Stepwise<Pair[]> {
  const queues = new Map<string, Queue>();
  let visited = 0;
  for (const row of instructions) {
    if (++visited % perStep === 0) yield;
    if (row.status !== 'unmatched') continue;
    const key = matchKey(row);
    const queue = queues.get(key);
    if (queue) queue[row.side].push(row.number);
    else queues.set(key, { deliver: [], receive: [], [row.side]: [row.number] });
  }
  const pairs: Pair[] = [];
  for (const queue of queues.values()) {
    if (++visited % perStep === 0) yield;
    if (queue.deliver.length === 0 || queue.receive.length === 0) continue;
    const deliver = yield* sortedSteps(queue.deliver, inOrder, perStep);
    const receive = yield* sortedSteps(queue.receive, inOrder, perStep);
    for (let n = 0; n < deliver.length && n < receive.length; n++) {
      if (++visited % perStep === 0) yield;
      pairs.push({ deliver: deliver[n] as string, receive: receive[n] as string });
    }
  }
  return yield* sortedSteps(pairs, (a, b) => inOrder(lower(a), lower(b)), perStep);
}

/** SI numbers under one match key. */
interface Queue {
  readonly deliver: string[];
  readonly receive: string[];
}

function lower({ deliver, receive }: Pair): string {
  return deliver < receive ? deliver : receive;
}

/**
 * Marks pairs of `findPairs` as matched, or as matched on-hold if either side wants hold (General Rules of CCASS, Rule
 * 1003: excluded from the batch settlement runs by either or both). A pair that has changed meanwhile is skipped, so
 * that a long run can be done in several commits.
 */
export function decideMatches(rows: Rows, pairs: readonly Pair[], at: Instant): Change[] {
  const draft = createDraft(rows);
  for (const { deliver, receive } of pairs) {
    const [one, other] = [draft.get('instruction', deliver), draft.get('instruction', receive)];
    if (one?.status !== 'unmatched' || other?.status !== 'unmatched' || matchKey(one) !== matchKey(other)) continue;
    const event = one.hold || other.hold ? 'match on hold' : 'match';
    draft.put('instruction', { ...moved(one, event, at), matchedWith: receive });
    draft.put('instruction', { ...moved(other, event, at), matchedWith: deliver });
  }
  return draft.changes();
}

/** The counterparty's SI of one that is matched. @throws if the two do not name each other: a bug. */
export function matchOf(rows: Rows, row: SettlementInstruction): SettlementInstruction {
  const other = row.matchedWith === undefined ? undefined : rows.get('instruction', row.matchedWith);
  if (other?.matchedWith !== row.number) throw new Error(`${row.number} is ${row.status} and has no counterpart`);
  return other;
}

/** The SI without its match. */
export function apart(row: SettlementInstruction): SettlementInstruction {
  const { matchedWith: _, ...rest } = row;
  return rest;
}

/** Applies the same event to both sides of a match. */
export function moveBoth(
  draft: Draft,
  [one, other]: readonly [SettlementInstruction, SettlementInstruction],
  event: Parameters<typeof moved>[1],
  at: Instant,
): void {
  draft.put('instruction', moved(one, event, at));
  draft.put('instruction', moved(other, event, at));
}
