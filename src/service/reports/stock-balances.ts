import { marketValueCents } from '../ccass/enquiries.ts';
import { money, price, stockNamed } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/** Statement of Stock Balances (ZSBAL01, a mock convention): every holding, in order of account and stock. */
export const stockBalances: ReportMaker = (books, { participant }) => {
  const lines = books.holdingsOf(participant.id).map((holding) => {
    const stock = stockNamed(books, holding.stock);
    return { holding, stock, valueCents: marketValueCents(holding.quantity, stock.priceMilli) };
  });
  return {
    records: () =>
      lines.map(({ holding, stock, valueCents }) => ({
        account: holding.account,
        stock: stock.code,
        isin: stock.isin,
        name: stock.name.en
          .replace(/[^ -~]/g, '?')
          .slice(0, 20)
          .trimEnd(),
        quantity: holding.quantity,
        priceMilli: stock.priceMilli,
        marketValueCents: typeof valueCents === 'string' ? BigInt(valueCents) : valueCents,
        currency: stock.currency,
      })),
    columns: [
      { heading: 'ACCOUNT', width: 8, align: 'left' },
      { heading: 'STOCK', width: 5, align: 'left' },
      { heading: 'ISIN', width: 12, align: 'left' },
      { heading: 'NAME', width: 30, align: 'left' },
      { heading: 'QUANTITY', width: 15, align: 'right' },
      { heading: 'PRICE', width: 13, align: 'right' },
      { heading: 'MARKET VALUE', width: 19, align: 'right' },
      { heading: 'CCY', width: 3, align: 'left' },
    ],
    rows: () =>
      lines.map(({ holding, stock, valueCents }) => [
        holding.account,
        stock.code,
        stock.isin,
        stock.name.en,
        String(holding.quantity),
        price(stock.priceMilli),
        money(valueCents),
        stock.currency,
      ]),
    footer: [['STOCK BALANCES', String(lines.length)]],
  };
};
