import {
  askedDate,
  cursor,
  date,
  instant,
  instructionStatus,
  limit,
  money,
  nullable,
  oneOf,
  pageOf,
  participantId,
  stockCode,
  strict,
} from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of settlement instructions; a mock convention like all of /ccass/v1. */

export const InstructionQuery = Type.Object(
  {
    status: Type.Optional(instructionStatus),
    stock: Type.Optional(stockCode),
    counterparty: Type.Optional(participantId),
    settlementDate: askedDate,
    inputDate: askedDate,
    cursor,
    limit,
  },
  strict,
);
export type InstructionQuery = Shape<typeof InstructionQuery>;

export const Instruction = named(
  'Instruction',
  Type.Object(
    {
      number: Type.String({ examples: ['D00000001'] }),
      reference: Type.String(),
      status: instructionStatus,
      side: oneOf('deliver', 'receive'),
      stock: Type.String(),
      quantity: Type.Integer(),
      counterparty: participantId,
      account: Type.String(),
      payment: oneOf('FOP', 'DVP', 'RDP'),
      currency: nullable(Type.String()),
      amount: money,
      settlementDate: date,
      hold: Type.Boolean(),
      narrative: Type.String(),
      inputBy: Type.String(),
      inputAt: instant,
      batch: nullable(Type.String()),
      statusAt: instant,
      matchedWith: nullable(Type.String({ description: "SI number of the counterparty's SI" })),
      authorisedBy: nullable(Type.String()),
    },
    strict,
  ),
);
export type Instruction = Shape<typeof Instruction>;

export const Instructions = named('Instructions', pageOf(Instruction));

export const InstructionParams = Type.Object({ number: Type.String({ maxLength: 16 }) }, strict);
