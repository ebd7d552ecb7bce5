import type { Participant, User } from '../domain/nouns.ts';
import type { Performer } from './cast.ts';

/** The makers of a market who can be played, and what their participants come to RAP and ORP Online with. */
export function performersOf(
  market: {
    readonly users: readonly Pick<User, 'participant' | 'id' | 'role'>[];
    readonly participants: readonly Pick<Participant, 'id' | 'type'>[];
  },
  access: {
    /** Of every user at every service. */
    readonly password: string;
    /** The one RAP user whose private key is at hand. */
    readonly rap: { readonly user: string; readonly privateKey: string };
  },
): Performer[] {
  const { password, rap } = access;
  const types = new Map(market.participants.map(({ id, type }) => [id, type]));
  const riskUsers = new Map(
    market.users.filter(({ role }) => role === 'risk').map((user) => [user.participant, user.id]),
  );
  return market.users.flatMap(({ participant, id, role }): Performer[] => {
    const type = types.get(participant);
    if (!type || role !== 'maker') return [];
    const riskUser = riskUsers.get(participant);
    return [
      {
        ...{ participant, type, user: id, password },
        ...(participant === rap.user ? { rapKey: rap.privateKey } : {}),
        ...(riskUser === undefined ? {} : { riskUser }),
      },
    ];
  });
}
