import type { Instant } from '../domain/nouns.ts';
import type { Fixtures } from '../fixtures.ts';
import { ImrpfShelf, type RiskSetup } from '../service/risk/setup.ts';
import { createRandom } from '../testbed/random.ts';

/** What both centres' risk platforms share. */
export function riskSetup(fixtures: Fixtures, seed: number, since: Instant): RiskSetup {
  const random = createRandom(seed);
  return {
    rules: fixtures.riskRules,
    days: fixtures,
    catalogue: new Map(fixtures.riskCatalogue.map((report) => [report.id, report])),
    since,
    chance: () => random.stream('risk parameter file'),
    ownImrpf: null,
    imrpfInstruments: null,
    shelf: new ImrpfShelf(),
  };
}
