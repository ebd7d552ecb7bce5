import type { Decimal } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency, MarketDate } from '../nouns.ts';
import type { PositionInput, PositionLine } from './position-lines.ts';
import { readFigure } from './rates.ts';
import type { Securities } from './securities.ts';

/** A position line with exact decimals, by the settlement counter of what was traded. */
export interface Line {
  readonly instrument: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  readonly quantity: Decimal;
  readonly currency: Currency;
  /** Contract value: positive = payable. */
  readonly amount: Decimal;
}

/** @throws MarginInputError, naming the field, for a line that cannot be. */
export function readLines({ lines, businessDate }: PositionInput, securities: Securities): Line[] {
  return lines.map((line, index) => {
    const path = `lines[${index}]`;
    const { counter, tradeDate, settlementDate, currency } = line;
    const quantity = readFigure(`${path}.quantity`, line.quantity);
    const amount = readFigure(`${path}.amount`, line.amount);
    const read = {
      instrument: securities.instrumentOf(normalCode(counter)),
      tradeDate,
      settlementDate,
      quantity,
      currency,
      amount,
    };
    const fault = faultOf(line.kind ?? 'position', read, businessDate);
    if (fault !== null) throw new MarginInputError([`${path}.${fault}`]);
    return read;
  });
}

function faultOf(kind: NonNullable<PositionLine['kind']>, line: Line, businessDate: MarketDate): string | null {
  for (const date of ['tradeDate', 'settlementDate'] as const) {
    if (!/^\d{4}-\d\d-\d\d$/.test(line[date])) return `${date}: ${line[date]} came, expected YYYY-MM-DD`;
  }
  if (kind === 'position') return null;
  if (line.settlementDate !== businessDate) {
    return `settlementDate: ${line.settlementDate} came for ${kind}, expected the business date ${businessDate}`;
  }
  if (kind === 'unposted-debit') {
    if (!line.quantity.eq(0)) return `quantity: ${line.quantity.toFixed()} came for ${kind}, expected 0`;
    return line.amount.lt(0)
      ? `amount: ${line.amount.toFixed()} came for ${kind}, expected what is to be collected`
      : null;
  }
  if (!line.amount.eq(0))
    return `amount: ${line.amount.toFixed()} came for ${kind}, expected 0: their money is the unposted debit`;
  return line.quantity.lt(0)
    ? `quantity: ${line.quantity.toFixed()} came for ${kind}, expected the shares received`
    : null;
}
