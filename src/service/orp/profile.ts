import { userKey } from '../../domain/change.ts';
import type { User } from '../../domain/nouns/access.ts';
import type { Participant } from '../../domain/nouns/market.ts';
import type { Session } from '../access/sessions.ts';
import type { Context } from '../context.ts';

export interface OrpProfile {
  readonly participant: Participant;
  readonly user: Pick<User, 'id' | 'name' | 'role' | 'passwordSetAt'>;
  readonly account: string;
}

/** The session's participant and user, and the simulation account. */
export function profile(context: Context, session: Session): OrpProfile {
  const { books } = context.store;
  const participant = books.get('participant', session.participant);
  const user = books.get('user', userKey('orp', session.participant, session.user));
  if (!participant || !user) throw new Error(`session ${session.ordinal} belongs to a user that the books lack`);
  const { id, name, role, passwordSetAt } = user;
  return { participant, user: { id, name, role, passwordSetAt }, account: accountOf(session.participant) };
}

/**
 * The simulation account: HK is the exchange location, MA1 the marginable main account; that of a general clearing
 * participant holds its own positions and its non-clearing participants' (VaR Online User Guide, section 4).
 */
export function accountOf(participant: string): string {
  return `HK ${participant} MA1`;
}
