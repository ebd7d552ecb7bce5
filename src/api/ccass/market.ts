import {
  askedDate,
  cursor,
  date,
  instant,
  limit,
  money,
  next,
  nullable,
  oneOf,
  stockCode,
  strict,
  words,
} from '../parts.ts';
import Type from '../schema-builder.ts';

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
export const DuePositions = Type.Object(
  {
    rows: Type.Array(
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
    ),
    next,
  },
  strict,
);

export const LedgerQuery = Type.Object({ currency: Type.Optional(oneOf('HKD', 'CNY', 'USD')) }, strict);
export const Ledger = Type.Object(
  {
    rows: Type.Array(Type.Object({ currency: Type.String(), subAccount: Type.String(), balance: money }, strict)),
  },
  strict,
);

export const PostingQuery = Type.Object(
  { currency: Type.Optional(oneOf('HKD', 'CNY', 'USD')), date: askedDate, cursor, limit },
  strict,
);
export const Postings = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          number: Type.String({ examples: ['L000000001'] }),
          at: instant,
          currency: Type.String(),
          subAccount: Type.String(),
          amount: Type.String({ description: 'Money that came; negative = that was paid', examples: ['-1234.50'] }),
          balance: money,
          instruction: Type.String(),
          counterparty: Type.String(),
        },
        strict,
      ),
    ),
    next,
  },
  strict,
);

export const StockQuery = Type.Object(
  { stock: Type.Optional(stockCode), isin: Type.Optional(Type.String({ maxLength: 12 })), cursor, limit },
  strict,
);
export const Stocks = Type.Object(
  {
    rows: Type.Array(
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
    ),
    next,
  },
  strict,
);

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
export const Movements = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          number: Type.String(),
          at: instant,
          account: Type.String(),
          stock: Type.String(),
          quantity: Type.Integer({ description: 'Shares that came; negative = that went' }),
          balance: Type.Integer(),
          kind: oneOf('SI', 'ATI'),
          instruction: Type.String(),
          counterparty: nullable(Type.String()),
        },
        strict,
      ),
    ),
    next,
  },
  strict,
);
