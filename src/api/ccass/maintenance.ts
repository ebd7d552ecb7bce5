import type { Payment } from '../../domain/nouns/instructions.ts';
import type { Currency } from '../../domain/nouns/market.ts';
import { date, instructionStatus, nullable, oneOf, participantId, stockCode, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of SI Maintenance; a mock convention like all of /ccass/v1. */

const decimalText = Type.String({ pattern: '^[0-9]{1,13}(\\.[0-9]{1,2})?$', examples: ['1234.50'] });
const instructionFields = {
  quantity: Type.Integer({ minimum: 0, maximum: 999_999_999_999 }),
  counterparty: participantId,
  account: Type.String({ minLength: 1, maxLength: 8 }),
  payment: Type.Unsafe<Payment>({
    ...oneOf('FOP', 'DVP', 'RDP'),
    description:
      'Free of payment, delivery versus payment, real-time DVP; both sides name the same one, or they do not match',
  }),
  currency: Type.Optional(
    Type.Unsafe<Currency | null>({
      type: ['string', 'null'],
      enum: ['HKD', 'CNY', 'USD', null],
      description: 'Null or left out with FOP; a change to FOP takes null, and amount 0',
    }),
  ),
  amount: Type.Optional(decimalText),
  settlementDate: date,
  hold: Type.Optional(Type.Boolean()),
  narrative: Type.Optional(Type.String({ maxLength: 20, pattern: '^[ -~]*$' })),
};

/** A: a row as the user inputs it. */
export const InstructionInput = named(
  'InstructionInput',
  Type.Object(
    {
      reference: Type.String({ minLength: 1, maxLength: 16, pattern: '^[!-~]([ -~]*[!-~])?$' }),
      side: oneOf('deliver', 'receive'),
      stock: stockCode,
      isin: Type.Optional(Type.String({ maxLength: 12 })),
      ...instructionFields,
    },
    strict,
  ),
);
export type InstructionInput = Shape<typeof InstructionInput>;
export const InputBody = named(
  'InputBody',
  Type.Object({ rows: Type.Array(InstructionInput, { minItems: 1, maxItems: 200 }) }, strict),
  {
    rows: [
      {
        ...{
          reference: 'EXAMPLE-1',
          side: 'deliver',
          stock: '5',
          quantity: 400,
          counterparty: 'B09902',
          account: '01',
        },
        ...{ payment: 'DVP', currency: 'HKD', amount: '18120.00', settlementDate: '2021-07-26' },
      },
    ],
  },
);

const numbers = Type.Array(Type.String({ maxLength: 9, examples: ['D00000001'] }), { minItems: 1, maxItems: 200 });
export const NumbersBody = named('NumbersBody', Type.Object({ numbers }, strict), { numbers: ['D00000001'] });
export const HoldBody = named(
  'HoldBody',
  Type.Object({ numbers, hold: Type.Boolean({ description: 'true = hold, false = release' }) }, strict),
  { numbers: ['D00000001'], hold: true },
);
/** C: the members to change; others stay as they are. */
export const InstructionChange = named('InstructionChange', Type.Partial(Type.Object(instructionFields), strict), {
  quantity: 800,
});
export type InstructionChange = Shape<typeof InstructionChange>;

/** Valid rows were executed; each failed row has its reason code. */
export const RowResults = named(
  'RowResults',
  Type.Object(
    {
      done: Type.Integer(),
      refused: Type.Integer(),
      rows: Type.Array(
        Type.Object(
          {
            number: nullable(Type.String()),
            reference: nullable(Type.String()),
            status: nullable(instructionStatus),
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
export type RowResults = Shape<typeof RowResults>;
