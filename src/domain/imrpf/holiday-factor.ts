import { addDays, isBusinessDay } from '../calendar/calendar.ts';
import type { MarketDate } from '../nouns/market.ts';

const WITHOUT_HOLIDAYS: ReadonlySet<MarketDate> = new Set();
const DECIMALS = 10n;

/**
 * Holiday_Factor of the file of a date: sqrt(H) - 1, truncated to ten decimals, where H is the number of holidays before the
 * next business day, Saturdays and Sundays not counted (guide s.2: 0.7320508075 for three). 0 if there is none.
 */
export function holidayFactor(date: MarketDate, holidays: ReadonlySet<MarketDate>): string {
  let count = 0n;
  for (let day = addDays(date, 1); !isBusinessDay(day, holidays); day = addDays(day, 1))
    if (isBusinessDay(day, WITHOUT_HOLIDAYS)) count += 1n;
  if (count <= 1n) return '0';
  const factor = wholeRoot(count * 10n ** (2n * DECIMALS)) - 10n ** DECIMALS;
  const whole = factor / 10n ** DECIMALS;
  const decimals = String(factor % 10n ** DECIMALS).padStart(Number(DECIMALS), '0');
  return `${whole}.${decimals}`.replace(/\.?0+$/, '');
}

/** The integer square root, rounded down (Newton). */
function wholeRoot(square: bigint): bigint {
  let root = square;
  for (let next = (root + 1n) / 2n; next < root; next = (root + square / root) / 2n) root = next;
  return root;
}
