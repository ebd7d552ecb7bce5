import { askedDate, cursor, instant, limit, nullable, oneOf, pageOf, stockCode, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of account transfers; a mock convention like all of /ccass/v1. */

const status = oneOf('waiting', 'done');
const account = Type.String({ minLength: 1, maxLength: 8, examples: ['03'] });

export const TransferInput = named(
  'TransferInput',
  Type.Object(
    {
      reference: Type.String({ minLength: 1, maxLength: 16, pattern: '^[!-~]([ -~]*[!-~])?$' }),
      stock: stockCode,
      isin: Type.Optional(Type.String({ maxLength: 12 })),
      quantity: Type.Integer({ minimum: 0, maximum: 999_999_999_999 }),
      fromAccount: account,
      toAccount: account,
      narrative: Type.Optional(Type.String({ maxLength: 20, pattern: '^[ -~]*$' })),
    },
    strict,
  ),
);
export type TransferInput = Shape<typeof TransferInput>;
export const TransfersBody = named(
  'TransfersBody',
  Type.Object({ rows: Type.Array(TransferInput, { minItems: 1, maxItems: 200 }) }, strict),
  { rows: [{ reference: 'EXAMPLE-1', stock: '5', quantity: 400, fromAccount: '01', toAccount: '03' }] },
);

export const TransferResults = named(
  'TransferResults',
  Type.Object(
    {
      done: Type.Integer({ description: 'Rows that were input' }),
      refused: Type.Integer(),
      rows: Type.Array(
        Type.Object(
          {
            number: nullable(Type.String({ examples: ['A00000001'] })),
            reference: Type.String(),
            status: nullable(status),
            reason: nullable(Type.String()),
            says: nullable(words),
          },
          strict,
        ),
      ),
    },
    strict,
  ),
);
export type TransferResults = Shape<typeof TransferResults>;

export const TransferQuery = Type.Object(
  { status: Type.Optional(status), stock: Type.Optional(stockCode), inputDate: askedDate, cursor, limit },
  strict,
);
export type TransferQuery = Shape<typeof TransferQuery>;

export const Transfer = named(
  'Transfer',
  Type.Object(
    {
      number: Type.String({ examples: ['A00000001'] }),
      reference: Type.String(),
      status,
      stock: Type.String(),
      quantity: Type.Integer(),
      fromAccount: Type.String(),
      toAccount: Type.String(),
      narrative: Type.String(),
      inputBy: Type.String(),
      inputAt: instant,
      batch: nullable(Type.String()),
      doneAt: nullable(Type.String({ description: 'When the shares moved' })),
    },
    strict,
  ),
);
export type Transfer = Shape<typeof Transfer>;
export const Transfers = named('Transfers', pageOf(Transfer));
