import { marketDate } from '../../domain/calendar/calendar.ts';
import { platformNames } from '../../domain/risk/platform-names.ts';
import type { StressSet } from '../../domain/risk/stress-test.ts';
import { refused, standby } from '../access/admission.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { findRun, type RunRequest, runHistory } from './margin-runs.ts';
import type { SimulationRequest } from './simulation-request.ts';
import { createSimulations, SIMULATION } from './simulations.ts';

/** What ORP Online does for a caller that has passed the gate. */
export function createOrp(context: Context, stressSets: readonly StressSet[]) {
  const simulations = createSimulations(context, stressSets);
  return {
    /** What the platform is called on this market date. */
    names: () => platformNames(marketDate(context.clock.now())),
    runHistory: (session: Session, query: Parameters<typeof runHistory>[2]) => runHistory(context, session, query),
    run: (session: Session, request: RunRequest) => findRun(context, session.participant, request),
    readTradeList: async (bytes: Uint8Array) => (await import('../../wire/trade-list.ts')).readTradeList(bytes),
    simulate(session: Session, request: SimulationRequest, caller: Caller) {
      // The body was read after the gate. If the active centre has changed since, a client could not fetch what is begun here.
      if (!context.admits()) return refused(context, standby(context, caller), SIMULATION, caller, session);
      return simulations.start(session, request, caller);
    },
    simulations: (session: Session) => simulations.list(session),
    simulation: (session: Session, reference: string) => simulations.find(session, reference),
    cancelSimulation: (session: Session, reference: string, caller: Caller) =>
      simulations.cancel(session, reference, caller),
    forgetSimulations: () => simulations.forget(),
    idle: () => simulations.idle(),
    stressSets: () => stressSets,
  };
}
