import type * as schema from '../../api/orp/margin.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { type MarginRun, runFigures } from '../../domain/risk/margin-run.ts';
import type { PlatformNames } from '../../domain/risk/platform-names.ts';

/** Margin runs as /orp/v1 sends them, with the calculator's figures unchanged. */

export function runJson(run: MarginRun): schema.Run {
  return {
    businessDate: run.businessDate,
    snapshot: run.snapshot,
    run: run.run,
    at: isoHkt(run.at),
    shownFrom: isoHkt(run.availableAt),
    riskParameters: run.imrpf,
  };
}

/** One run of one participant, with the names in use on the market date. */
export function headingJson(run: MarginRun, names: PlatformNames, account: string) {
  return { names, account, ...runJson(run) };
}

/** A row of the history. */
export function historyJson(run: MarginRun): schema.HistoryRow {
  return { ...runJson(run), ...runFigures(run) };
}
