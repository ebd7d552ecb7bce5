import { centreName, date, instant, nullable, oneOf, participantId, strict, userRole, words } from './parts.ts';
import Type, { type Shape } from './schema-builder.ts';

/** The JSON of log-on, the same at every service except for the channel of CCASS; and of a refusal. Mock conventions. */

/** RFC 9457. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; see the table of codes in docs/fidelity.md' }),
    detail: Type.String({ description: 'What was received, and the next step' }),
  },
  { additionalProperties: true, description: 'RFC 9457 problem' },
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
export const LogonBody = Type.Object({ ...who, channel, ...how }, strict);
export type LogonBody = Shape<typeof LogonBody>;
export const PlainLogonBody = Type.Object({ ...who, ...how }, strict);
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
export const LoggedOn = Type.Object({ ...opened, channel, ...facts }, strict);
export type LoggedOn = Shape<typeof LoggedOn>;
export const PlainLoggedOn = Type.Object({ ...opened, ...facts }, strict);
export type PlainLoggedOn = Shape<typeof PlainLoggedOn>;
