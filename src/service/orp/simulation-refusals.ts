import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { TradeFault } from '../../domain/risk/hypothetical-trade.ts';

/** Why a simulation is refused. */

/** Faults that a refusal lists; the rest is only counted. */
const MOST_LISTED = 1000;

/** Lists every bad row; no trade was accepted. */
export function badTrades(faults: readonly TradeFault[]): Refusal {
  const [first] = faults;
  const many = { en: faults.length === 1 ? 'One fault' : `${faults.length} faults`, zh: `${faults.length} 項錯誤` };
  const where = first ? placed(first) : { en: '', zh: '' };
  return refuse(
    'BAD_TRADES',
    {
      en: `${many.en}; the first: ${where.en}. No trade was accepted: correct them all and send the trades again.`,
      zh: `共 ${many.zh}；首項：${where.zh}。全部買賣均未採用，請更正後重新傳送。`,
    },
    { more: { faults: faults.slice(0, MOST_LISTED), faultsInAll: faults.length } },
  );
}

function placed({ line, column, field, came, expected }: TradeFault): Words {
  const shown = JSON.stringify(came);
  return {
    en: `line ${line}${column === null ? '' : `, column ${column}`}${field ? ` (${field})` : ''}: got ${shown}, expected ${expected.en}`,
    zh: `第 ${line} 行${column === null ? '' : `第 ${column} 欄`}${field ? `（${field}）` : ''}：收到 ${shown}，應為${expected.zh}`,
  };
}

export function noTrades(): Refusal {
  return refuse('BAD_TRADES', {
    en: 'There is no hypothetical trade. Send at least one row, or choose path B.',
    zh: '並無假設買賣。請至少傳送一行，或選用途徑 B。',
  });
}

export function badSettings(faults: readonly Words[]): Refusal {
  return refuse(
    'BAD_REQUEST',
    {
      en: `The settings are not valid: ${faults.map(({ en }) => en).join('; ')}. Correct them; the shapes are at /orp/v1/docs`,
      zh: `設定不符：${faults.map(({ zh }) => zh).join('；')}。請更正；格式載於 /orp/v1/docs`,
    },
    { more: { faults } },
  );
}

export function tooMany(most: number): Refusal {
  return refuse('TOO_MANY_SIMULATIONS', {
    en: `You have ${most} simulations under way, and no more are allowed at once. Wait for one, or cancel one: DELETE /orp/v1/simulations/{reference}`,
    zh: `閣下已有 ${most} 項模擬進行中，已達上限。請等候完成，或取消其中一項：DELETE /orp/v1/simulations/{reference}`,
  });
}

export function noSimulation(reference: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `You have no simulation ${reference}: it was cancelled, never existed, or the active centre has changed since, and simulations stay at their centre. List yours: GET /orp/v1/simulations, or request it again: POST /orp/v1/simulations`,
    zh: `閣下並無模擬 ${reference}：已被取消、從未存在，或其後已切換數據中心（模擬不會跨中心保留）。查閱：GET /orp/v1/simulations，或重新提出：POST /orp/v1/simulations`,
  });
}
