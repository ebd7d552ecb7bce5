import { put } from '../../domain/change.ts';
import type { MarketDate } from '../../domain/nouns/market.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { isOpen } from '../../domain/settlement/instruction-life.ts';
import { decideMatches, pairSteps } from '../../domain/settlement/matching.ts';
import { decidePurge, purgeableSteps } from '../../domain/settlement/purge.ts';
import { dueSteps, settlementRun, type WaitReason } from '../../domain/settlement/settlement.ts';
import type { SettlementRules } from '../../domain/settlement/settlement-rules.ts';
import { decideTransferRun, waitingSteps } from '../../domain/settlement/transfer.ts';
import type { Context } from '../context.ts';
import { inTurns } from '../in-turns.ts';
import { broadcastChanges, FINAL_RUN, noteBroadcast } from './broadcasts.ts';

/** Rows decided in one commit, so that other requests are served in between. */
const ROWS_A_COMMIT = 1024;

/** A run of the market's day. `key` names it among the runs of a date, such as `settlement 10:30`. */
export interface MarketRun {
  readonly kind: 'matching' | 'settlement' | 'purge' | 'transfers';
  readonly key: string;
  readonly date: MarketDate;
  /** The last settlement run of the day: a broadcast announces its end. */
  readonly final: boolean;
}

/**
 * Does a matching, settlement, purging or transfer run at the active centre, in commits of bounded size; the last one records
 * the run. A centre that takes over half-way does the rest: what was matched or settled is not due any more.
 * False if this centre does not lead (any more), or the run was done already.
 */
export async function doMarketRun(context: Context, rules: SettlementRules, run: MarketRun): Promise<boolean> {
  const { store, journal, centre } = context;
  const row = { run: run.key, date: run.date, doneAt: context.clock.now() };
  if (store.books.get('run', `${row.run}/${row.date}`)) return false;
  const count = await RUNS[run.kind](context, rules, run.date);
  if (count === null) return false;
  // The run and its broadcast are one commit, so that the broadcast is sent once, also across a switch.
  const finished = await store.transact((books, at) => {
    if (books.get('run', `${row.run}/${row.date}`)) return { changes: [], answer: null };
    const sent = run.final ? broadcastChanges(books, at, FINAL_RUN) : null;
    return { changes: [put('run', row), ...(sent?.changes ?? [])], answer: { broadcast: sent?.broadcast ?? null } };
  });
  if (isRefusal(finished) || finished === null) return false;
  if (finished.broadcast) noteBroadcast(context, finished.broadcast);
  journal.note('run', { centre }, { run: run.key, date: run.date, done: count });
  return true;
}

type Count = Readonly<Record<string, number>>;

/** How many pairs wait for each reason, so that none waits without one. */
function countsOf(reasons: Iterable<WaitReason>): Count {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Resolves with how much was done, or null if this centre stopped leading. */
type DoRun = (context: Context, rules: SettlementRules, date: MarketDate) => Promise<Count | null>;

const RUNS: { readonly [K in MarketRun['kind']]: DoRun } = {
  async matching({ store }) {
    const pairs = await inTurns(pairSteps(store.books.instructionsWhere((status) => status === 'unmatched')));
    for (let from = 0; from < pairs.length; from += ROWS_A_COMMIT) {
      const some = pairs.slice(from, from + ROWS_A_COMMIT);
      const answer = await store.transact((books, at) => ({ changes: decideMatches(books, some, at), answer: true }));
      if (isRefusal(answer)) return null;
    }
    return { matched: pairs.length };
  },

  async settlement({ store, clock }, rules, date) {
    const open = store.books.instructionsWhere((status, on) => isOpen({ status }) && on <= date);
    const due = await inTurns(dueSteps(open, date));
    const steps = settlementRun(store.books, due, { at: clock.now(), date, rules });
    let settled = 0;
    const waiting = new Map<string, WaitReason>();
    for (;;) {
      // The step is decided inside the transaction, so that nothing comes between what it reads and what it changes.
      const step = await store.transact(() => {
        const next = steps.next();
        return next.done ? { changes: [], answer: null } : { changes: next.value.changes, answer: next.value };
      });
      if (isRefusal(step)) return null;
      if (step === null) return { due: due.length, settled, waiting: waiting.size, ...countsOf(waiting.values()) };
      settled += step.settled.length;
      for (const { deliver, reason } of step.waiting) waiting.set(deliver, reason);
      for (const number of step.settled) waiting.delete(number);
    }
  },

  async purge({ store }, rules, date) {
    const open = store.books.instructionsWhere((status, on) => isOpen({ status }) && on <= date);
    const numbers = await inTurns(purgeableSteps(open, date, rules));
    for (let from = 0; from < numbers.length; from += ROWS_A_COMMIT) {
      const some = numbers.slice(from, from + ROWS_A_COMMIT);
      const answer = await store.transact((books, at) => ({ changes: decidePurge(books, some, at), answer: true }));
      if (isRefusal(answer)) return null;
    }
    return { purged: numbers.length };
  },

  async transfers({ store }, _rules, date) {
    const numbers = await inTurns(waitingSteps(store.books.waitingTransfers()));
    for (let from = 0; from < numbers.length; from += ROWS_A_COMMIT) {
      const some = numbers.slice(from, from + ROWS_A_COMMIT);
      const answer = await store.transact((books, at) => ({
        changes: decideTransferRun(books, some, at, date),
        answer: true,
      }));
      if (isRefusal(answer)) return null;
    }
    return { moved: numbers.length };
  },
};
