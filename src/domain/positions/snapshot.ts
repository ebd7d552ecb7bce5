import { type Decimal, quotient, smaller, sum, ZERO } from '../exact.ts';
import { inputProblem, MarginInputError } from '../margin/margin-input-error.ts';
import type { Line } from './line-reading.ts';
import { PLACES } from './never-ending.ts';
import type { Money, PositionInput } from './position-lines.ts';
import { type Rates, readFigure } from './rates.ts';

/** The lines at the snapshot, and the share of today's payables that money at hand covers. */
export interface LinesAtSnapshot {
  readonly lines: readonly Line[];
  readonly offsetRatio: Decimal;
}

/**
 * The three cases (guide, appendix). At the end of the day every line counts. At 14:00 lines due today are left out, since they
 * are settled by then or about to be. At 11:00 the unposted credits and prepayments offset today's payables: every long line due
 * today and every unposted debit is reduced by the same share, short lines are unchanged. An overdue line is not due today and
 * always counts (mock convention). Money at hand is never a separate line.
 */
export function atSnapshot(lines: readonly Line[], input: PositionInput, rates: Rates): LinesAtSnapshot {
  const isDue = ({ settlementDate }: Line) => settlementDate === input.businessDate;
  if (input.snapshot === 'EOD') return { lines, offsetRatio: ZERO };
  if (input.snapshot === '14:00') return { lines: lines.filter((line) => !isDue(line)), offsetRatio: ZERO };

  const payable = sum(
    lines
      .filter((line) => isDue(line) && line.quantity.gte(0) && line.amount.gt(0))
      .map(({ amount, currency }) => rates.hkd(amount, currency)),
  );
  if (payable.eq(0)) return { lines, offsetRatio: ZERO };
  const { unpostedCredits = [], prepayments = [] } = input;
  const credits = inHkd('unpostedCredits', unpostedCredits, rates).plus(inHkd('prepayments', prepayments, rates));
  const open = payable.minus(smaller(credits, payable));
  const scaled = (value: Decimal) => quotient(value.times(open), payable, PLACES);
  return {
    lines: lines.map((line) =>
      isDue(line) && isToReceive(line)
        ? { ...line, quantity: scaled(line.quantity), amount: scaled(line.amount) }
        : line,
    ),
    offsetRatio: quotient(payable.minus(open), payable, 10),
  };
}

/** A long line, or one with money only, such as an unposted debit. */
function isToReceive({ quantity, amount }: Line): boolean {
  return quantity.gt(0) || (quantity.eq(0) && amount.gt(0));
}

function inHkd(name: string, money: readonly Money[], rates: Rates): Decimal {
  return sum(
    money.map(({ amount, currency }, index) => {
      const read = readFigure(`${name}[${index}].amount`, amount);
      if (read.lt(0))
        throw new MarginInputError(
          inputProblem(`${name}[${index}].amount`, read.toFixed(), { en: 'not below 0', zh: '不小於 0' }),
        );
      return rates.hkd(read, currency);
    }),
  );
}
