import type * as schema from '../../api/orp/simulations.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import type { PlatformNames } from '../../domain/risk/platform-names.ts';
import type { Simulation } from '../../service/orp/simulations.ts';
import { runJson } from './margin-json.ts';

/** A simulation as /orp/v1 sends it: as a row of the list, and in full. */

export function simulationRowJson({
  reference,
  status,
  done,
  total,
  askedAt,
  settings,
}: Simulation): schema.SimulationRow {
  return {
    reference,
    status,
    progress: { done, total },
    askedAt: isoHkt(askedAt),
    account: settings.account,
    path: settings.path,
    type: settings.type,
    positions: settings.positions,
    stressedScenarioSet: settings.stressSet?.id ?? null,
    simulated: true,
  };
}

export function simulationJson(simulation: Simulation, names: PlatformNames): schema.Simulation {
  const { portfolio, result, faults } = simulation;
  const { run, pricesOf, pricesAt } = portfolio;
  return {
    names,
    ...simulationRowJson(simulation),
    inputs: {
      usedPosition: run && runJson(run),
      usedPrices: pricesOf ? runJson(pricesOf) : 'Real-time',
      pricesAt: isoHkt(pricesAt),
      riskParameters: result?.imrpf ?? null,
      params: portfolio.params,
      mtm: portfolio.mtm,
      rows: portfolio.positions,
      trades: portfolio.trades,
      warnings: portfolio.warnings,
    },
    result: result && { margin: result.margin, stress: result.stress },
    faults,
  };
}
