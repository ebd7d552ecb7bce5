import { centreName, instant, nullable, strict } from './parts.ts';
import Type, { named, type Shape } from './schema-builder.ts';

/** GET /centre: which centre answers. It needs no log-on. A mock convention. */
export const CentreFacts = named(
  'CentreFacts',
  Type.Object(
    {
      centre: centreName,
      active: Type.Boolean(),
      release: nullable(Type.String()),
      marketTime: instant,
      line: Type.String(),
      simulated: Type.Literal(true),
    },
    strict,
  ),
);
export type CentreFacts = Shape<typeof CentreFacts>;
