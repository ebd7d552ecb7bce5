import { DEMO_PASSWORD } from '../domain/access/demo.ts';
import { SESSION_WHYS } from '../domain/journal/kinds/requests.ts';
import { REFUSAL_CODES } from '../domain/refusal.ts';
import { centreName, date, instant, nullable, oneOf, participantId, strict, userRole, words } from './parts.ts';
import Type, { named, type Shape } from './schema-builder.ts';

/** The JSON of log-on, the same at every service except for the channel of CCASS; and of a refusal. Mock conventions. */

/** RFC 9457. */
export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String(),
      title: Type.String(),
      status: Type.Integer(),
      code: Type.Unsafe<string>({
        ...oneOf(...REFUSAL_CODES, 'HARNESS_ERROR'),
        description: 'Stable; see the table of codes in docs/fidelity.md',
      }),
      detail: Type.String({ description: 'What was received, and the next step' }),
      retryAt: Type.Optional(
        Type.String({
          description: 'Market time from which trying again can succeed, if it is known',
          examples: ['2021-07-24T16:30:00+08:00'],
        }),
      ),
      reason: Type.Optional(
        Type.Unsafe<string>({ ...oneOf(...SESSION_WHYS), description: 'Of SESSION_ENDED: how the session ended' }),
      ),
      words: Type.Optional(
        Type.Object({ title: words, detail: words }, { description: 'The texts in both languages' }),
      ),
    },
    { additionalProperties: true, description: 'RFC 9457 problem' },
  ),
);

const channel = oneOf('C3T', 'PG');

const who = {
  participant: participantId,
  user: Type.String({ minLength: 1, maxLength: 8, examples: ['MAKER01'] }),
  password: Type.String({ minLength: 1, maxLength: 128, writeOnly: true }),
};
const how = {
  newPassword: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      writeOnly: true,
      description: 'Replaces the password in the same step',
    }),
  ),
  takeOver: Type.Optional(Type.Boolean({ description: "End the user's other session instead of being refused" })),
};
/**
 * The examples are the demo users as they are (README names them too), so that trying one out logs on. An invented password would
 * lock the user at the third try, and a new one would replace his.
 */
const demo = { participant: 'B09901', password: DEMO_PASSWORD };
export const LogonBody = named('LogonBody', Type.Object({ ...who, channel, ...how }, strict), {
  ...demo,
  user: 'MAKER01',
  channel: 'C3T',
});
export type LogonBody = Shape<typeof LogonBody>;
export const PlainLogonBody = named('PlainLogonBody', Type.Object({ ...who, ...how }, strict), {
  ...demo,
  user: 'RISK01',
});
export type PlainLogonBody = Shape<typeof PlainLogonBody>;

const opened = {
  token: Type.String({ description: 'Send it as `Authorization: Bearer`; it is also set as a cookie' }),
  participant: participantId,
  user: Type.String(),
  role: userRole,
};
const facts = {
  centre: centreName,
  release: Type.String({ description: 'The release of the system that answers: `upgraded`, `rolled back` ...' }),
  rehearsalSession: nullable(Type.Object({ id: Type.String(), name: words }, strict)),
  loggedOnAt: instant,
  idleMinutes: Type.Integer({ description: 'Minutes of market time without a request that end the session' }),
  passwordExpires: date,
  warnings: Type.Array(words),
  simulated: Type.Literal(true),
};
export const LoggedOn = named('LoggedOn', Type.Object({ ...opened, channel, ...facts }, strict));
export type LoggedOn = Shape<typeof LoggedOn>;
export const PlainLoggedOn = named('PlainLoggedOn', Type.Object({ ...opened, ...facts }, strict));
export type PlainLoggedOn = Shape<typeof PlainLoggedOn>;
