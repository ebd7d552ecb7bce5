/** Rules that HKEX does not publish and a user may change: authorisation, payment, transfer and purging of instructions. */
export interface SettlementRules {
  /** Whether an SI that is input or changed waits for a second user. */
  readonly makerChecker: boolean;
  /** Whether the receiver's settlement account must hold the amount before the shares move; if not it may go negative. */
  readonly moneyCover: { readonly DVP: boolean; readonly RDP: boolean };
  /** An SI that has not settled this many calendar days after its settlement date is purged. */
  readonly purgeAfterDays: number;
  /** When the shares of an account transfer move: at input, or in the run at `HH:MM` and set aside until then. */
  readonly transfers: 'at once' | { readonly daily: string };
  /** Inputs the opposite of an SI that was unmatched for this long (auto-counterparty.ts); null or left out = never. */
  readonly autoCounterparty?: { readonly afterMinutes: number } | null;
}

/**
 * Mock conventions. That makers and checkers, DVP, RDP, shares on-hold and purging exist is published, how they work together
 * is not; a vendor mentions a transfer file that was processed at 19:30.
 */
export const ASSUMED_RULES: SettlementRules = {
  makerChecker: false,
  moneyCover: { DVP: false, RDP: true },
  purgeAfterDays: 14,
  transfers: 'at once',
  autoCounterparty: null,
};
