import type { InstructionRow } from './batch.ts';
import type { Instant, SettlementInstruction } from './nouns.ts';

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

/** Whether the opposite is to be input now: it has waited long enough unmatched, and is not itself such an opposite. */
export function wantsOpposite(row: SettlementInstruction, now: Instant, afterMs: number): boolean {
  return row.status === 'unmatched' && row.user !== AUTO_USER && (row.statusAt ?? row.inputAt) + afterMs <= now;
}
