import { amount, figure } from '../exact.ts';
import { adjustForCorporateActions } from './corporate-actions.ts';
import { mergeCounters } from './counters.ts';
import { readLines } from './line-reading.ts';
import { mtmFigures, mtmOf } from './mtm-by-currency.ts';
import { netAcrossDays } from './netting.ts';
import { nearestWhole } from './never-ending.ts';
import type { MarginablePositions, PositionInput } from './position-lines.ts';
import { Rates } from './rates.ts';
import { Securities } from './securities.ts';
import { atSnapshot } from './snapshot.ts';
import { coverWithCash, coverWithShares } from './specific-collateral.ts';

/**
 * A participant's lines as in RMAMP01, and its MTM (Initial Margin Calculation Guide, section 4 and appendix). The order of the
 * steps matters: snapshot, SSC and SCC, merging of counters, corporate actions, netting across days.
 * @throws MarginInputError, naming the field, for an impossible input, such as a missing rate, haircut or price
 */
export function marginablePositions(input: PositionInput): MarginablePositions {
  const { businessDate, sharePledges = [], cashPledges = [], corporateActions = [] } = input;
  const rates = new Rates(input.rates);
  const securities = new Securities(input);

  // Collateral covers only lines that settle later, the snapshot changes only those due today: their order does not matter.
  const { lines, offsetRatio } = atSnapshot(readLines(input, securities), input, rates);
  const context = { businessDate, rates, securities };
  const uncovered = coverWithCash(coverWithShares(lines, sharePledges, context), cashPledges, context);
  const merged = mergeCounters(uncovered, rates, securities);
  const adjusted = adjustForCorporateActions(merged, corporateActions, businessDate);
  const net = netAcrossDays(adjusted).map((position) => {
    const marketValue = securities.marketValue(position.instrument, position.quantity);
    return { ...position, marketValue, mtm: mtmOf(marketValue, position.contractValue) };
  });

  return {
    // HKD equivalents without haircut, each rounded separately (mock convention): MTM is not computed from these.
    positions: net.map(({ instrument, quantity, currency, contractValue, marketValue }) => ({
      instrument,
      quantity: figure(`${instrument} quantity`, quantity),
      contractValue: amount(`${instrument} contractValue`, nearestWhole(rates.hkd(contractValue, currency))),
      marketValue: amount(`${instrument} marketValue`, nearestWhole(rates.hkd(marketValue, currency))),
    })),
    instruments: net.map(({ instrument, quantity, currency, contractValue, marketValue, mtm }) => ({
      instrument,
      currency,
      quantity: figure(`${instrument} quantity`, quantity),
      contractValue: figure(`${instrument} contractValue`, contractValue),
      marketValue: figure(`${instrument} marketValue`, marketValue),
      mtm: amount(`${instrument} MTM`, mtm),
    })),
    mtm: mtmFigures(net, rates),
    offsetRatio: figure('offsetRatio', offsetRatio),
  };
}
