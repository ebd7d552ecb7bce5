import { marketDate } from '../../domain/calendar/calendar.ts';
import type { Trade, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { enterTrades, type NewTrade, readTrade, type TradeInput } from '../../domain/risk/trade.ts';
import type { Context } from '../context.ts';

/** Bad rows that the message names; `rows` has all of them. */
const NAMED_ROWS = 5;

/** Enters trades, all or none; the refusal has every wrong row. */
export async function addTrades(
  { store, timetable, centre, journal }: Context,
  inputs: readonly TradeInput[],
): Promise<{ readonly trades: readonly Trade[] } | Refusal> {
  const answer = await store.transact<{ readonly trades: readonly Trade[] }>((books, at) => {
    const market = {
      today: marketDate(at),
      isBusinessDay: timetable.isBusinessDay,
      participant: (id: string) => books.get('participant', id),
      stock: (code: string) => books.get('stock', code),
    };
    const read = inputs.map((input) => readTrade(input, market));
    const wrong = read.flatMap((one, n) => (isWords(one) ? [{ row: n + 1, says: one }] : []));
    if (wrong.length > 0) return refused(wrong);
    const { changes, trades, tooLarge } = enterTrades(
      books,
      read.filter((one): one is NewTrade => !isWords(one)),
      at,
    );
    if (tooLarge.length > 0) return refused(tooLarge.map((index) => ({ row: index + 1, says: TOO_LARGE })));
    return { changes, answer: { trades } };
  });
  if (!isRefusal(answer)) journal.note('trades', { centre }, { trades: answer.trades.length });
  return answer;
}

const TOO_LARGE: Words = {
  en: `the due position would exceed ${Number.MAX_SAFE_INTEGER} shares or cents, the largest that is exact`,
  zh: `到期股份數額將超過 ${Number.MAX_SAFE_INTEGER} 股或仙（可準確表達的最大數目）`,
};

function isWords(read: NewTrade | Words): read is Words {
  return 'en' in read;
}

function refused(wrong: readonly { readonly row: number; readonly says: Words }[]): Refusal {
  const some = (language: keyof Words) =>
    wrong
      .slice(0, NAMED_ROWS)
      .map(({ row, says }) => `${row}: ${says[language]}`)
      .join(language === 'en' ? '; ' : '；');
  return refuse(
    'BAD_REQUEST',
    {
      en: `Nothing was entered: ${wrong.length} of the trades are not valid. ${some('en')}. Correct them and send all of them again.`,
      zh: `並未輸入任何買賣：其中 ${wrong.length} 項不能輸入。${some('zh')}。請更正後重新提交全部買賣。`,
    },
    { more: { rows: wrong } },
  );
}
