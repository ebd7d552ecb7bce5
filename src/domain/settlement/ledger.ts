import { plus } from '../exact-integer.ts';
import type { ExactInteger, Holding, Instant, MarketDate, MoneyBalance } from '../nouns/market.ts';
import { type Draft, nextNumber, type Rows } from './draft.ts';

/** The only code that moves shares and money: what leaves one balance enters another, and both movements are recorded. */

/** One stock of one stock account. */
export type Place = Pick<Holding, 'participant' | 'account' | 'stock'>;
/** One currency of the sub-account of the money ledger that settlement uses. */
export type Purse = Pick<MoneyBalance, 'participant' | 'currency'>;

/** Sub-account of the money ledger for settlement: Settlement A/C (Statement of Money Ledger). */
const SUB_ACCOUNT = 'settlement';

export const placeKey = (place: Place) => `${place.participant}/${place.account}/${place.stock}`;
export const purseKey = (purse: Purse) => `${purse.participant}/${purse.currency}/${SUB_ACCOUNT}`;

/** Shares that are in the account and not set aside. */
export function availableShares(rows: Rows, place: Place): number {
  const holding = rows.get('holding', placeKey(place));
  return holding ? holding.quantity - (holding.onHold ?? 0) : 0;
}

export function sharesAt(rows: Rows, place: Place): number {
  return rows.get('holding', placeKey(place))?.quantity ?? 0;
}

export function moneyIn(rows: Rows, purse: Purse): ExactInteger {
  return rows.get('moneyBalance', purseKey(purse))?.balanceCents ?? 0;
}

/** Sets available shares aside, so that nothing else can use them. @throws if there are too few. */
export function setAside(draft: Draft, place: Place, quantity: number): void {
  if (availableShares(draft, place) < quantity) throw new Error(`${placeKey(place)} has less than ${quantity} shares`);
  setHolding(draft, place, sharesAt(draft, place), onHoldAt(draft, place) + quantity);
}

/** Makes shares that were set aside available again. @throws if there are too few. */
export function releaseShares(draft: Draft, place: Place, quantity: number): void {
  if (onHoldAt(draft, place) < quantity)
    throw new Error(`${placeKey(place)} has less than ${quantity} shares set aside`);
  setHolding(draft, place, sharesAt(draft, place), onHoldAt(draft, place) - quantity);
}

/** The data of a movement, for both of its records. */
export interface Posting {
  readonly at: Instant;
  readonly date: MarketDate;
  readonly kind: 'SI' | 'ATI';
  /** Instructions of the giving and the receiving side. */
  readonly from: string;
  readonly to: string;
}

/** @throws if the shares are not available: the caller must check first. */
export function moveShares(draft: Draft, from: Place, to: Place, quantity: number, posting: Posting): void {
  if (availableShares(draft, from) < quantity) throw new Error(`${placeKey(from)} has less than ${quantity} shares`);
  setHolding(draft, from, sharesAt(draft, from) - quantity, onHoldAt(draft, from));
  noteShares(draft, from, -quantity, posting, posting.from, to.participant);
  setHolding(draft, to, sharesAt(draft, to) + quantity, onHoldAt(draft, to));
  noteShares(draft, to, quantity, posting, posting.to, from.participant);
}

/** The paying balance may become negative; the caller checks whether the rules allow it. */
export function moveMoney(draft: Draft, from: Purse, to: Purse, cents: number, posting: Posting): void {
  for (const [purse, amountCents, instruction, other] of [
    [from, -cents, posting.from, to] as const,
    [to, cents, posting.to, from] as const,
  ]) {
    const { participant, currency } = purse;
    const balanceCents = plus(moneyIn(draft, purse), amountCents);
    draft.put('moneyBalance', { participant, currency, subAccount: SUB_ACCOUNT, balanceCents });
    draft.put('moneyMovement', {
      number: nextNumber(draft, 'moneyMovement'),
      participant,
      currency,
      subAccount: SUB_ACCOUNT,
      amountCents,
      balanceCents,
      at: posting.at,
      date: posting.date,
      instruction,
      counterparty: other.participant,
    });
  }
}

function onHoldAt(rows: Rows, place: Place): number {
  return rows.get('holding', placeKey(place))?.onHold ?? 0;
}

/** A holding of zero has no row. */
function setHolding(draft: Draft, { participant, account, stock }: Place, quantity: number, onHold: number): void {
  if (quantity === 0) draft.remove('holding', placeKey({ participant, account, stock }));
  else draft.put('holding', { participant, account, stock, quantity, ...(onHold > 0 ? { onHold } : {}) });
}

function noteShares(
  draft: Draft,
  place: Place,
  quantity: number,
  posting: Posting,
  instruction: string,
  other: string,
): void {
  draft.put('stockMovement', {
    number: nextNumber(draft, 'stockMovement'),
    participant: place.participant,
    account: place.account,
    stock: place.stock,
    quantity,
    balance: sharesAt(draft, place),
    at: posting.at,
    date: posting.date,
    kind: posting.kind,
    instruction,
    counterparty: posting.kind === 'ATI' ? null : other,
  });
}
