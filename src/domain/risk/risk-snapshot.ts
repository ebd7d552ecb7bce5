import { addDays, marketDate, previousBusinessDay } from '../calendar/calendar.ts';
import { decimalText } from '../exact-integer.ts';
import { normalCode } from '../instrument-codes.ts';
import type { Announcement, Instant, MarketDate, Pledge, Stock } from '../nouns/market.ts';
import {
  amountOfCents,
  type CashPledge,
  type CorporateAction,
  type Entitlement,
  type PositionInput,
  type PositionLine,
  type SharePledge,
  type Snapshot,
} from '../positions/position-lines.ts';
import { isOutstanding } from '../settlement/due-position.ts';
import type { AccountPosition } from './account-positions.ts';
import type { RiskRules } from './risk-rules.ts';

/** The books of one participant at a run. */
export interface SnapshotFacts {
  readonly rules: RiskRules;
  readonly holidays: ReadonlySet<MarketDate>;
  readonly duePositions: readonly AccountPosition[];
  readonly pledges: readonly Pledge[];
  readonly announcements: Iterable<Announcement>;
  readonly stocks: Iterable<Stock>;
}

/** A run: how it treats today's positions, its business date, and when it was due. */
export interface SnapshotOf {
  readonly case: Snapshot;
  readonly date: MarketDate;
  readonly at: Instant;
}

/**
 * The input of the marginable positions of a run: due positions (CNS) that are not settled by then, pledges made by then,
 * corporate actions up to the business date. At the end of the day, positions due that day have settled, unless they are to
 * be overdue.
 */
export function snapshotInput(facts: SnapshotFacts, run: SnapshotOf): PositionInput {
  const { rules, holidays } = facts;
  const pledges = facts.pledges.filter(({ from }) => from <= run.at);
  const announcements = [...facts.announcements].filter(({ exDate }) => exDate <= run.date);
  return {
    businessDate: run.date,
    snapshot: run.case,
    lines: facts.duePositions.filter((row) => isOpen(row, run)).map((row) => line(row, holidays)),
    prepayments: pledges
      // Money paid ahead is for the payables of its day.
      .filter(({ kind, from }) => kind === 'prepayment' && marketDate(from) === run.date)
      .map(({ currency = 'HKD', amountCents = 0 }) => ({ currency, amount: amountOfCents(amountCents) })),
    sharePledges: pledges.filter(({ kind }) => kind === 'SSC').map(sharePledge),
    cashPledges: pledges.filter(({ kind }) => kind === 'SCC').map(cashPledge),
    securities: rules.securities,
    corporateActions: announcements.map((row) => corporateAction(row, run.date)),
    prices: prices(facts.stocks, announcements),
    rates: rules.currencies,
  };
}

function isOpen(position: AccountPosition, { case: snapshot, date }: SnapshotOf): boolean {
  const { kind, tradeDate } = position;
  if (kind !== 'CNS' || (tradeDate !== undefined && tradeDate > date)) return false;
  return isOutstanding(position, snapshot === 'EOD' ? addDays(date, 1) : date);
}

function line(row: AccountPosition, holidays: ReadonlySet<MarketDate>): PositionLine {
  const { stock, settlementDate, quantity, currency, amountCents } = row;
  const tradeDate = row.tradeDate ?? tradedOn(settlementDate, holidays);
  return { counter: stock, tradeDate, settlementDate, quantity, currency, amount: amountOfCents(amountCents) };
}

/** Trades settle two business days later. */
export function tradedOn(settlementDate: MarketDate, holidays: ReadonlySet<MarketDate>): MarketDate {
  return previousBusinessDay(previousBusinessDay(settlementDate, holidays), holidays);
}

function sharePledge({ counter = '', settlementDate = '', quantity = 0 }: Pledge): SharePledge {
  return { settlementCounter: counter, settlementDate, quantity };
}

function cashPledge({ counter = '', tradeDate = '', currency = 'HKD', amountCents = 0 }: Pledge): CashPledge {
  return { settlementCounter: counter, tradeDate, currency, amount: amountOfCents(amountCents) };
}

/** A row of the Corporate Action Position Adjustment Report. */
export function corporateAction(row: Announcement, businessDate: MarketDate): CorporateAction {
  const code = normalCode(row.stock);
  const entitled = (prefix: string, perShare: string | undefined): Entitlement | null =>
    perShare === undefined ? null : { instrument: `${prefix}${code}`, perShare };
  return {
    businessDate,
    exDate: row.exDate,
    market: 'HKMK',
    instrument: code,
    // As in the guide's sample, the same code and a ratio of 1 mean unchanged.
    convertedInstrument: normalCode(row.convertedStock ?? row.stock),
    quantityRatio: row.quantityRatio ?? '1',
    cashDividend: entitled('DIV', row.cashDividend),
    stockDividend: entitled('DSP', row.stockDividend?.perShare),
    rights: entitled('SRI', row.rights?.perShare),
  };
}

function prices(stocks: Iterable<Stock>, announcements: readonly Announcement[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const { code, priceMilli } of stocks) all[normalCode(code)] = decimalText(priceMilli, 3);
  for (const { stock, stockDividend, rights } of announcements) {
    if (stockDividend) all[`DSP${normalCode(stock)}`] = stockDividend.price;
    if (rights) all[`SRI${normalCode(stock)}`] = rights.price;
  }
  return all;
}
