import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { TradeFault } from '../../domain/risk/hypothetical-trade.ts';

/** The words of what a simulation is refused for. */

/** Of more faults only so many are told. */
const MOST_TOLD = 1000;

/** Every bad row, one by one; none was taken. */
export function badTrades(faults: readonly TradeFault[]): Refusal {
  const [first] = faults;
  const many = { en: faults.length === 1 ? 'One fault' : `${faults.length} faults`, zh: `${faults.length} 項錯誤` };
  const told = first ? placed(first) : { en: '', zh: '' };
  return refuse(
    'BAD_TRADES',
    {
      en: `${many.en}; the first: ${told.en}. None was taken: correct them all and send the trades again.`,
      zh: `共 ${many.zh}；首項：${told.zh}。全部買賣均未採用，請更正後重新傳送。`,
    },
    { more: { faults: faults.slice(0, MOST_TOLD), faultsInAll: faults.length } },
  );
}

function placed({ line, column, field, came, expected }: TradeFault): Words {
  const shown = JSON.stringify(came);
  return {
    en: `line ${line}${column === null ? '' : `, column ${column}`}${field ? ` (${field})` : ''}: ${shown} came, expected ${expected.en}`,
    zh: `第 ${line} 行${column === null ? '' : `第 ${column} 欄`}${field ? `（${field}）` : ''}：收到 ${shown}，應為${expected.zh}`,
  };
}

export function noTrades(): Refusal {
  return refuse('BAD_TRADES', {
    en: 'No hypothetical trade came. Send one row at least, or choose path B.',
    zh: '並無假設買賣。請至少傳送一行，或選用途徑 B。',
  });
}

export function badSettings(faults: readonly Words[]): Refusal {
  return refuse(
    'BAD_REQUEST',
    {
      en: `The settings do not fit: ${faults.map(({ en }) => en).join('; ')}. Correct them; the shapes are at /orp/v1/docs`,
      zh: `設定不符：${faults.map(({ zh }) => zh).join('；')}。請更正；格式載於 /orp/v1/docs`,
    },
    { more: { faults } },
  );
}

export function tooMany(most: number): Refusal {
  return refuse('TOO_MANY_SIMULATIONS', {
    en: `${most} simulations of yours are under way, and no more are allowed at once. Wait for one, or cancel one: DELETE /orp/v1/simulations/{reference}`,
    zh: `閣下已有 ${most} 項模擬進行中，已達上限。請等候完成，或取消其中一項：DELETE /orp/v1/simulations/{reference}`,
  });
}

export function noSimulation(reference: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `You have no simulation ${reference}: it was cancelled or never was, or the active centre changed since, and simulations stay at their centre. List yours: GET /orp/v1/simulations, or ask for it anew: POST /orp/v1/simulations`,
    zh: `閣下並無模擬 ${reference}：已被取消、從未存在，或其後已切換數據中心（模擬不會跨中心保留）。查閱：GET /orp/v1/simulations，或重新提出：POST /orp/v1/simulations`,
  });
}
