import type { Context } from '../context.ts';
import type { Session } from '../sessions.ts';
import { profile } from './profile.ts';

/** What ORP Online does for a caller whom admission let pass. */
export function createOrp(context: Context) {
  return {
    profile: (session: Session) => profile(context, session),
  };
}
