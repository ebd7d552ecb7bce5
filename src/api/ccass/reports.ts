import { askedDate, date, instant, nullable, oneOf, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of the report list; a mock convention like all of /ccass/v1. */

const identity = {
  reference: Type.String({ examples: ['R00000001'] }),
  id: Type.String({ examples: ['ZSICR01'] }),
  name: words,
  participant: Type.String(),
  businessDate: date,
  format: oneOf('data', 'text'),
};
const times = { madeAt: instant, availableAt: instant, batch: nullable(Type.String()) };

export const Report = named(
  'Report',
  Type.Object(
    { ...identity, fileName: Type.String(), sizeBytes: Type.Integer(), sha256: Type.String(), ...times },
    strict,
  ),
);
export type Report = Shape<typeof Report>;

export const ReportQuery = Type.Object(
  { id: Type.Optional(Type.String({ maxLength: 7 })), businessDate: askedDate },
  strict,
);
export type ReportQuery = Shape<typeof ReportQuery>;

/** A file that could not be made. It is not among the rows, so that a client which downloads every row need not know of it. */
export const ReportNotMade = named('ReportNotMade', Type.Object({ ...identity, ...times, reason: words }, strict));
export type ReportNotMade = Shape<typeof ReportNotMade>;

export const Reports = named(
  'Reports',
  Type.Object(
    {
      rows: Type.Array(Report),
      notMade: Type.Optional(
        Type.Array(ReportNotMade, {
          description:
            'Files that could not be made, such as one with a figure wider than its field, and why. Left out if there are none. Their download is refused with REPORT_NOT_MADE',
        }),
      ),
    },
    strict,
  ),
);
export const ReportParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);
