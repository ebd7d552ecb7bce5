import {
  askedDate,
  cursor,
  date,
  instant,
  instructionStatus,
  limit,
  money,
  next,
  nullable,
  oneOf,
  participantId,
  stockCode,
  strict,
  userRole,
  words,
} from '../parts.ts';
import Type from '../schema-builder.ts';

/**
 * The JSON of /ccass/v1. A mock convention throughout: HKEX publishes no such interface (docs/fidelity.md).
 * Money and prices are decimal texts, quantities are whole shares, instants are ISO 8601 in Hong Kong time.
 */

export const Profile = Type.Object(
  {
    participant: Type.Object({ id: participantId, name: words, type: Type.String() }, strict),
    user: Type.Object(
      {
        id: Type.String(),
        name: Type.String(),
        role: userRole,
        inputLimitHkd: nullable(money),
        passwordSetAt: instant,
      },
      strict,
    ),
    accounts: Type.Array(Type.Object({ id: Type.String(), name: words }, strict)),
  },
  strict,
);

export const PageQuery = Type.Object({ cursor, limit }, strict);

export const BalanceQuery = Type.Object(
  { account: Type.Optional(Type.String({ maxLength: 8 })), stock: Type.Optional(stockCode), cursor, limit },
  strict,
);

export const Balances = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          account: Type.String(),
          stock: Type.String(),
          isin: Type.String(),
          name: words,
          quantity: Type.Integer(),
          onHold: Type.Integer({ description: 'Shares put aside for instructions that wait' }),
          price: Type.String({ examples: ['45.350'] }),
          marketValue: money,
          currency: Type.String(),
        },
        strict,
      ),
    ),
    next,
  },
  strict,
);

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

export const Instruction = Type.Object(
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
    matchedWith: nullable(Type.String({ description: "SI number of the counterparty's own SI" })),
    authorisedBy: nullable(Type.String()),
  },
  strict,
);

export const Instructions = Type.Object({ rows: Type.Array(Instruction), next }, strict);

export const Broadcasts = Type.Object(
  {
    rows: Type.Array(
      Type.Object({ number: Type.String(), at: instant, kind: Type.String(), subject: words, text: words }, strict),
    ),
    next,
  },
  strict,
);

export const Batch = Type.Object(
  {
    reference: Type.String({ examples: ['U00000000001'] }),
    repeat: Type.Optional(Type.Boolean({ description: 'The same file was kept already; this is its first reference' })),
    fileId: Type.String(),
    businessDate: Type.String(),
    sequence: Type.String(),
    sha256: Type.String(),
    sizeBytes: Type.Integer(),
    receivedAt: instant,
    receivedBy: oneOf('primary', 'backup'),
    status: oneOf('received', 'processing', 'processed', 'discarded'),
    records: Type.Integer(),
    done: Type.Integer({ description: 'Detail records decided so far' }),
    accepted: Type.Integer(),
    refused: Type.Integer(),
    fault: nullable(
      Type.Object(
        {
          code: Type.String(),
          line: Type.Integer(),
          columns: nullable(Type.Array(Type.Integer())),
          field: nullable(Type.String()),
          came: Type.String(),
          expected: Type.String(),
          says: words,
        },
        strict,
      ),
    ),
    reports: Type.Array(Type.String({ description: 'References of the control report' })),
  },
  strict,
);

export const Batches = Type.Object({ rows: Type.Array(Batch), next }, strict);

export const Report = Type.Object(
  {
    reference: Type.String({ examples: ['R00000001'] }),
    id: Type.String({ examples: ['ZSICR01'] }),
    name: words,
    participant: Type.String(),
    businessDate: date,
    format: oneOf('data', 'text'),
    fileName: Type.String(),
    sizeBytes: Type.Integer(),
    sha256: Type.String(),
    madeAt: instant,
    availableAt: instant,
    batch: nullable(Type.String()),
  },
  strict,
);

export const ReportQuery = Type.Object(
  { id: Type.Optional(Type.String({ maxLength: 7 })), businessDate: askedDate },
  strict,
);

export const Reports = Type.Object({ rows: Type.Array(Report) }, strict);

export const BatchParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);
export const InstructionParams = Type.Object({ number: Type.String({ maxLength: 16 }) }, strict);
