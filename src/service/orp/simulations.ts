import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { JournalDetails } from '../../domain/journal/journal.ts';
import { MarginInputError } from '../../domain/margin/margin-input-error.ts';
import type { Instant, MarketDate, Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { StressSet } from '../../domain/risk/stress-test.ts';
import { refused } from '../access/admission.ts';
import type { Session } from '../access/sessions.ts';
import type { Caller, Context } from '../context.ts';
import { requestHead, sessionHead } from '../journal-entries.ts';
import { accountOf } from './profile.ts';
import { portfolioOf, type SimulatedPortfolio } from './simulated-portfolio.ts';
import { noSimulation, tooMany } from './simulation-refusals.ts';
import { type SimulationRequest, type SimulationSettings, settingsOf } from './simulation-request.ts';
import type { SimulationFigures } from './simulation-steps.ts';

/** One user's simulation. Plain data in memory: it is not in the books and does not survive a switch. */
export interface Simulation {
  /** `SP` or `SB` by its centre, and 6 digits. */
  readonly reference: string;
  readonly askedAt: Instant;
  readonly settings: SimulationSettings;
  readonly portfolio: SimulatedPortfolio;
  /** `waiting` until the risk parameters are read. */
  status: 'waiting' | 'running' | 'done' | 'failed';
  done: number;
  /** Null = not known yet. */
  total: number | null;
  result: SimulationResult | null;
  /** Why it failed. */
  faults: readonly Words[];
}

export interface SimulationResult extends SimulationFigures {
  /** The risk parameter file that was used. */
  readonly imrpf: { readonly businessDate: MarketDate; readonly sha256: string };
}

/** The request, as the journal names it: the timetable opens and closes simulations with the enquiries. */
export const SIMULATION = { operation: 'enquire', what: 'simulate' } as const;

/** Steps in one turn of the event loop, so that other requests are served in between. */
const STEPS_A_TURN = 16;
/** Of one user, under way at once. Mock convention. */
const MOST_UNDER_WAY = 2;
/** Of one user, kept; the oldest finished one is dropped first. Mock convention. */
const MOST_KEPT = 20;

/** The simulations of one centre. Each user sees only the simulations that the same user started. */
export function createSimulations(context: Context, stressSets: readonly StressSet[]) {
  const { centre, clock, journal } = context;
  const byUser = new Map<string, Simulation[]>();
  const underWay = new Set<Promise<void>>();
  let count = 0;

  const simulationsOf = (session: Session) => byUser.get(ownerOf(session)) ?? [];
  const isUnderWay = ({ status }: Simulation) => status === 'waiting' || status === 'running';

  function start(session: Session, request: SimulationRequest, caller: Caller): Simulation | Refusal {
    const answer = decide(session, request);
    if (isRefusal(answer)) return refused(context, answer, SIMULATION, caller, session);
    const all = [...simulationsOf(session), answer];
    const spare = all.length - MOST_KEPT;
    if (spare > 0) {
      const oldest = all.filter((one) => !isUnderWay(one)).slice(0, spare);
      byUser.set(
        ownerOf(session),
        all.filter((one) => !oldest.includes(one)),
      );
    } else byUser.set(ownerOf(session), all);
    note(session, answer, 'requested', caller);
    const computing = compute(session, answer).finally(() => underWay.delete(computing));
    underWay.add(computing);
    return answer;
  }

  function decide(session: Session, request: SimulationRequest): Simulation | Refusal {
    const settings = settingsOf(request, { account: accountOf(session.participant), stressSets });
    if (isRefusal(settings)) return settings;
    const portfolio = portfolioOf(context, session.participant, request, settings);
    if (isRefusal(portfolio)) return portfolio;
    if (simulationsOf(session).filter(isUnderWay).length >= MOST_UNDER_WAY) return tooMany(MOST_UNDER_WAY);
    const reference = `S${centre === 'primary' ? 'P' : 'B'}${String(++count).padStart(6, '0')}`;
    const begun = { status: 'waiting', done: 0, total: null, result: null, faults: [] } as const;
    return { reference, askedAt: clock.now(), settings, portfolio, ...begun };
  }

  async function compute(session: Session, simulation: Simulation): Promise<void> {
    const isKept = () => simulationsOf(session).includes(simulation);
    try {
      const { riskParametersOf } = await import('./risk-parameters.ts');
      const { imrpf, ...file } = await riskParametersOf(context, simulation.portfolio.run);
      const figures = await inTurns(imrpf, simulation, isKept);
      if (!figures) return;
      const total = simulation.total ?? 0;
      const result = { ...figures, imrpf: file };
      Object.assign(simulation, { status: 'done', done: total, total, result } satisfies Partial<Simulation>);
      note(session, simulation, 'done');
    } catch (error) {
      if (!isKept()) return;
      const faults = error instanceof MarginInputError ? error.problems : null;
      Object.assign(simulation, { status: 'failed', faults: faults ?? [INTERNAL_ERROR] } satisfies Partial<Simulation>);
      note(session, simulation, 'failed');
      const what = `simulation ${simulation.reference} failed`;
      if (!faults) journal.note('error', { centre, service: 'orp' }, { what, says: String(error) });
    }
  }

  function note(
    session: Session,
    { reference, settings }: Simulation,
    what: JournalDetails['simulation']['what'],
    caller?: Caller,
  ): void {
    const { path, type } = settings;
    const who = caller ? requestHead(context, caller, session) : sessionHead(session);
    journal.note('simulation', who, { reference, what, path, type });
  }

  return {
    stressSets,
    start,
    /** The newest first. */
    list: (session: Session): readonly Simulation[] => simulationsOf(session).toReversed(),
    find: (session: Session, reference: string): Simulation | Refusal =>
      simulationsOf(session).find((one) => one.reference === reference) ?? noSimulation(reference),
    /** Stops a simulation that is under way, and removes it. */
    cancel(session: Session, reference: string, caller: Caller): Simulation | Refusal {
      const simulation = this.find(session, reference);
      if (isRefusal(simulation)) return refused(context, simulation, SIMULATION, caller, session);
      byUser.set(
        ownerOf(session),
        simulationsOf(session).filter((one) => one !== simulation),
      );
      note(session, simulation, isUnderWay(simulation) ? 'cancelled' : 'removed', caller);
      return simulation;
    },
    /** Resolves when those that are under way now are done: market time waits for them, as it does for batches. */
    async idle(): Promise<void> {
      await Promise.all(underWay);
    },
    /** Stops and removes all: the centre is no longer the active one, or its books were rolled back. */
    forget: () => byUser.clear(),
  };
}

const INTERNAL_ERROR: Words = {
  en: 'An error in the harness, not in the settings: the journal has it. Please report it.',
  zh: '此為模擬系統本身的錯誤，與設定無關：日誌已有記錄，請通報。',
};

/** Users of the same participant do not share simulations. */
function ownerOf({ participant, user }: Session): string {
  return `${participant}/${user}`;
}

/** Null = it was cancelled. */
async function inTurns(imrpf: Imrpf, simulation: Simulation, isKept: () => boolean): Promise<SimulationFigures | null> {
  // As in risk-runs.ts: the calculator is loaded when it is first needed.
  const { simulationSteps } = await import('./simulation-steps.ts');
  simulation.status = 'running';
  const steps = simulationSteps(imrpf, simulation.settings, simulation.portfolio);
  for (let n = 0; ; n++) {
    // The first turn is given up at once, so that the request is answered before the work begins.
    if (n % STEPS_A_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    if (!isKept()) return null;
    const step = steps.next();
    if (step.done) return step.value;
    simulation.done = step.value.done;
    simulation.total = step.value.total;
  }
}
