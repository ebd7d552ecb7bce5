import { centreName, instant, nullable, oneOf, pageOf, strict, words } from '../parts.ts';
import Type, { type Shape } from '../schema-builder.ts';

/** The JSON of batch uploads; a mock convention like all of /ccass/v1. */

export const Batch = Type.Object(
  {
    reference: Type.String({ examples: ['U00000000001'] }),
    repeat: Type.Optional(
      Type.Boolean({ description: 'The same file was received before; this is its first reference' }),
    ),
    fileId: Type.String(),
    businessDate: Type.String(),
    sequence: Type.String(),
    sha256: Type.String(),
    sizeBytes: Type.Integer(),
    receivedAt: instant,
    receivedBy: centreName,
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
export type Batch = Shape<typeof Batch>;

export const Batches = pageOf(Batch);

export const BatchParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);
