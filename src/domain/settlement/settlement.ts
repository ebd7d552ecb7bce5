import type { Change } from '../change.ts';
import { isLess } from '../exact-integer.ts';
import type { SettlementInstruction } from '../nouns/instructions.ts';
import type { Instant, MarketDate } from '../nouns/market.ts';
import { atOnce, ITEMS_PER_STEP, inOrder, type Stepwise, sortedSteps } from '../stepwise.ts';
import { createDraft, type Draft, type Rows } from './draft.ts';
import {
  availableShares,
  moneyIn,
  moveMoney,
  moveShares,
  type Place,
  type Purse,
  placeKey,
  purseKey,
  releaseShares,
  setAside,
  sharesAt,
} from './ledger.ts';
import { matchOf, moveBoth } from './matching.ts';
import type { SettlementRules } from './settlement-rules.ts';

/** The time and the rules of a run. */
export interface RunOn {
  readonly at: Instant;
  /** The market date: SIs that settle on it or before are due. */
  readonly date: MarketDate;
  readonly rules: Pick<SettlementRules, 'moneyCover'>;
}

/** Why a matched pair waits for the next run. */
export type WaitReason = 'NOT_ENOUGH_STOCK' | 'NOT_ENOUGH_MONEY' | 'BALANCE_TOO_LARGE';

export interface Waiting {
  /** SI number of the side that delivers. */
  readonly deliver: string;
  readonly reason: WaitReason;
  /** The holding or money balance that it waits for. */
  readonly key: string;
}

/** The result of one step of a run, to be applied before the next step. */
export interface SettlementStep {
  readonly changes: readonly Change[];
  /** SI numbers of the sides that deliver. */
  readonly settled: readonly string[];
  readonly waiting: readonly Waiting[];
}

/** Most pairs in one step, so that other work can run between two commits. Each pair makes about ten changes. */
const PAIRS_PER_STEP = 512;

/**
 * SI numbers of the delivering sides that are due, in the order in which they settle: by settlement date, then by SI number
 * (mock convention). Those on hold are not due (Rule 1003), those that failed before are due again.
 */
export function dueDeliveries(instructions: Iterable<SettlementInstruction>, date: MarketDate): string[] {
  return atOnce(dueSteps(instructions, date));
}

/** The same step by step. SIs that change between two steps are checked again when they are to settle. */
export function* dueSteps(
  instructions: Iterable<SettlementInstruction>,
  date: MarketDate,
  perStep = ITEMS_PER_STEP,
): Stepwise<string[]> {
  const byDate = new Map<MarketDate, string[]>();
  let visited = 0;
  for (const row of instructions) {
    if (++visited % perStep === 0) yield;
    if (!isDue(row, date)) continue;
    const numbers = byDate.get(row.settlementDate);
    if (numbers) numbers.push(row.number);
    else byDate.set(row.settlementDate, [row.number]);
  }
  const due: string[][] = [];
  for (const on of [...byDate.keys()].sort()) due.push(yield* sortedSteps(byDate.get(on) ?? [], inOrder, perStep));
  return due.flat();
}

function isDue(row: SettlementInstruction, date: MarketDate): boolean {
  return (
    row.side === 'deliver' &&
    (row.status === 'matched' || row.status === 'shares-on-hold') &&
    row.settlementDate <= date
  );
}

/**
 * A batch settlement run, step by step: each pair settles whole or not at all. One pair may use what another has credited:
 * pairs that waited for that balance are tried again, in order, until nothing more settles (mock convention).
 * `rows` must show the changes of a step before the next one; revoked SIs are skipped.
 * The number of pairs in a step does not change the result.
 */
export function* settlementRun(
  rows: Rows,
  due: readonly string[],
  run: RunOn,
  pairsPerStep = PAIRS_PER_STEP,
): Generator<SettlementStep, void, undefined> {
  const waitingFor = new Map<string, string[]>();
  const place = new Map(due.map((number, n) => [number, n]));
  const inOrder = (a: string, b: string) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  for (let ready = due; ready.length > 0; ) {
    const allCredited = new Set<string>();
    for (let from = 0; from < ready.length; from += pairsPerStep) {
      const { credited, ...step } = settle(rows, ready.slice(from, from + pairsPerStep), run);
      for (const { deliver, key } of step.waiting) {
        const others = waitingFor.get(key);
        if (others) others.push(deliver);
        else waitingFor.set(key, [deliver]);
      }
      for (const key of credited) allCredited.add(key);
      yield step;
    }
    ready = [...allCredited].flatMap((key) => waitingFor.get(key) ?? []).sort(inOrder);
    for (const key of allCredited) waitingFor.delete(key);
  }
}

/** Settles as many of these deliveries as possible, in this order; also returns the keys of the credited balances. */
function settle(
  rows: Rows,
  deliveries: readonly string[],
  run: RunOn,
): SettlementStep & { readonly credited: readonly string[] } {
  const draft = createDraft(rows);
  const settled: string[] = [];
  const waiting: Waiting[] = [];
  const credited: string[] = [];
  for (const number of deliveries) {
    const deliver = draft.get('instruction', number);
    if (!deliver || !isDue(deliver, run.date)) continue;
    const pair = [deliver, matchOf(draft, deliver)] as const;
    const reason = settlePair(draft, pair, run);
    if (reason) {
      waiting.push({ deliver: number, ...reason });
      continue;
    }
    settled.push(number);
    credited.push(placeKey(pair[1]), ...(deliver.currency ? [purseKey(purseOf(deliver, deliver.currency))] : []));
  }
  return { changes: draft.changes(), settled, waiting, credited };
}

type Both = readonly [deliver: SettlementInstruction, receive: SettlementInstruction];

function settlePair(draft: Draft, [deliver, receive]: Both, run: RunOn): Omit<Waiting, 'deliver'> | null {
  const { quantity, amountCents, currency, payment } = deliver;
  const [from, to]: readonly [Place, Place] = [deliver, receive];
  const aside = deliver.status === 'shares-on-hold';
  if (!aside && availableShares(draft, from) < quantity) return { reason: 'NOT_ENOUGH_STOCK', key: placeKey(from) };
  if (!Number.isSafeInteger(sharesAt(draft, to) + quantity)) return { reason: 'BALANCE_TOO_LARGE', key: placeKey(to) };
  const posting = { at: run.at, date: run.date, kind: 'SI', from: deliver.number, to: receive.number } as const;
  if (currency && payment !== 'FOP') {
    const [payer, payee] = [purseOf(receive, currency), purseOf(deliver, currency)];
    if (run.rules.moneyCover[payment] && isLess(moneyIn(draft, payer), amountCents)) {
      if (!aside) {
        setAside(draft, from, quantity);
        moveBoth(draft, [deliver, receive], 'put shares on hold', run.at);
      }
      return { reason: 'NOT_ENOUGH_MONEY', key: purseKey(payer) };
    }
    moveMoney(draft, payer, payee, amountCents, { ...posting, from: receive.number, to: deliver.number });
  }
  if (aside) releaseShares(draft, from, quantity);
  moveShares(draft, from, to, quantity, posting);
  moveBoth(draft, [deliver, receive], 'settle', run.at);
  return null;
}

function purseOf({ participant }: SettlementInstruction, currency: Purse['currency']): Purse {
  return { participant, currency };
}
