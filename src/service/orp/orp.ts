import { marketDate } from '../../domain/calendar.ts';
import { platformNames } from '../../domain/platform-names.ts';
import type { Context } from '../context.ts';
import type { Session } from '../sessions.ts';
import { type RunAsked, runEnquiry, runHistory } from './margin-runs.ts';
import { accountOf, profile } from './profile.ts';

/** What ORP Online does for a caller whom admission let pass. */
export function createOrp(context: Context) {
  return {
    /** What the platform is called on this market date. */
    names: () => platformNames(marketDate(context.clock.now())),
    account: (session: Session) => accountOf(session.participant),
    profile: (session: Session) => profile(context, session),
    runHistory: (session: Session, query: Parameters<typeof runHistory>[2]) => runHistory(context, session, query),
    run: (session: Session, what: string, asked: RunAsked) => runEnquiry(context, session, what, asked),
  };
}
