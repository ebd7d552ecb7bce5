import type { TSchema } from 'typebox';
import { askedDate, cursor, date, instant, limit, pageOf, strict } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';
import { names } from './profile.ts';

/** The JSON of margin: the calculator's input and result (`ccass-harness margin`), and margin runs. */

export const figure = Type.Union([
  Type.Integer(),
  Type.String({ description: 'An exact decimal, of at most 10 decimals', examples: ['-5085118.5'] }),
]);
const byGroup = <T extends TSchema>(schema: T) =>
  Type.Record(Type.String(), schema, { description: 'By group; NON_IPO is everything outside an IPO' });

export const snapshot = Type.String({
  pattern: '^[0-9]{4}$',
  description: 'HHMM of the scheduled run, Hong Kong time',
  examples: ['1100'],
});

export const Position = named(
  'Position',
  Type.Object(
    {
      instrument: Type.String({ examples: ['700', 'DIV1299'] }),
      quantity: figure,
      contractValue: figure,
      marketValue: figure,
    },
    { ...strict, description: 'A line of RMAMP01: HKD equivalents; a positive quantity is long' },
  ),
);

export const Mtm = named(
  'Mtm',
  Type.Object(
    {
      requirement: Type.Integer(),
      favourable: Type.Integer(),
      byCurrency: Type.Array(
        Type.Object({ currency: Type.String(), mtm: Type.Integer(), hkd: Type.Integer() }, strict),
      ),
    },
    { ...strict, description: 'Mark-to-market; requirement or favourable is 0. By currency a loss is negative' },
  ),
);

const PositionLimit = named(
  'PositionLimit',
  Type.Object(
    { liquidCapital: figure, multiplier: figure, cap: Type.Union([figure, Type.Null()]), addOnPercent: figure },
    strict,
  ),
);
const params = {
  minimumMarginRate: Type.Optional(figure),
  flatRateMultiplier: Type.Optional(figure),
  flatRateGroups: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String({ maxLength: 20 })))),
  ipoInstruments: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 1000 })),
  minimumTick: Type.Optional(figure),
  hedgingInstrument: Type.Optional(Type.String({ maxLength: 20 })),
  marginCredit: Type.Optional(figure),
  positionLimit: Type.Optional(Type.Union([PositionLimit, Type.Null()])),
  positionLimitAddOnGiven: Type.Optional(figure),
  mtmGiven: Type.Optional(figure),
  creditRiskAddOn: Type.Optional(figure),
  adHocAddOn: Type.Optional(figure),
  applyHolidayAddOn: Type.Optional(Type.Boolean()),
};
/** The parameters of a margin; as settings of a simulation, those that replace the defaults. */
export const Params = named(
  'Params',
  Type.Object(params, {
    ...strict,
    description: 'Parameters of the calculation. Rates are fractions, amounts are HKD',
  }),
);

const tail = Type.Object(
  {
    tailCount: Type.Integer(),
    tailSum: Type.Integer(),
    mean: figure,
    tailScenarios: Type.Array(Type.Integer(), { description: 'Scenario numbers, worst first' }),
  },
  strict,
);

export const MarginResult = named(
  'MarginResult',
  Type.Object(
    {
      valuationDate: Type.String(),
      portfolioMargin: Type.Object(
        {
          amount: Type.Integer(),
          hvar: byGroup(figure),
          svar: byGroup(figure),
          weighted: byGroup(figure),
          weightedTotal: figure,
          floorBase: figure,
          floor: Type.Integer(),
        },
        strict,
      ),
      flatRateMargin: Type.Integer(),
      liquidationRiskAddOn: Type.Object(
        { amount: Type.Integer(), instrument: Type.Integer(), portfolio: Type.Integer() },
        strict,
      ),
      structuredProductAddOn: Type.Integer(),
      corporateActionMargin: Type.Integer(),
      holidayAddOn: Type.Integer(),
      aggregateBeforeRounding: Type.Integer(),
      rounded: Type.Integer(),
      mtmRequirement: figure,
      favourableMtm: figure,
      netMargin: figure,
      marginCredit: figure,
      netMarginAfterCredit: figure,
      positionLimitAddOn: figure,
      creditRisk: figure,
      adHoc: figure,
      total: figure,
      detail: Type.Object(
        {
          unmatched: Type.Array(Type.String()),
          groups: byGroup(Type.Array(Type.String())),
          hvarTails: byGroup(tail),
          svarTails: byGroup(tail),
          warnings: Type.Array(Type.String()),
        },
        strict,
      ),
    },
    { ...strict, description: 'Every component of the margin, HKD, with the figures behind it' },
  ),
);

export const RunQuery = Type.Object({ businessDate: askedDate, snapshot: Type.Optional(snapshot) }, strict);
export type RunQuery = Shape<typeof RunQuery>;
export const HistoryQuery = Type.Object({ from: askedDate, to: askedDate, cursor, limit }, strict);

const run = {
  businessDate: date,
  snapshot,
  run: Type.String({ examples: ['margin 11:00'] }),
  at: instant,
  shownFrom: instant,
  riskParameters: Type.Object({ businessDate: date, sha256: Type.String() }, strict),
};
/** The run, its time and its risk parameters. */
export const Run = named('Run', Type.Object(run, strict));
export type Run = Shape<typeof Run>;
const heading = { names, account: Type.String(), ...run };

export const RunPositions = named('RunPositions', Type.Object({ ...heading, rows: Type.Array(Position) }, strict));
export type RunPositions = Shape<typeof RunPositions>;
export const RunMargin = named('RunMargin', Type.Object({ ...heading, params: Params, margin: MarginResult }, strict));
export type RunMargin = Shape<typeof RunMargin>;
export const RunMtm = named('RunMtm', Type.Object({ ...heading, mtm: Mtm }, strict));
export type RunMtm = Shape<typeof RunMtm>;
export const HistoryRow = named(
  'HistoryRow',
  Type.Object(
    {
      ...run,
      portfolioMargin: Type.Integer(),
      flatRateMargin: Type.Integer(),
      liquidationRiskAddOn: Type.Integer(),
      structuredProductAddOn: Type.Integer(),
      corporateActionMargin: Type.Integer(),
      holidayAddOn: Type.Integer(),
      aggregateBeforeRounding: Type.Integer(),
      rounded: Type.Integer(),
      mtmRequirement: Type.Integer(),
      favourableMtm: Type.Integer(),
      netMargin: figure,
      marginCredit: figure,
      netMarginAfterCredit: figure,
      positionLimitAddOn: figure,
      creditRisk: figure,
      adHoc: figure,
      total: figure,
    },
    strict,
  ),
);
export type HistoryRow = Shape<typeof HistoryRow>;
export const History = named('History', pageOf(HistoryRow));
