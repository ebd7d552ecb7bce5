import type { Channel, MarketDate, Words } from '../nouns/market.ts';
import { type Refusal, refuse } from '../refusal.ts';

/**
 * The terminal rule of the circular (section i, Windows 7): from 19 July 2021 a CCASS/3 terminal on an incompatible
 * Windows can no longer connect; every C3T should be on Windows 10 Pro 64-bit with TLS 1.2.
 * A centre sees no more of that than the User-Agent (assumed).
 */
export const TERMINAL_RULE_FROM: MarketDate = '2021-07-19';

const WINDOWS_NT = /Windows NT (\d{1,3})\.(\d{1,3})/i;
/** Tokens that browsers and .NET send on a 64-bit Windows, even from a 32-bit program. */
const SIXTY_FOUR_BIT = /\b(?:Win64|WOW64|x64|ARM64|x86_64|amd64)\b/i;

export interface Terminal {
  readonly userAgent: string | undefined;
  readonly channel: Channel;
  /** The market date of the log-on. */
  readonly date: MarketDate;
  /** First day on which an older Windows is refused; before that day it gets a warning. */
  readonly ruleFrom?: MarketDate;
}

/**
 * Whether this terminal may log on, and its warnings. The rule is for channel C3T; a User-Agent without a Windows token
 * passes.
 */
export function terminalVerdict(terminal: Terminal): Refusal | { readonly warnings: readonly Words[] } {
  const { userAgent, channel, date, ruleFrom = TERMINAL_RULE_FROM } = terminal;
  const windows = channel === 'C3T' ? WINDOWS_NT.exec(userAgent ?? '') : null;
  if (!windows) return { warnings: [] };
  const [token, major] = windows;
  if (Number(major) < 10)
    return date >= ruleFrom ? unsupported(token, ruleFrom) : { warnings: [soonUnsupported(token, ruleFrom)] };
  return { warnings: SIXTY_FOUR_BIT.test(userAgent ?? '') ? [] : [not64Bit()] };
}

function unsupported(token: string, from: MarketDate): Refusal {
  return refuse('TERMINAL_UNSUPPORTED', {
    en: `The User-Agent says ${token}; since ${from} a C3T on that Windows cannot connect. Upgrade it to Windows 10 Pro (64-bit) with TLS 1.2.`,
    zh: `User-Agent 顯示 ${token}；自 ${from} 起，使用該 Windows 版本的 C3T 無法再連接。請升級至支援 TLS 1.2 的 Windows 10 Pro（64 位）。`,
  });
}

function soonUnsupported(token: string, from: MarketDate): Words {
  return {
    en: `The User-Agent says ${token}; from ${from} a C3T on that Windows will be refused. Upgrade it to Windows 10 Pro (64-bit) with TLS 1.2 before then.`,
    zh: `User-Agent 顯示 ${token}；自 ${from} 起，使用該 Windows 版本的 C3T 將不能連接。請於該日前升級至支援 TLS 1.2 的 Windows 10 Pro（64 位）。`,
  };
}

function not64Bit(): Words {
  return {
    en: 'The User-Agent names a 32-bit Windows; a C3T should run Windows 10 Pro (64-bit). Upgrade it.',
    zh: 'User-Agent 顯示 32 位 Windows；C3T 應使用 Windows 10 Pro（64 位）。請予升級。',
  };
}
