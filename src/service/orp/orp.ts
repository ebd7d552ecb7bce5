import { marketDate } from '../../domain/calendar/calendar.ts';
import { platformNames } from '../../domain/risk/platform-names.ts';
import type { StressSet } from '../../domain/risk/stress-test.ts';
import { refused, standby } from '../access/admission.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { type RunAsked, runAsked, runHistory } from './margin-runs.ts';
import type { SimulationAsked } from './simulation-request.ts';
import { createSimulations, SIMULATION } from './simulations.ts';

export interface OrpOptions {
  readonly stressSets: readonly StressSet[];
  /** Does the runs that are due and not done yet; whoever looks at what runs make waits for it. */
  readonly runsDone: () => Promise<void>;
}

/** What ORP Online does for a caller whom admission let pass. */
export function createOrp(context: Context, { stressSets, runsDone }: OrpOptions) {
  const simulations = createSimulations(context, stressSets);
  return {
    /** What the platform is called on this market date. */
    names: () => platformNames(marketDate(context.clock.now())),
    async runHistory(session: Session, query: Parameters<typeof runHistory>[2]) {
      await runsDone();
      return runHistory(context, session, query);
    },
    async run(session: Session, asked: RunAsked) {
      await runsDone();
      return runAsked(context, session.participant, asked);
    },
    readTradeList: async (bytes: Uint8Array) => (await import('../../wire/trade-list.ts')).readTradeList(bytes),
    async simulate(session: Session, asked: SimulationAsked, caller: Caller) {
      await runsDone();
      // A switch meanwhile: what is begun here now nobody could come for.
      if (!context.admits())
        return refused(context, standby(context.centre, context.line(caller.protocol)), SIMULATION, caller, session);
      return simulations.ask(session, asked, caller);
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
