import type { CentreName, MarketDate, Words } from '../domain/nouns/market.ts';
import { type DeskOptions, openDesk, withQuery } from './desk.ts';

/** A user of ORP Online: he comes by one way only, so there is no channel. */
export interface OrpLogOnRequest {
  readonly participant: string;
  readonly user: string;
  readonly password: string;
  readonly newPassword?: string;
  readonly takeOver?: boolean;
}

export interface OrpLoggedOn {
  readonly token: string;
  readonly participant: string;
  readonly user: string;
  readonly role: 'risk' | 'da-maker' | 'da-checker';
  readonly centre: CentreName;
  readonly release: string;
  readonly rehearsalSession: { readonly id: string; readonly name: Words } | null;
  readonly idleMinutes: number;
  readonly warnings: readonly Words[];
}

/** Names a scheduled run; what is left out is the latest. */
export interface RunAsked {
  readonly businessDate?: MarketDate;
  /** HHMM. */
  readonly snapshot?: string;
}

/** What every answer about a run says of it (OpenAPI: /orp/v1/docs; a mock convention). */
export interface RunHeading {
  readonly account: string;
  readonly businessDate: MarketDate;
  readonly snapshot: string;
  readonly riskParameters: { readonly businessDate: MarketDate; readonly sha256: string };
}

/** Exact figures: a text where a number would not hold them. */
export type FigureText = number | string;

export interface RunPositions extends RunHeading {
  readonly rows: readonly {
    readonly instrument: string;
    readonly quantity: FigureText;
    readonly contractValue: FigureText;
    readonly marketValue: FigureText;
  }[];
}

export interface RunMargin extends RunHeading {
  readonly margin: {
    readonly portfolioMargin: { readonly amount: number };
    readonly rounded: number;
    readonly total: FigureText;
  };
}

export interface RunMtm extends RunHeading {
  readonly mtm: { readonly requirement: number; readonly favourable: number };
}

/** What a simulation is asked for; the shapes are at /orp/v1/docs. */
export interface SimulationAsked {
  readonly path: 'A' | 'B' | 'C';
  readonly account: string;
  readonly type?: 'Margin' | 'Stress Test' | 'Margin and Stress Test';
  readonly stressedScenarioSet?: string;
  readonly positions?: 'existing' | 'existing and hypothetical' | 'hypothetical';
  readonly settings?: Readonly<Record<string, FigureText | boolean>>;
  readonly trades?: readonly {
    readonly instrument: string;
    readonly side: 'B' | 'S';
    readonly quantity: number;
    readonly price?: string;
  }[];
}

export interface SimulationTold {
  readonly reference: string;
  readonly status: 'waiting' | 'running' | 'done' | 'failed';
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly result: { readonly margin: RunMargin['margin'] | null } | null;
}

export type OrpUser = ReturnType<typeof orpUser>;

/** A risk user's tooling in short: ORP Online over HTTPS at one unchanged address. What it answers and throws: see openDesk. */
export function orpUser(options: DeskOptions) {
  const { exchange, get, send, logOn, logOff } = openDesk(options, '/orp/v1');
  const ofRun = <T>(what: string, asked: RunAsked) => get<T>(withQuery(`/orp/v1/${what}`, { ...asked }));
  return {
    logOn: (request: OrpLogOnRequest) => logOn<OrpLoggedOn>(request),
    logOff,
    profile: () => get<{ readonly account: string; readonly user: { readonly role: string } }>('/orp/v1/profile'),
    positions: (asked: RunAsked = {}) => ofRun<RunPositions>('positions', asked),
    margin: (asked: RunAsked = {}) => ofRun<RunMargin>('margin', asked),
    mtm: (asked: RunAsked = {}) => ofRun<RunMtm>('mtm', asked),
    /** Takes it on; `simulation` tells how far it is and what came of it. */
    simulate: (asked: SimulationAsked) => send<SimulationTold>('POST', '/orp/v1/simulations', asked),
    simulation: (reference: string) => get<SimulationTold>(`/orp/v1/simulations/${encodeURIComponent(reference)}`),
    [Symbol.dispose]: () => exchange.close(),
  };
}
