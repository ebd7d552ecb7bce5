import { addDays, isMarketDate } from '../calendar/calendar.ts';
import { belongsTo } from '../calendar/rehearsal.ts';
import { type Change, KEY, put } from '../change.ts';
import type { DuePosition, Instant, MarketDate, Participant, Stock, Trade, Words } from '../nouns/market.ts';
import { SERIES, seriesKey } from '../series.ts';

/** A side of a trade, with its dates, before it is entered in the books. */
export type NewTrade = Omit<Trade, 'number' | 'at'>;

/** The rows of the books that a trade changes. */
export interface TradeFacts {
  counter(name: 'trade'): number;
  get(table: 'duePosition', key: string): DuePosition | undefined;
  get(table: 'stock', key: string): Stock | undefined;
}

/** What entering trades changes. */
export interface EnteredTrades {
  readonly changes: Change[];
  readonly trades: readonly Trade[];
  /** Indexes of the trades that were left out, since their due position would exceed 2^53 - 1 shares or cents. */
  readonly tooLarge: readonly number[];
}

/**
 * The changes that enter trades: each gets a number, and each adds to the due position (CNS) of its participant, stock and
 * settlement date, since HKSCC is the counterparty of both sides and nets what settles on one day.
 */
export function enterTrades(facts: TradeFacts, trades: readonly NewTrade[], at: Instant): EnteredTrades {
  let next = facts.counter('trade');
  const positions = new Map<string, DuePosition>();
  const entered: Trade[] = [];
  const tooLarge: number[] = [];
  trades.forEach((trade, index) => {
    const before = emptyPosition(trade, facts.get('stock', trade.stock)?.market ?? 'HKMK');
    const key = KEY.duePosition(before);
    const position = positions.get(key) ?? facts.get('duePosition', key) ?? before;
    const sign = trade.side === 'buy' ? 1 : -1;
    const quantity = position.quantity + sign * trade.quantity;
    const amountCents = position.amountCents + sign * trade.amountCents;
    if (!Number.isSafeInteger(quantity) || !Number.isSafeInteger(amountCents)) {
      tooLarge.push(index);
      return;
    }
    positions.set(key, { ...position, quantity, amountCents });
    entered.push({ ...trade, number: seriesKey(SERIES.trade, next++), at });
  });
  if (entered.length === 0) return { changes: [], trades: [], tooLarge };
  return {
    tooLarge,
    changes: [
      ...entered.map((trade) => put('trade', trade)),
      ...[...positions.values()].map((position) => put('duePosition', position)),
      put('counter', { name: 'trade', next }),
    ],
    trades: entered,
  };
}

function emptyPosition({ participant, stock, settlementDate, currency, tradeDate }: NewTrade, market: string) {
  const position: DuePosition = {
    ...{ participant, stock, market, settlementDate, currency },
    ...{ quantity: 0, amountCents: 0, kind: 'CNS', tradeDate },
  };
  return position;
}

/** The consideration of a trade in cents, half a cent rounded away from zero; exact if it is a safe integer. */
export function considerationCents(quantity: number, priceMilli: number): number {
  const milli = quantity * priceMilli;
  if (Number.isSafeInteger(milli)) return Math.round(milli / 10);
  return Number((BigInt(quantity) * BigInt(priceMilli) + 5n) / 10n);
}

/** A tester's input of a trade. */
export interface TradeInput {
  readonly participant: string;
  readonly side: Trade['side'];
  /** With or without leading zeros. */
  readonly stock: string;
  readonly quantity: number;
  /** Price of one share, a decimal of at most three places. */
  readonly price: string;
  /** Left out = the last business day up to the market date. */
  readonly tradeDate?: MarketDate;
  /** `nnnnn+`, the non-clearing participant that the trade is cleared for; left out = the participant itself. */
  readonly account?: string;
}

/** The facts that a trade is checked against. */
export interface TradeMarket {
  readonly today: MarketDate;
  readonly isBusinessDay: (date: MarketDate) => boolean;
  readonly participant: (id: string) => Participant | undefined;
  readonly stock: (code: string) => Stock | undefined;
}

/** The trade with its dates and its consideration, or a text that says what is wrong. */
export function readTrade(input: TradeInput, market: TradeMarket): NewTrade | Words {
  const { participant, side, quantity } = input;
  const { today, isBusinessDay } = market;
  const type = market.participant(participant)?.type;
  if (!type || !belongsTo('clearing', type))
    return {
      en: `${participant} is not a clearing participant: only clearing participants have trades to clear`,
      zh: `${participant} 並非結算參與者，只有結算參與者有買賣須結算`,
    };
  const { account } = input;
  if (account !== undefined && type !== 'general-clearing')
    return {
      en: `got account ${account}, but ${participant} clears for nobody else: only general clearing participants do`,
      zh: `收到賬戶 ${account}，但 ${participant} 並不為他人結算，只有全面結算參與者才可`,
    };
  const stock = market.stock(input.stock.padStart(STOCK_DIGITS, '0'));
  if (!stock) return { en: `the market has no stock ${input.stock}`, zh: `市場並無證券 ${input.stock}` };
  const priceMilli = milliOf(input.price);
  if (priceMilli === null)
    return {
      en: `"${input.price}" is not a valid price: give a decimal above 0 of at most three places`,
      zh: `「${input.price}」並非價格：須為大於 0 且最多三位小數的數字`,
    };
  const amountCents = considerationCents(quantity, priceMilli);
  if (amountCents === 0 || !Number.isSafeInteger(amountCents))
    return {
      en: `${quantity} at ${input.price} is not an amount that can be booked`,
      zh: `${quantity} 股按 ${input.price} 的金額無法入賬`,
    };
  const tradeDate = input.tradeDate ?? lastBusinessDay(today, isBusinessDay);
  if (!isMarketDate(tradeDate) || !isBusinessDay(tradeDate) || tradeDate > today)
    return {
      en: `${tradeDate} is not a valid trade date: give a business day up to ${today}`,
      zh: `${tradeDate} 並非交易日期：須為 ${today} 或之前的營業日`,
    };
  const settlementDate = settlementDateOf(tradeDate, isBusinessDay);
  if (settlementDate < today)
    return {
      en: `trades of ${tradeDate} settled on ${settlementDate}: name a later trade date`,
      zh: `${tradeDate} 的買賣已於 ${settlementDate} 交收：請提供較後的交易日期`,
    };
  const { code, currency } = stock;
  const trade: NewTrade = {
    participant,
    side,
    stock: code,
    quantity,
    currency,
    amountCents,
    tradeDate,
    settlementDate,
  };
  return account === undefined ? trade : { ...trade, account };
}

const STOCK_DIGITS = 5;
const SETTLEMENT_DAYS = 2;

/** T+2, in business days. */
export function settlementDateOf(tradeDate: MarketDate, isBusinessDay: (date: MarketDate) => boolean): MarketDate {
  let date = tradeDate;
  for (let n = 0; n < SETTLEMENT_DAYS; n++) {
    date = addDays(date, 1);
    while (!isBusinessDay(date)) date = addDays(date, 1);
  }
  return date;
}

function lastBusinessDay(today: MarketDate, isBusinessDay: (date: MarketDate) => boolean): MarketDate {
  let date = today;
  while (!isBusinessDay(date)) date = addDays(date, -1);
  return date;
}

function milliOf(price: string): number | null {
  const [, whole, part = ''] = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(price) ?? [];
  const milli = whole === undefined ? 0 : Number(whole) * 1000 + Number(part.padEnd(3, '0'));
  return milli > 0 ? milli : null;
}
