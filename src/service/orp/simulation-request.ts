import type { MarginParams } from '../../domain/margin/calculation.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { TradeColumn, TradeFault, TradeRow } from '../../domain/risk/hypothetical-trade.ts';
import type { StressSet } from '../../domain/risk/stress-test.ts';

/** `Real-time` = the latest; or the run of that date and time. */
export type PointInTime = 'Real-time' | { readonly businessDate: MarketDate; readonly snapshot: string };

/** The three access paths of the simulation (VaR Online User Guide, section 4). */
export type AccessPath = 'A' | 'B' | 'C';
export type SimulationType = 'Margin' | 'Stress Test' | 'Margin and Stress Test';
/** Which positions are simulated; all but `existing` need path C. */
export type PositionBasis = 'existing' | 'existing and hypothetical' | 'hypothetical';

export interface SimulationRequest {
  readonly path: AccessPath;
  /** `HK <Participant ID> MA1`. */
  readonly account: string;
  readonly usedPosition?: PointInTime;
  readonly usedPrices?: PointInTime;
  /** Accepted and not used: reserved. */
  readonly includeGreeks?: boolean;
  /** ID of the stressed scenario set definition; blank for a margin simulation. */
  readonly stressedScenarioSet?: string | null;
  readonly type?: SimulationType;
  readonly positions?: PositionBasis;
  /** Replace the default parameters. */
  readonly settings?: MarginParams | Partial<MarginParams>;
  readonly trades?: TradeRows;
}

/** Hypothetical trades as the client sent them. */
export interface TradeRows {
  readonly rows: readonly TradeRow[];
  /** The column of each field in the csv; empty if the trades were typed. */
  readonly columns?: ReadonlyMap<TradeColumn, number>;
  /** Faults of the csv itself. */
  readonly faults?: readonly TradeFault[];
}

/** A request with its defaults filled in. */
export interface SimulationSettings {
  readonly path: AccessPath;
  readonly account: string;
  readonly usedPosition: PointInTime;
  readonly usedPrices: PointInTime;
  readonly type: SimulationType;
  readonly positions: PositionBasis;
  readonly settings: Partial<MarginParams> | null;
  readonly stressSet: StressSet | null;
}

/**
 * The settings of a simulation, if its access path offers them: A existing positions with default settings, margin only;
 * B existing positions with other settings; C hypothetical trades as well. A refusal names the path that offers what was
 * requested.
 */
export function settingsOf(
  request: SimulationRequest,
  offered: { readonly account: string; readonly stressSets: readonly StressSet[] },
): SimulationSettings | Refusal {
  const { path, usedPosition = 'Real-time', usedPrices = 'Real-time', type = 'Margin' } = request;
  const { positions = path === 'C' ? 'existing and hypothetical' : 'existing' } = request;
  const setId = request.stressedScenarioSet || null;
  if (request.account !== offered.account) return foreignAccount(offered.account);

  const hasTrades = request.trades !== undefined;
  const custom = [
    ...(usedPosition === 'Real-time' ? [] : ['usedPosition']),
    ...(usedPrices === 'Real-time' ? [] : ['usedPrices']),
    ...(request.settings === undefined ? [] : ['settings']),
    ...(type === 'Margin' ? [] : ['type']),
    ...(setId === null ? [] : ['stressedScenarioSet']),
  ];
  if (path === 'A' && custom.length > 0) {
    const list = custom.join(', ');
    return notOffered({
      en: `Path A simulates margin with the default settings, but the request has ${list}. Choose path B for other settings.`,
      zh: `途徑 A 只以預設設定模擬按金，但收到 ${list}。如需自訂設定，請選用途徑 B。`,
    });
  }
  if (path !== 'C' && (hasTrades || positions !== 'existing')) {
    return notOffered({
      en: `Path ${path} simulates existing positions only, but the request has hypothetical trades. Choose path C for them.`,
      zh: `途徑 ${path} 只模擬現有持倉，但收到假設買賣。如需假設買賣，請選用途徑 C。`,
    });
  }
  if (path === 'C' && positions === 'existing') {
    return notOffered({
      en: 'Path C simulates hypothetical trades, alone or with existing positions. Choose path B for existing positions alone.',
      zh: '途徑 C 模擬假設買賣，可單獨或連同現有持倉。如只模擬現有持倉，請選用途徑 B。',
    });
  }
  if (path === 'C' && !hasTrades) {
    return notOffered({
      en: 'Path C needs hypothetical trades: send `trades`, or a csv of them as text/csv.',
      zh: '途徑 C 須有假設買賣：請傳送 `trades`，或以 text/csv 傳送 csv。',
    });
  }
  if (type === 'Margin' && setId !== null) {
    return notOffered({
      en: 'A stressed scenario set is for the types "Stress Test" and "Margin and Stress Test" only. Choose one of them, or leave the set blank.',
      zh: '壓力情景組合只適用於「Stress Test」及「Margin and Stress Test」。請選用其一，或留空情景組合。',
    });
  }
  const ids = offered.stressSets.map(({ id }) => id).join(', ');
  if (type !== 'Margin' && setId === null) {
    return notOffered({
      en: `The type "${type}" needs a stressed scenario set. Name one: ${ids}.`,
      zh: `類型「${type}」須指明壓力情景組合：${ids}。`,
    });
  }
  const stressSet = offered.stressSets.find(({ id }) => id === setId) ?? null;
  if (setId !== null && !stressSet) {
    return refuse('NOT_FOUND', {
      en: `There is no stressed scenario set ${setId}. Name one of ${ids}, or load your own: --stress DIR`,
      zh: `並無壓力情景組合 ${setId}。請選用 ${ids} 之一，或載入自備組合：--stress DIR`,
    });
  }
  const { account } = offered;
  return { path, account, usedPosition, usedPrices, type, positions, settings: request.settings ?? null, stressSet };
}

function foreignAccount(account: string): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `You can only simulate your account: ${account}`,
    zh: `只可模擬本身的賬戶：${account}`,
  });
}

function notOffered(detail: Words): Refusal {
  return refuse('SIMULATION_NOT_OFFERED', detail);
}
