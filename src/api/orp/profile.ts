import { instant, participantId, strict, userRole, words } from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/**
 * The JSON of /orp/v1. A mock convention throughout: of ORP Online only the screens of the simulation are published
 * (docs/fidelity.md).
 */

/** Names of platform and on-line system on the market date: ORP Online, later VaR Online. */
export const names = Type.Object({ platform: words, online: words }, strict);

export const Profile = named(
  'Profile',
  Type.Object(
    {
      names,
      participant: Type.Object({ id: participantId, name: words, type: Type.String() }, strict),
      user: Type.Object({ id: Type.String(), name: Type.String(), role: userRole, passwordSetAt: instant }, strict),
      account: Type.String({ description: 'The one simulation account', examples: ['HK B09901 MA1'] }),
    },
    strict,
  ),
);
export type Profile = Shape<typeof Profile>;
