import type { Decimal } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Currency, MarketDate, Words } from '../nouns/market.ts';
import type { PositionInput, PositionLine } from './position-lines.ts';
import { readFigure } from './rates.ts';
import type { Securities } from './securities.ts';

/** A position line with exact decimals, under the settlement counter. */
export interface Line {
  readonly instrument: string;
  readonly tradeDate: MarketDate;
  readonly settlementDate: MarketDate;
  readonly quantity: Decimal;
  readonly currency: Currency;
  /** Contract value: positive = payable. */
  readonly amount: Decimal;
}

/** @throws MarginInputError, naming the field, for an impossible line. */
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
    const problem = problemOf(line.kind ?? 'position', read, businessDate);
    if (problem !== null)
      throw new MarginInputError(inputProblem(`${path}.${problem.member}`, problem.got, problem.expected));
    return read;
  });
}

function problemOf(kind: NonNullable<PositionLine['kind']>, line: Line, businessDate: MarketDate): LineProblem | null {
  for (const member of ['tradeDate', 'settlementDate'] as const) {
    if (!/^\d{4}-\d\d-\d\d$/.test(line[member]))
      return { member, got: line[member], expected: { en: 'YYYY-MM-DD', zh: ' YYYY-MM-DD' } };
  }
  if (kind === 'position') return null;
  const problem = (member: LineProblem['member'], got: string, en: string, zh: string): LineProblem => ({
    member,
    got: { en: `${got} for ${kind}`, zh: `${got}（${kind}）` },
    expected: { en, zh },
  });
  const { settlementDate, quantity, amount } = line;
  if (settlementDate !== businessDate)
    return problem('settlementDate', settlementDate, `the business date ${businessDate}`, `營業日期 ${businessDate}`);
  if (kind === 'unposted-debit') {
    if (!quantity.eq(0)) return problem('quantity', quantity.toFixed(), '0', ' 0');
    return amount.lt(0) ? problem('amount', amount.toFixed(), 'an amount to be collected', '待收款項') : null;
  }
  if (!amount.eq(0))
    return problem('amount', amount.toFixed(), '0: their money is the unposted debit', ' 0（其款項為未過賬借項）');
  return quantity.lt(0) ? problem('quantity', quantity.toFixed(), 'the shares received', '已收到的股數') : null;
}

interface LineProblem {
  readonly member: 'tradeDate' | 'settlementDate' | 'quantity' | 'amount';
  readonly got: string | Words;
  readonly expected: Words;
}
