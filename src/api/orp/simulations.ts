import { MAX_TRADES } from '../../domain/risk/hypothetical-trade.ts';
import { date, instant, listOf, nullable, oneOf, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';
import { figure, MarginResult, Mtm, Params, Position, Run, snapshot } from './margin.ts';
import { names } from './profile.ts';

/** The JSON of the simulation. Fields and defaults are those of the published settings screen; the shapes are ours. */

const pointInTime = Type.Union([Type.Literal('Real-time'), Type.Object({ businessDate: date, snapshot }, strict)], {
  description: '`Real-time` = the latest, or a past run',
  default: 'Real-time',
});
const type = oneOf('Margin', 'Stress Test', 'Margin and Stress Test');
const path = Type.Unsafe<'A' | 'B' | 'C'>({
  type: 'string',
  enum: ['A', 'B', 'C'],
  description:
    'A: existing positions, default settings, margin. B: existing positions, settings of your own. C: hypothetical trades besides',
});
const positions = oneOf('existing', 'existing and hypothetical', 'hypothetical');
const setId = Type.String({ maxLength: 16, examples: ['ZINDEX'] });

/** The service reads it row by row, so that it can name every bad cell. */
const cell = Type.Union([Type.String({ maxLength: 40 }), Type.Number()]);
const TypedTrade = named(
  'TypedTrade',
  Type.Object(
    {
      instrument: cell,
      side: cell,
      quantity: cell,
      price: Type.Optional(nullable(cell)),
      currency: Type.Optional(nullable(cell)),
    },
    {
      ...strict,
      description: 'instrument: stock code; side: B or S; price: empty = the used price',
      examples: [{ instrument: '700', side: 'B', quantity: 1000, price: '600.00' }],
    },
  ),
);

const asked = {
  path,
  account: Type.String({ maxLength: 20, examples: ['HK B09901 MA1'] }),
  usedPosition: Type.Optional(pointInTime),
  usedPrices: Type.Optional(pointInTime),
  includeGreeks: Type.Optional(Type.Boolean({ description: 'Reserved, not used' })),
  stressedScenarioSet: Type.Optional(nullable(setId)),
  type: Type.Optional(type),
  positions: Type.Optional(positions),
  settings: Type.Optional(Params),
};
export const SimulationBody = named(
  'SimulationBody',
  Type.Object({ ...asked, trades: Type.Optional(Type.Array(TypedTrade, { maxItems: MAX_TRADES })) }, strict),
  {
    ...{ path: 'C', account: 'HK B09901 MA1', type: 'Margin', positions: 'hypothetical' },
    trades: [{ instrument: '00005', side: 'B', quantity: 400, price: '45.30', currency: 'HKD' }],
  },
);
export type SimulationBody = Shape<typeof SimulationBody>;
/** Beside a csv, in the field `settings` of a form. */
export const FormSettings = named('FormSettings', Type.Object(asked, strict));
export type FormSettings = Shape<typeof FormSettings>;
/** Beside a csv as the whole body. */
export const CsvQuery = Type.Object(
  {
    positions: Type.Optional(oneOf('existing and hypothetical', 'hypothetical')),
    type: Type.Optional(type),
    stressedScenarioSet: Type.Optional(setId),
  },
  { ...strict, description: 'With text/csv only: the settings of path C' },
);
export type CsvQuery = Shape<typeof CsvQuery>;

/** Documentation only: simulation-body.ts parses and checks these bodies. */
export const TradesCsv = Type.Unsafe<unknown>({
  description: 'instrument,side,quantity,price,currency, then one line per trade',
});
export const TradesForm = Type.Unsafe<unknown>({
  description: 'The field `settings`, JSON, and the file `trades`, a csv',
});

export const SimulationParams = Type.Object({ reference: Type.String({ maxLength: 16 }) }, strict);

const told = {
  reference: Type.String({ examples: ['SP000001'] }),
  status: oneOf('waiting', 'running', 'done', 'failed'),
  progress: Type.Object({ done: Type.Integer(), total: nullable(Type.Integer()) }, strict),
  askedAt: instant,
  account: Type.String(),
  path,
  type,
  positions,
  stressedScenarioSet: nullable(setId),
  simulated: Type.Literal(true),
};

const Stress = named(
  'Stress',
  Type.Object(
    {
      set: setId,
      scenarios: Type.Array(
        Type.Object(
          {
            number: Type.Integer(),
            name: words,
            profitAndLoss: Type.Integer({ description: 'HKD, negative = a loss' }),
            worst: Type.Array(
              Type.Object({ instrument: Type.String(), move: figure, profitAndLoss: Type.Integer() }, strict),
            ),
          },
          strict,
        ),
        { description: 'Worst first' },
      ),
    },
    strict,
  ),
);
const Trade = named(
  'Trade',
  Type.Object(
    {
      stock: Type.String(),
      side: oneOf('buy', 'sell'),
      quantity: Type.Integer(),
      currency: Type.String(),
      price: nullable(Type.String()),
    },
    strict,
  ),
);
const source = nullable(Run);

export const Simulation = named(
  'Simulation',
  Type.Object(
    {
      names,
      ...told,
      inputs: Type.Object(
        {
          usedPosition: source,
          usedPrices: Type.Union([Type.Literal('Real-time'), Run]),
          pricesAt: instant,
          riskParameters: nullable(Type.Object({ businessDate: date, sha256: Type.String() }, strict)),
          params: Params,
          mtm: Mtm,
          rows: Type.Array(Position),
          trades: Type.Array(Trade),
          warnings: Type.Array(Type.String()),
        },
        { ...strict, description: 'Inputs of the computation' },
      ),
      result: nullable(Type.Object({ margin: nullable(MarginResult), stress: nullable(Stress) }, strict)),
      faults: Type.Array(words, { description: 'Why it failed' }),
    },
    strict,
  ),
);
export type Simulation = Shape<typeof Simulation>;
export const SimulationRow = named('SimulationRow', Type.Object(told, strict));
export type SimulationRow = Shape<typeof SimulationRow>;
export const Simulations = named('Simulations', listOf(SimulationRow));

export const StressSet = named(
  'StressSet',
  Type.Object(
    {
      id: setId,
      name: words,
      scenarios: Type.Array(
        Type.Object(
          {
            number: Type.Integer(),
            name: words,
            index: figure,
            instruments: Type.Optional(Type.Record(Type.String(), figure)),
          },
          strict,
        ),
      ),
    },
    strict,
  ),
);
export const StressSets = named('StressSets', listOf(StressSet));
