import type { Currency, MarketDate } from '../../domain/nouns/market.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import { type RowFacts, remembered, settlementDates } from '../../domain/settlement/batch.ts';
import type { SettlementRules } from '../../domain/settlement/settlement-rules.ts';
import type { TransferFacts } from '../../domain/settlement/transfer.ts';
import type { Books } from '../../store/books/books.ts';

/** What instructions are checked against besides the books. */
export interface MarketFacts {
  isBusinessDay(date: MarketDate): boolean;
  /** Millionths of a Hong Kong dollar for one unit. */
  hkdRateMicro(currency: Currency): number;
  readonly rules: SettlementRules;
}

/** Who inputs instructions, and on which market date. */
export interface Inputter {
  readonly participant: string;
  readonly user: string;
  readonly date: MarketDate;
}

/** The facts for the rows of one commit. `taken` has the references of earlier rows that are not in the books yet. */
export function rowFacts(books: Books, who: Inputter, market: MarketFacts, taken: ReadonlySet<string>): RowFacts {
  const { participant, user, date } = who;
  return {
    stock: (code) => books.get('stock', code),
    isParticipant: (id) => books.get('participant', id) !== undefined,
    isAccount: remembered((id) => books.get('stockAccount', `${participant}/${id}`) !== undefined),
    isSettlementDate: settlementDates(date, (day) => market.isBusinessDay(day)),
    isReferenceUsed: (text) => taken.has(text) || books.instructionByReference(participant, date, text) !== undefined,
    hkdRateMicro: (currency) => market.hkdRateMicro(currency),
    inputLimitHkdCents: books.get('user', `${participant}/${user}`)?.inputLimitHkdCents ?? null,
  };
}

/** The same for account transfers, whose references are separate from those of instructions. */
export function transferFacts(
  books: Books,
  who: Inputter,
  market: MarketFacts,
  taken: ReadonlySet<string>,
): TransferFacts {
  const { participant, date } = who;
  return {
    ...rowFacts(books, who, market, taken),
    isReferenceUsed: (text) => taken.has(text) || books.transferByReference(participant, date, text) !== undefined,
  };
}

/** `D` and 8 digits. */
export function instructionNumber(digits: number): string {
  return seriesKey(SERIES.instruction, digits);
}
