import type { RunMargin, RunMtm, RunPositions, RunQuery } from '../api/orp/margin.ts';
import type { Profile } from '../api/orp/profile.ts';
import type { Simulation, SimulationBody } from '../api/orp/simulations.ts';
import type { PlainLoggedOn, PlainLogonBody } from '../api/session.ts';
import { openServiceClient, type ServiceClientOptions, withQuery } from './service-client.ts';

export type OrpUser = ReturnType<typeof orpUser>;

/** A risk user's tooling in short: ORP Online over HTTPS at one unchanged address. Answers and errors: see openServiceClient. */
export function orpUser(options: ServiceClientOptions) {
  const { exchange, get, send, logOn, logOff } = openServiceClient(options, '/orp/v1');
  const ofRun = <T>(list: string, query: RunQuery) => get<T>(withQuery(`/orp/v1/${list}`, query));
  return {
    logOn: (request: PlainLogonBody) => logOn<PlainLoggedOn>(request),
    logOff,
    profile: () => get<Profile>('/orp/v1/profile'),
    positions: (query: RunQuery = {}) => ofRun<RunPositions>('positions', query),
    margin: (query: RunQuery = {}) => ofRun<RunMargin>('margin', query),
    mtm: (query: RunQuery = {}) => ofRun<RunMtm>('mtm', query),
    /** Starts a simulation; `simulation` answers its progress and its result. */
    simulate: (body: SimulationBody) => send<Simulation>('POST', '/orp/v1/simulations', body),
    simulation: (reference: string) => get<Simulation>(`/orp/v1/simulations/${encodeURIComponent(reference)}`),
    [Symbol.dispose]: () => exchange.close(),
  };
}
