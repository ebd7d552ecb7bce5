import { nearest } from '../../domain/nearest.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Books } from '../../store/books/books.ts';

/**
 * The stock code for an ISIN or a stock code. CCASS takes both and ignores leading zeros: 5, 05 and 00005 are the same
 * (Terminal User Guide, section 10). An unknown ISIN is returned unchanged, and matches nothing.
 */
export function stockCode<T extends string | undefined>(books: Books, text: T): string | T {
  if (text === undefined) return text;
  return text.length > 5 ? (books.stockByIsin(text)?.code ?? text) : text.padStart(5, '0');
}

interface Named {
  readonly account?: string;
  readonly stock?: string;
  readonly counterparty?: string;
}

/** Refuses a filter that names what there is not: an empty list would look like an answer. */
export function unknownFilter(books: Books, participant: string, named: Named): Refusal | null {
  return (
    unknownAccount(books, participant, named.account) ?? unknownStock(books, named.stock) ?? unknownParty(books, named)
  );
}

function unknownAccount(books: Books, participant: string, account: string | undefined): Refusal | null {
  if (account === undefined) return null;
  const known = books.accountsOf(participant).map(({ id }) => id);
  if (known.includes(account)) return null;
  return refuse('NOT_FOUND', {
    en: `${participant} has no account ${account}. Its accounts: ${known.join(', ')}`,
    zh: `${participant} 並無賬戶 ${account}。現有賬戶：${known.join('、')}`,
  });
}

function unknownStock(books: Books, stock: string | undefined): Refusal | null {
  if (stock === undefined || books.get('stock', stockCode(books, stock))) return null;
  const known = [...books.all('stock')];
  const near = nearest(stock, stock.length > 5 ? known.map(({ isin }) => isin) : known.map(({ code }) => code)).join(
    ', ',
  );
  return refuse('NOT_FOUND', {
    en: `The market has no stock ${stock}. Nearest: ${near || 'none'}. GET /ccass/v1/stocks lists them.`,
    zh: `市場並無股份 ${stock}。最接近者：${near || '無'}。全部見 GET /ccass/v1/stocks。`,
  });
}

function unknownParty(books: Books, { counterparty }: Named): Refusal | null {
  if (counterparty === undefined || books.get('participant', counterparty)) return null;
  const near = nearest(
    counterparty,
    [...books.all('participant')].map(({ id }) => id),
  ).join(', ');
  return refuse('NOT_FOUND', {
    en: `The market has no participant ${counterparty}. Nearest: ${near || 'none'}`,
    zh: `市場並無參與者 ${counterparty}。最接近者：${near || '無'}`,
  });
}
