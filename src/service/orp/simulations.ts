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

/** One user's simulation, from the moment it was taken on. Plain data in memory: it is in no books and outlives no switch. */
export interface Simulation {
  /** `SP` or `SB` by its centre, and 6 digits. */
  readonly reference: string;
  readonly askedAt: Instant;
  readonly settings: SimulationSettings;
  readonly portfolio: SimulatedPortfolio;
  /** `waiting` until the risk parameters are read. */
  status: 'waiting' | 'running' | 'done' | 'failed';
  done: number;
  /** null = not known yet. */
  total: number | null;
  result: SimulationResult | null;
  /** Why it failed. */
  faults: readonly Words[];
}

export interface SimulationResult extends SimulationFigures {
  /** The risk parameter file that was used. */
  readonly imrpf: { readonly businessDate: MarketDate; readonly sha256: string };
}

/** As a request, for the journal: the timetable opens and closes simulations with the enquiries. */
export const SIMULATION = { operation: 'enquire', what: 'simulate' } as const;

/** Steps in one turn of the event loop; other requests are served in between. */
const STEPS_A_TURN = 16;
/** Under way at once, of one user. Mock convention. */
const MOST_UNDER_WAY = 2;
/** Kept, of one user; the oldest finished one goes first. Mock convention. */
const MOST_KEPT = 20;

/** The simulations of one centre: each user sees his own, and nobody another's. */
export function createSimulations(context: Context, stressSets: readonly StressSet[]) {
  const { centre, clock, journal } = context;
  const byUser = new Map<string, Simulation[]>();
  const underWay = new Set<Promise<void>>();
  let count = 0;

  const ownOf = (session: Session) => byUser.get(ownerOf(session)) ?? [];
  const isUnderWay = ({ status }: Simulation) => status === 'waiting' || status === 'running';

  function ask(session: Session, asked: SimulationRequest, caller: Caller): Simulation | Refusal {
    const answer = decide(session, asked);
    if (isRefusal(answer)) return refused(context, answer, SIMULATION, caller, session);
    const all = [...ownOf(session), answer];
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

  function decide(session: Session, asked: SimulationRequest): Simulation | Refusal {
    const settings = settingsOf(asked, { account: accountOf(session.participant), stressSets });
    if (isRefusal(settings)) return settings;
    const portfolio = portfolioOf(context, session.participant, asked, settings);
    if (isRefusal(portfolio)) return portfolio;
    if (ownOf(session).filter(isUnderWay).length >= MOST_UNDER_WAY) return tooMany(MOST_UNDER_WAY);
    const reference = `S${centre === 'primary' ? 'P' : 'B'}${String(++count).padStart(6, '0')}`;
    const begun = { status: 'waiting', done: 0, total: null, result: null, faults: [] } as const;
    return { reference, askedAt: clock.now(), settings, portfolio, ...begun };
  }

  async function compute(session: Session, simulation: Simulation): Promise<void> {
    const isWanted = () => ownOf(session).includes(simulation);
    try {
      const { riskParametersOf } = await import('./risk-parameters.ts');
      const { imrpf, ...file } = await riskParametersOf(context, simulation.portfolio.run);
      const figures = await inTurns(imrpf, simulation, isWanted);
      if (!figures) return;
      const total = simulation.total ?? 0;
      const result = { ...figures, imrpf: file };
      Object.assign(simulation, { status: 'done', done: total, total, result } satisfies Partial<Simulation>);
      note(session, simulation, 'done');
    } catch (error) {
      if (!isWanted()) return;
      const faults = error instanceof MarginInputError ? error.problems : null;
      Object.assign(simulation, { status: 'failed', faults: faults ?? [OUR_FAULT] } satisfies Partial<Simulation>);
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
    ask,
    /** The newest first. */
    list: (session: Session): readonly Simulation[] => ownOf(session).toReversed(),
    find: (session: Session, reference: string): Simulation | Refusal =>
      ownOf(session).find((one) => one.reference === reference) ?? noSimulation(reference),
    /** Stops it if it is under way, and forgets it. */
    cancel(session: Session, reference: string, caller: Caller): Simulation | Refusal {
      const simulation = this.find(session, reference);
      if (isRefusal(simulation)) return refused(context, simulation, SIMULATION, caller, session);
      byUser.set(
        ownerOf(session),
        ownOf(session).filter((one) => one !== simulation),
      );
      note(session, simulation, isUnderWay(simulation) ? 'cancelled' : 'removed', caller);
      return simulation;
    },
    /** Resolves when those that are under way now are done: market time waits for them as it does for batches. */
    async idle(): Promise<void> {
      await Promise.all(underWay);
    },
    /** Stops and forgets all: the centre is no longer the active one, or begins anew. */
    forget: () => byUser.clear(),
  };
}

const OUR_FAULT: Words = {
  en: 'A fault of the harness, not of the settings: the journal has it. Please report it.',
  zh: '此為模擬系統本身的錯誤，與設定無關：日誌已有記錄，請通報。',
};

/** Another user of the same participant has simulations of his own. */
function ownerOf({ participant, user }: Session): string {
  return `${participant}/${user}`;
}

/** Null = nobody wants it any more. */
async function inTurns(
  imrpf: Imrpf,
  simulation: Simulation,
  isWanted: () => boolean,
): Promise<SimulationFigures | null> {
  // As in the risk desk: the calculator comes with the first who asks it.
  const { simulationSteps } = await import('./simulation-steps.ts');
  simulation.status = 'running';
  const steps = simulationSteps(imrpf, simulation.settings, simulation.portfolio);
  for (let n = 0; ; n++) {
    // The first turn is given away at once, so that whoever asked has his answer before the work begins.
    if (n % STEPS_A_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    if (!isWanted()) return null;
    const step = steps.next();
    if (step.done) return step.value;
    simulation.done = step.value.done;
    simulation.total = step.value.total;
  }
}
