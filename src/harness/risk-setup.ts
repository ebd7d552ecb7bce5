import type { Instant } from '../domain/nouns.ts';
import type { Fixtures } from '../fixtures.ts';
import { ImrpfShelf, type OwnImrpf, type RiskSetup } from '../service/risk/setup.ts';
import { createRandom } from '../testbed/random.ts';

export interface RiskOptions {
  readonly ownImrpf?: OwnImrpf | null;
  readonly imrpfInstruments?: number | undefined;
}

/** What both centres' risk platforms share. */
export function riskSetup(fixtures: Fixtures, seed: number, since: Instant, options: RiskOptions = {}): RiskSetup {
  const random = createRandom(seed);
  return {
    rules: fixtures.riskRules,
    days: fixtures,
    catalogue: new Map(fixtures.riskCatalogue.map((report) => [report.id, report])),
    since,
    chance: (use) => random.stream(use),
    ownImrpf: options.ownImrpf ?? null,
    imrpfInstruments: options.imrpfInstruments ?? null,
    shelf: new ImrpfShelf(),
  };
}
