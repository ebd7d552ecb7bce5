import {
  askedDate,
  cursor,
  date,
  instant,
  limit,
  listOf,
  money,
  nullable,
  oneOf,
  pageOf,
  stockCode,
  strict,
  words,
} from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of positions, money ledger, stock list and movements; a mock convention like all of /ccass/v1. */

export const DuePositionQuery = Type.Object(
  {
    stock: Type.Optional(stockCode),
    market: Type.Optional(oneOf('HKMK', 'MAMK', 'SZMK')),
    kind: Type.Optional(oneOf('CNS', 'isolated')),
    cursor,
    limit,
  },
  strict,
);
export type DuePositionQuery = Shape<typeof DuePositionQuery>;
export const DuePosition = named(
  'DuePosition',
  Type.Object(
    {
      stock: Type.String(),
      market: Type.String(),
      kind: oneOf('CNS', 'isolated'),
      settlementDate: date,
      overdue: Type.Boolean({ description: 'It did not settle on its settlement date, which has passed' }),
      quantity: Type.Integer({ description: 'Shares to receive; negative = to deliver' }),
      currency: Type.String(),
      amount: money,
    },
    strict,
  ),
);
export type DuePosition = Shape<typeof DuePosition>;
export const DuePositions = named('DuePositions', pageOf(DuePosition));

export const LedgerQuery = Type.Object({ currency: Type.Optional(oneOf('HKD', 'CNY', 'USD')) }, strict);
export type LedgerQuery = Shape<typeof LedgerQuery>;
export const LedgerBalance = named(
  'LedgerBalance',
  Type.Object({ currency: Type.String(), subAccount: Type.String(), balance: money }, strict),
);
export type LedgerBalance = Shape<typeof LedgerBalance>;
export const Ledger = named('Ledger', listOf(LedgerBalance));

export const PostingQuery = Type.Object(
  { currency: Type.Optional(oneOf('HKD', 'CNY', 'USD')), date: askedDate, cursor, limit },
  strict,
);
export type PostingQuery = Shape<typeof PostingQuery>;
export const Posting = named(
  'Posting',
  Type.Object(
    {
      number: Type.String({ examples: ['L000000001'] }),
      at: instant,
      currency: Type.String(),
      subAccount: Type.String(),
      amount: Type.String({ description: 'Money received; negative = paid', examples: ['-1234.50'] }),
      balance: money,
      instruction: Type.String(),
      counterparty: Type.String(),
    },
    strict,
  ),
);
export type Posting = Shape<typeof Posting>;
export const Postings = named('Postings', pageOf(Posting));

export const StockQuery = Type.Object(
  { stock: Type.Optional(stockCode), isin: Type.Optional(Type.String({ maxLength: 12 })), cursor, limit },
  strict,
);
export type StockQuery = Shape<typeof StockQuery>;
export const Stock = named(
  'Stock',
  Type.Object(
    {
      stock: Type.String(),
      isin: Type.String(),
      name: words,
      market: Type.String(),
      currency: Type.String(),
      boardLot: Type.Integer(),
      price: Type.String({ examples: ['45.350'] }),
    },
    strict,
  ),
);
export type Stock = Shape<typeof Stock>;
export const Stocks = named('Stocks', pageOf(Stock));

export const MovementQuery = Type.Object(
  {
    account: Type.Optional(Type.String({ maxLength: 8 })),
    stock: Type.Optional(stockCode),
    date: askedDate,
    cursor,
    limit,
  },
  strict,
);
export type MovementQuery = Shape<typeof MovementQuery>;
export const Movement = named(
  'Movement',
  Type.Object(
    {
      number: Type.String(),
      at: instant,
      account: Type.String(),
      stock: Type.String(),
      quantity: Type.Integer({ description: 'Shares received; negative = delivered' }),
      balance: Type.Integer(),
      kind: oneOf('SI', 'ATI'),
      instruction: Type.String(),
      counterparty: nullable(Type.String()),
    },
    strict,
  ),
);
export type Movement = Shape<typeof Movement>;
export const Movements = named('Movements', pageOf(Movement));
