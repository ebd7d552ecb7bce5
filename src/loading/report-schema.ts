import Type from '../api/schema-builder.ts';
import { REPORT_ID_PATTERN } from '../domain/report-id.ts';
import {
  AudienceSchema,
  Days,
  Origin,
  oneOf,
  RunDaysSchema,
  strict,
  TimeOfDay,
  text,
  WordsSchema,
} from './schema-parts.ts';

/** What a file of fixtures/reports/ may hold. Unknown keys are refused. */

const AvailableSchema = Type.Union(
  [Type.Literal('at once'), strict({ sameDay: TimeOfDay }), strict({ nextDay: TimeOfDay })],
  { description: '"at once", { "sameDay": "11:45" } or { "nextDay": "08:00" }' },
);

const DailyRunsSchema = Type.Array(
  strict({ at: TimeOfDay, on: Type.Optional(RunDaysSchema), available: Type.Optional(AvailableSchema) }),
  { minItems: 1 },
);

export const ReportFile = strict({
  ...Origin,
  id: text('a report ID of five to eight letters and digits, such as ZSICR01', REPORT_ID_PATTERN),
  name: WordsSchema,
  layout: Type.Optional(Type.String({ minLength: 1 })),
  audience: AudienceSchema,
  common: Type.Optional(Type.Boolean()),
  formats: Type.Array(oneOf('data', 'text'), { minItems: 1 }),
  market: text('a market code of four letters', '^[A-Z]{4}$'),
  made: Type.Union([Type.Literal('at once'), strict({ daily: Type.Union([TimeOfDay, DailyRunsSchema]) })], {
    description:
      '"at once", { "daily": "20:30" } or { "daily": [{ "at": "11:00" }, { "at": "14:00", "on": "before long holidays" }] }',
  }),
  available: AvailableSchema,
  daysKept: Days,
  /** Members whose status or source differs from the file's. */
  notes: Type.Optional(
    Type.Array(strict({ about: oneOf('made', 'available', 'daysKept', 'content'), ...Origin }), { minItems: 1 }),
  ),
});
