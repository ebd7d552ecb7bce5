import { centreName, instant, listOf, nullable, oneOf, pageOf, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of batch uploads; a mock convention like all of /ccass/v1. */

const batchMembers = {
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
};
export const Batch = named('Batch', Type.Object(batchMembers, strict));
export type Batch = Shape<typeof Batch>;

export const Batches = named('Batches', pageOf(Batch));

export const RefusedRow = named(
  'RefusedRow',
  Type.Object(
    {
      line: Type.Integer({ description: 'Line of the file, from 1' }),
      reference: Type.String({ description: "Participant's reference" }),
      reason: Type.String({ description: 'GET /ccass/v1/row-reasons lists them all', examples: ['UNKNOWN_STOCK'] }),
      field: nullable(Type.String({ description: "Name of the field in the file's layout" })),
      columns: nullable(Type.Array(Type.Integer(), { description: 'First and last column of the field, from 1' })),
      came: Type.String({ description: 'What stands in these columns' }),
      expected: Type.String({ description: 'What was expected there' }),
      says: words,
    },
    strict,
  ),
);
export type RefusedRow = Shape<typeof RefusedRow>;

/** Every reason for which a row is refused. */
export const RowReasons = named(
  'RowReasons',
  listOf(
    Type.Object(
      {
        reason: Type.String({ examples: ['UNKNOWN_STOCK'] }),
        of: Type.Array(oneOf('ZSIUP01', 'ZATUP01', 'SI Maintenance'), {
          description: 'What a row with this reason may be of: a batch file, or an SI that is there already',
        }),
        says: words,
      },
      strict,
    ),
  ),
);

/** The query asks for a page of the refused rows. */
export const BatchStatus = named(
  'BatchStatus',
  Type.Object({ ...batchMembers, refusedRows: pageOf(RefusedRow) }, strict),
);
export type BatchStatus = Shape<typeof BatchStatus>;

export const BatchParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);

const file = 'The batch file: records of printable ASCII, each with CRLF';
const encoded = 'Content-Encoding gzip is accepted';
/** An upload is read as a stream, and never validated by these. */
export const UPLOAD = {
  headers: Type.Object({
    'content-encoding': Type.Optional(
      Type.String({
        description: 'gzip (or its old name x-gzip), if the body is; left out if it is not',
        examples: ['gzip'],
      }),
    ),
  }),
  body: {
    content: {
      'text/plain': { schema: Type.String({ description: `${file}. ${encoded}` }) },
      'application/octet-stream': {
        schema: Type.String({ contentMediaType: 'application/octet-stream', description: `${file}. ${encoded}` }),
      },
      'multipart/form-data': {
        schema: named(
          'BatchForm',
          Type.Object({
            file: Type.String({
              contentMediaType: 'application/octet-stream',
              description: `${file}; gzipped if the part is of type application/gzip`,
            }),
          }),
        ),
      },
    },
  },
};
