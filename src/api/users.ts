import { instant, listOf, nullable, oneOf, strict, userRole } from './parts.ts';
import Type, { named, type Shape } from './schema-builder.ts';

/** The JSON of the verbs of Delegated Administrators, at CCASS and at ORP Online. A mock convention (docs/fidelity.md). */
const money = Type.String({ pattern: '^[0-9]{1,13}\\.[0-9]{2}$', examples: ['500000.00'] });
const userId = Type.String({
  pattern: '^[A-Z0-9]{1,8}$',
  description: 'User ID: at most 8 capital letters and digits',
  examples: ['MAKER02'],
});
const password = Type.String({
  minLength: 1,
  maxLength: 128,
  writeOnly: true,
  description: 'First password; the user replaces it at the next log-on',
});

export const UserParams = Type.Object({ user: userId }, strict);
export const RequestParams = Type.Object({ number: Type.String({ maxLength: 16 }) }, strict);
const profile = { user: userId, name: Type.String({ minLength: 1, maxLength: 60 }) };
export const CreateBody = named(
  'CreateBody',
  Type.Object({ ...profile, role: oneOf('maker', 'checker'), inputLimitHkd: nullable(money), password }, strict),
  { user: 'MAKER09', name: 'Example User', role: 'maker', inputLimitHkd: '500000.00', password: 'First-Password-1' },
);
export type CreateBody = Shape<typeof CreateBody>;
/** At ORP Online there is one kind of user, without input. */
export const CreateRiskUserBody = named('CreateRiskUserBody', Type.Object({ ...profile, password }, strict), {
  ...{ user: 'RISK09', name: 'Example User', password: 'First-Password-1' },
});
export type CreateRiskUserBody = Shape<typeof CreateRiskUserBody>;
export const ResetBody = named('ResetBody', Type.Object({ password }, strict), { password: 'First-Password-1' });
export const AuthoriseBody = named(
  'AuthoriseBody',
  Type.Object(
    { code: Type.String({ minLength: 1, maxLength: 16, writeOnly: true, description: 'The authorisation code' }) },
    strict,
  ),
  { code: '01234567' },
);
export const RequestQuery = Type.Object({ status: Type.Optional(oneOf('waiting', 'authorised')) }, strict);

export const User = named(
  'User',
  Type.Object(
    {
      user: Type.String(),
      name: Type.String(),
      role: userRole,
      inputLimitHkd: nullable(money),
      passwordSetAt: instant,
      mustChangePassword: Type.Boolean(),
      locked: nullable(oneOf('administrator', 'wrong-passwords')),
    },
    strict,
  ),
);
export type User = Shape<typeof User>;
export const Users = named('Users', listOf(User));
export const UserRequest = named(
  'UserRequest',
  Type.Object(
    {
      number: Type.String({ examples: ['Q00000001'] }),
      act: oneOf('create', 'lock', 'unlock', 'reset'),
      user: Type.String(),
      status: oneOf('waiting', 'authorised'),
      requestedBy: Type.String(),
      requestedAt: instant,
      authorisedBy: nullable(Type.String()),
      authorisedAt: nullable(instant),
    },
    strict,
  ),
);
export type UserRequest = Shape<typeof UserRequest>;
export const UserRequests = named('UserRequests', listOf(UserRequest));
export const AuthorisationCode = named(
  'AuthorisationCode',
  Type.Object({ code: Type.String({ examples: ['01234567'] }), until: instant }, strict),
);
