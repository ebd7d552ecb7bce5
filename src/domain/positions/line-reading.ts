import type { Decimal } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { inputFault, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency, MarketDate, Words } from '../nouns/market.ts';
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
    if (fault !== null) throw new MarginInputError(inputFault(`${path}.${fault.member}`, fault.came, fault.expected));
    return read;
  });
}

function faultOf(kind: NonNullable<PositionLine['kind']>, line: Line, businessDate: MarketDate): LineFault | null {
  for (const member of ['tradeDate', 'settlementDate'] as const) {
    if (!/^\d{4}-\d\d-\d\d$/.test(line[member]))
      return { member, came: line[member], expected: { en: 'YYYY-MM-DD', zh: ' YYYY-MM-DD' } };
  }
  if (kind === 'position') return null;
  const fault = (member: LineFault['member'], came: string, en: string, zh: string): LineFault => ({
    member,
    came: { en: `${came} for ${kind}`, zh: `${came}（${kind}）` },
    expected: { en, zh },
  });
  const { settlementDate, quantity, amount } = line;
  if (settlementDate !== businessDate)
    return fault('settlementDate', settlementDate, `the business date ${businessDate}`, `營業日期 ${businessDate}`);
  if (kind === 'unposted-debit') {
    if (!quantity.eq(0)) return fault('quantity', quantity.toFixed(), '0', ' 0');
    return amount.lt(0) ? fault('amount', amount.toFixed(), 'what is to be collected', '待收款項') : null;
  }
  if (!amount.eq(0))
    return fault('amount', amount.toFixed(), '0: their money is the unposted debit', ' 0（其款項為未過賬借項）');
  return quantity.lt(0) ? fault('quantity', quantity.toFixed(), 'the shares received', '已收到的股數') : null;
}

interface LineFault {
  readonly member: 'tradeDate' | 'settlementDate' | 'quantity' | 'amount';
  readonly came: string | Words;
  readonly expected: Words;
}
