import type { RunMargin, RunMtm, RunPositions, RunQuery } from '../api/orp/margin.ts';
import type { Profile } from '../api/orp/profile.ts';
import type { Simulation, SimulationBody } from '../api/orp/simulations.ts';
import type { PlainLoggedOn, PlainLogonBody } from '../api/session.ts';
import { type DeskOptions, openDesk, withQuery } from './desk.ts';

export type OrpUser = ReturnType<typeof orpUser>;

/** A risk user's tooling in short: ORP Online over HTTPS at one unchanged address. What it answers and throws: see openDesk. */
export function orpUser(options: DeskOptions) {
  const { exchange, get, send, logOn, logOff } = openDesk(options, '/orp/v1');
  const ofRun = <T>(what: string, asked: RunQuery) => get<T>(withQuery(`/orp/v1/${what}`, asked));
  return {
    logOn: (request: PlainLogonBody) => logOn<PlainLoggedOn>(request),
    logOff,
    profile: () => get<Profile>('/orp/v1/profile'),
    positions: (asked: RunQuery = {}) => ofRun<RunPositions>('positions', asked),
    margin: (asked: RunQuery = {}) => ofRun<RunMargin>('margin', asked),
    mtm: (asked: RunQuery = {}) => ofRun<RunMtm>('mtm', asked),
    /** Takes it on; `simulation` tells how far it is and what came of it. */
    simulate: (asked: SimulationBody) => send<Simulation>('POST', '/orp/v1/simulations', asked),
    simulation: (reference: string) => get<Simulation>(`/orp/v1/simulations/${encodeURIComponent(reference)}`),
    [Symbol.dispose]: () => exchange.close(),
  };
}
