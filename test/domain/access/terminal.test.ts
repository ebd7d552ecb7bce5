import { describe, expect, it } from 'vitest';
import { TERMINAL_RULE_FROM, terminalVerdict } from '../../../src/domain/access/terminal.ts';
import type { Channel, MarketDate } from '../../../src/domain/nouns/market.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';

const IE11_WIN7 = 'Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko';
const IE11_WIN81 = 'Mozilla/5.0 (Windows NT 6.3; Win64; x64; Trident/7.0; rv:11.0) like Gecko';
const IE8_XP = 'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)';
const IE11_WIN10_WOW64 = 'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko';
const IE11_WIN10_COMPATIBILITY =
  'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E)';
const IE11_WIN10_32 = 'Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko';
const EDGE_WIN10 =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.67';
const CHROME_WIN7 =
  'Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36';
const CHROME_LINUX =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.114 Safari/537.36';
const SAFARI_MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1.1 Safari/605.1.15';

function verdict(
  userAgent: string | undefined,
  date: MarketDate = '2021-07-24',
  channel: Channel = 'C3T',
): 'refused' | 'warned' | 'ok' {
  const answer = terminalVerdict({ userAgent, date, channel });
  if (isRefusal(answer)) return 'refused';
  return answer.warnings.length > 0 ? 'warned' : 'ok';
}

describe('the terminal rule', () => {
  it('begins on 19 July 2021 (circular)', () => expect(TERMINAL_RULE_FROM).toBe('2021-07-19'));

  it.each([
    ['IE 11 on Windows 7', IE11_WIN7],
    ['IE 11 on Windows 8.1, 64-bit', IE11_WIN81],
    ['IE 8 on Windows XP', IE8_XP],
    ['Chrome on Windows 7', CHROME_WIN7],
  ])('%s: warned until the day before, then refused', (_, userAgent) => {
    expect(verdict(userAgent, '2021-07-18')).toBe('warned');
    expect(verdict(userAgent, '2021-07-19')).toBe('refused');
    expect(verdict(userAgent, '2026-01-01')).toBe('refused');
  });

  it.each([
    ['IE 11 on Windows 10, WOW64', IE11_WIN10_WOW64],
    ['IE 11 on Windows 10, compatibility view', IE11_WIN10_COMPATIBILITY],
    ['Edge on Windows 10', EDGE_WIN10],
    ['Chrome on Linux', CHROME_LINUX],
    ['Safari on macOS', SAFARI_MAC],
    ['curl', 'curl/7.74.0'],
    ['an empty User-Agent', ''],
    ['no User-Agent', undefined],
  ])('%s passes before and after', (_, userAgent) => {
    expect(verdict(userAgent, '2021-07-18')).toBe('ok');
    expect(verdict(userAgent, '2021-07-19')).toBe('ok');
  });

  it('warns about a 32-bit Windows 10 on any day', () => {
    expect(verdict(IE11_WIN10_32, '2021-07-18')).toBe('warned');
    expect(verdict(IE11_WIN10_32, '2021-07-19')).toBe('warned');
  });

  it('is for channel C3T only', () => {
    expect(verdict(IE11_WIN7, '2021-07-24', 'PG')).toBe('ok');
    expect(verdict(IE11_WIN10_32, '2021-07-24', 'PG')).toBe('ok');
  });

  it('can begin on another day', () => {
    const answer = terminalVerdict({
      userAgent: IE11_WIN7,
      date: '2021-07-24',
      channel: 'C3T',
      ruleFrom: '2021-09-01',
    });
    expect(isRefusal(answer)).toBe(false);
  });

  it('names the Windows version and the next step, in both languages (TERMINAL_UNSUPPORTED)', () => {
    const answer = terminalVerdict({ userAgent: IE11_WIN7, date: '2021-07-24', channel: 'C3T' });
    if (!isRefusal(answer)) throw new Error('not refused');
    expect(answer.refusal).toBe('TERMINAL_UNSUPPORTED');
    for (const words of [answer.detail.en, answer.detail.zh]) {
      expect(words).toContain('Windows NT 6.1');
      expect(words).toContain('Windows 10 Pro');
      expect(words).toContain('TLS 1.2');
    }
  });
});
