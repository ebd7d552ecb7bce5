import type { MarginParams } from '../../domain/margin/calculation.ts';
import type { MarketDate, Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { TradeColumn, TradeFault, TradeRow } from '../../domain/risk/hypothetical-trade.ts';
import type { StressSet } from '../../domain/risk/stress-test.ts';

/** `Real-time` = the latest there is; or a run that was done. */
export type PointInTime = 'Real-time' | { readonly businessDate: MarketDate; readonly snapshot: string };

/** The three access paths of the simulation (VaR Online User Guide, section 4). */
export type AccessPath = 'A' | 'B' | 'C';
export type SimulationType = 'Margin' | 'Stress Test' | 'Margin and Stress Test';
/** Which positions are simulated; all but the first belong to path C. */
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
  /** In place of the default parameters. */
  readonly settings?: MarginParams | Partial<MarginParams>;
  readonly trades?: TradeRows;
}

/** Hypothetical trades as they came. */
export interface TradeRows {
  readonly rows: readonly TradeRow[];
  /** Where each field stands in the csv; empty where they were typed. */
  readonly columns?: ReadonlyMap<TradeColumn, number>;
  /** What of the csv itself cannot be read. */
  readonly faults?: readonly TradeFault[];
}

/** What is asked, with what was left out filled in. */
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
 * B existing positions with settings of one's own; C hypothetical trades besides. What does not fit is refused with the
 * path that has it.
 */
export function settingsOf(
  asked: SimulationRequest,
  own: { readonly account: string; readonly stressSets: readonly StressSet[] },
): SimulationSettings | Refusal {
  const { path, usedPosition = 'Real-time', usedPrices = 'Real-time', type = 'Margin' } = asked;
  const { positions = path === 'C' ? 'existing and hypothetical' : 'existing' } = asked;
  const setId = asked.stressedScenarioSet || null;
  if (asked.account !== own.account) return foreignAccount(own.account);

  const hasTrades = asked.trades !== undefined;
  const custom = [
    ...(usedPosition === 'Real-time' ? [] : ['usedPosition']),
    ...(usedPrices === 'Real-time' ? [] : ['usedPrices']),
    ...(asked.settings === undefined ? [] : ['settings']),
    ...(type === 'Margin' ? [] : ['type']),
    ...(setId === null ? [] : ['stressedScenarioSet']),
  ];
  if (path === 'A' && custom.length > 0) {
    const list = custom.join(', ');
    return notOffered({
      en: `Path A simulates margin with the default settings, and ${list} came. Choose path B for settings of your own.`,
      zh: `途徑 A 只以預設設定模擬按金，但收到 ${list}。如需自訂設定，請選用途徑 B。`,
    });
  }
  if (path !== 'C' && (hasTrades || positions !== 'existing')) {
    return notOffered({
      en: `Path ${path} simulates existing positions only, and hypothetical trades came. Choose path C for them.`,
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
  const ids = own.stressSets.map(({ id }) => id).join(', ');
  if (type !== 'Margin' && setId === null) {
    return notOffered({
      en: `The type "${type}" needs a stressed scenario set. Name one: ${ids}.`,
      zh: `類型「${type}」須指明壓力情景組合：${ids}。`,
    });
  }
  const stressSet = own.stressSets.find(({ id }) => id === setId) ?? null;
  if (setId !== null && !stressSet) {
    return refuse('NOT_FOUND', {
      en: `There is no stressed scenario set ${setId}. Name one of ${ids}, or load your own: --stress DIR`,
      zh: `並無壓力情景組合 ${setId}。請選用 ${ids} 之一，或載入自備組合：--stress DIR`,
    });
  }
  const { account } = own;
  return { path, account, usedPosition, usedPrices, type, positions, settings: asked.settings ?? null, stressSet };
}

function foreignAccount(own: string): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `Simulate your own account only: ${own}`,
    zh: `只可模擬本身的賬戶：${own}`,
  });
}

function notOffered(detail: Words): Refusal {
  return refuse('SIMULATION_NOT_OFFERED', detail);
}
