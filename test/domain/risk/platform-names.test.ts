import { expect, test } from 'vitest';
import { platformNames } from '../../../src/domain/risk/platform-names.ts';

test('ORP Online becomes VaR Online, and ORP the VaR Platform, in September 2021', () => {
  const [before, after] = [platformNames('2021-08-31'), platformNames('2021-09-01')];
  expect([before.online.en, before.platform.en]).toEqual(['ORP Online', 'ORP']);
  expect([after.online.en, after.platform.en]).toEqual(['VaR Online', 'VaR Platform']);
});
