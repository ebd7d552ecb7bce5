import type { MarketDate, Words } from '../nouns/market.ts';

/** The names of the risk platform and its on-line system on a date. */
export interface PlatformNames {
  readonly platform: Words;
  readonly online: Words;
}

/** VaR Online's user guide is of September 2021; by 30 September 2021 the platform was renamed. The first day is assumed. */
const RENAMED: MarketDate = '2021-09-01';

const ORP: PlatformNames = {
  platform: { en: 'ORP', zh: '領航星風險平台（ORP）' },
  online: { en: 'ORP Online', zh: 'ORP Online' },
};
const VAR_PLATFORM: PlatformNames = {
  platform: { en: 'VaR Platform', zh: 'VaR平台' },
  online: { en: 'VaR Online', zh: 'VaR Online' },
};

/** ORP and ORP Online before September 2021, VaR Platform and VaR Online from then on. */
export function platformNames(date: MarketDate): PlatformNames {
  return date < RENAMED ? ORP : VAR_PLATFORM;
}
