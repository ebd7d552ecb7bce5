import { DEMO_PASSWORD } from '../../domain/access/demo.ts';
import { centreName, instant, nullable, participantId, strict, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/** The JSON of log-on to /rap/v1: a mock convention throughout. */

export const LogonBody = named(
  'LogonBody',
  Type.Object(
    { participant: participantId, password: Type.String({ minLength: 1, maxLength: 128, writeOnly: true }) },
    strict,
  ),
  { participant: 'B09901', password: DEMO_PASSWORD },
);
export type LogonBody = Shape<typeof LogonBody>;

export const LoggedOn = named(
  'LoggedOn',
  Type.Object(
    {
      token: Type.String({ description: 'Send it as `Authorization: Bearer`; it is also set as a cookie' }),
      participant: participantId,
      centre: centreName,
      release: Type.String(),
      rehearsalSession: nullable(Type.Object({ id: Type.String(), name: words }, strict)),
      loggedOnAt: instant,
      idleMinutes: Type.Integer({ description: 'Minutes of market time without a request that end the session' }),
      simulated: Type.Literal(true),
    },
    strict,
  ),
);
