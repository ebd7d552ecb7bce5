import { askedDate, date, instant, listOf, nullable, oneOf, strict, words } from '../parts.ts';
import Type, { type Shape } from '../schema-builder.ts';

/** The JSON of the report list; a mock convention like all of /ccass/v1. */

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
export type Report = Shape<typeof Report>;

export const ReportQuery = Type.Object(
  { id: Type.Optional(Type.String({ maxLength: 7 })), businessDate: askedDate },
  strict,
);
export type ReportQuery = Shape<typeof ReportQuery>;

export const Reports = listOf(Report);
export const ReportParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);
