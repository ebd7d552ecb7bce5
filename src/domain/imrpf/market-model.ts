import { DAY_MS, instant, isBusinessDay } from '../calendar/calendar.ts';
import type { MarketDate } from '../nouns/market.ts';
import { type Draws, type KeyedChance, keyedChance } from './keyed-chance.ts';

/**
 * The model behind the returns of a generated risk parameter file (a mock convention throughout): a market factor, a factor
 * for each sector, and a separate component for each share. Returns are over the close-out period, not over one day.
 *
 * Like a real file, it changes little from day to day: HVaR scenario s is the s-th last business day, so the next business
 * day's file has one new scenario, moves the others one place, and drops the oldest. All are scaled to the market's
 * volatility on the valuation date, which changes slowly (the "filtered" of filtered historical simulation). SVaR is a fixed
 * stress period, about twice as volatile, and never changes.
 */
export interface MarketModel {
  readonly hvarCount: number;
  readonly svarCount: number;
  share(code: string, kind: 'equity' | 'fund'): Share;
}

export interface Share {
  /** With one decimal. */
  readonly beta: number;
  /** In millionths, scenario by scenario: HVaR, then SVaR. */
  readonly returns: Float64Array;
}

const MARKET_WIDTH = 0.0105;
const SECTOR_WIDTH = 0.008;
const SECTORS = 11;
/** Business days from one knot of the market's volatility to the next. */
const KNOT_DAYS = 20;
/** Offset of the numbers of stress days, far from the business days since 2000. */
const STRESS = 0x4000_0000;
const MILLION = 1_000_000;
const MIN_RETURN = -950_000;

export function marketModel(
  date: MarketDate,
  holidays: ReadonlySet<MarketDate>,
  counts: { readonly hvar: number; readonly svar: number },
  chance: { next(): number },
): MarketModel {
  const keyed = keyedChance(chance);
  const total = counts.hvar + counts.svar;
  const today = businessDayNumber(date, holidays);
  const days = Int32Array.from({ length: total }, (_, n) => (n < counts.hvar ? today - n : STRESS + n - counts.hvar));
  const widths = widthsOf(keyed, days, today, counts.hvar);
  const market = factor(keyed.of('market'), days, widths, MARKET_WIDTH);
  const sectors = Array.from({ length: SECTORS }, (_, n) =>
    factor(keyed.of(`sector ${n}`), days, widths, SECTOR_WIDTH),
  );
  const [betas, exposures, ownWidths] = [keyed.of('betas'), keyed.of('exposures'), keyed.of('widths')];

  return {
    hvarCount: counts.hvar,
    svarCount: counts.svar,
    share(code, kind) {
      const own = keyed.of(`share ${code}`);
      const id = Math.floor(own.uniform(-1) * 2 ** 31);
      const sector = sectors[Math.floor(own.uniform(-2) * SECTORS)] as Float64Array;
      const fund = kind === 'fund';
      const beta = fund ? 1 : Math.round(7 + 7 * betas.uniform(id)) / 10;
      const exposure = fund ? 0 : 0.4 + 0.8 * exposures.uniform(id);
      const ownWidth = fund ? 0.0012 : 0.011 + 0.014 * ownWidths.uniform(id);
      const returns = new Float64Array(total);
      for (let n = 0; n < total; n++) {
        const factors = beta * (market[n] as number) + exposure * (sector[n] as number);
        const alone = own.shock(days[n] as number) * (widths[n] as number) * ownWidth;
        returns[n] = Math.max(MIN_RETURN, Math.round((factors + alone) * MILLION) + 0);
      }
      return { beta, returns };
    },
  };
}

function factor(draws: Draws, days: Int32Array, widths: Float64Array, width: number): Float64Array {
  return Float64Array.from(days, (day, n) => draws.shock(day) * (widths[n] as number) * width);
}

/** The market's volatility in each scenario, relative to an ordinary day: the same for all of HVaR, one per stress day. */
function widthsOf(keyed: KeyedChance, days: Int32Array, today: number, hvarCount: number): Float64Array {
  const draws = keyed.of('width');
  const knot = Math.floor(today / KNOT_DAYS);
  const beyond = (today - knot * KNOT_DAYS) / KNOT_DAYS;
  const now = 0.85 + 0.3 * (draws.uniform(knot) * (1 - beyond) + draws.uniform(knot + 1) * beyond);
  return Float64Array.from(days, (day, n) => (n < hvarCount ? now : 1.6 + 0.8 * draws.uniform(day)));
}

/** Business days from the start of 2000 up to a date. */
export function businessDayNumber(date: MarketDate, holidays: ReadonlySet<MarketDate>): number {
  // A Monday.
  const start = '2000-01-03';
  const days = (instant(date) - instant(start)) / DAY_MS;
  const weeks = Math.floor(days / 7);
  const weekdays = weeks * 5 + Math.min(days - weeks * 7 + 1, 5);
  const none: ReadonlySet<MarketDate> = new Set();
  const off = [...holidays].filter((day) => day >= start && day <= date && isBusinessDay(day, none));
  return weekdays - off.length;
}
