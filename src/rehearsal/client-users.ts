import { belongsTo } from '../domain/calendar/rehearsal.ts';
import type { User } from '../domain/nouns/access.ts';
import type { Participant } from '../domain/nouns/market.ts';
import type { ClientUser } from './participants.ts';

export interface RehearsalMarket {
  readonly users: readonly Pick<User, 'participant' | 'id' | 'role'>[];
  readonly participants: readonly Pick<Participant, 'id' | 'type'>[];
  readonly rap: {
    readonly rules: { readonly passwordLogon: boolean };
    readonly users: readonly { readonly participant: string; readonly passwordHash?: string | undefined }[];
  };
}

export interface ClientCredentials {
  /** The password of every user at every service. */
  readonly password: string;
  /** The RAP user whose key pair is available. */
  readonly rap: { readonly user: string; readonly privateKey: string; readonly publicKey: string };
}

/**
 * The makers of a market, with their participants' checkers and credentials for RAP and ORP Online. A clearing participant without a
 * password at RAP uses the available key, which is to be registered for it.
 */
export function clientUsersOf(market: RehearsalMarket, { password, rap }: ClientCredentials): ClientUser[] {
  const types = new Map(market.participants.map(({ id, type }) => [id, type]));
  const firstOf = (wanted: User['role']) =>
    new Map(
      market.users
        .filter(({ role }) => role === wanted)
        .toReversed()
        .map((user) => [user.participant, user.id]),
    );
  const [riskUsers, checkers] = [firstOf('risk'), firstOf('checker')];
  const { rules, users } = market.rap;
  const byPassword = new Set(
    users.filter((one) => rules.passwordLogon && one.passwordHash !== undefined).map((one) => one.participant),
  );
  return market.users.flatMap(({ participant, id, role }): ClientUser[] => {
    const type = types.get(participant);
    if (!type || role !== 'maker') return [];
    const [riskUser, checker] = [riskUsers.get(participant), checkers.get(participant)];
    const isKeyless = belongsTo('clearing', type) && participant !== rap.user && !byPassword.has(participant);
    return [
      {
        ...{ participant, type, user: id, password },
        ...(participant === rap.user || isKeyless ? { rapKey: rap.privateKey } : {}),
        ...(isKeyless ? { rapKeyToRegister: rap.publicKey } : {}),
        ...(checker === undefined ? {} : { checker }),
        ...(riskUser === undefined ? {} : { riskUser }),
      },
    ];
  });
}
