import type { RollBack } from '../domain/calendar/rehearsal.ts';
import type { Batch } from '../domain/nouns/instructions.ts';
import type { Currency } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { StressSet } from '../domain/risk/stress-test.ts';
import type { TradeInput } from '../domain/risk/trade.ts';
import type { SettlementRules } from '../domain/settlement/settlement-rules.ts';
import type { Layout } from '../wire/layout.ts';
import { admit, type Verb } from './access/admission.ts';
import { logoff } from './access/logon.ts';
import type { Session } from './access/sessions.ts';
import { type LogonRequest, logon } from './access/user-logon.ts';
import { batchKinds } from './batches/batch-kinds.ts';
import { createBatchWorker } from './batches/batches.ts';
import { refusedRowsOf } from './batches/refused-rows.ts';
import type { MarketFacts } from './batches/row-facts.ts';
import { submitBatch } from './batches/uploads.ts';
import type { PageQuery } from './ccass/enquiries.ts';
import type { Caller, Context } from './context.ts';
import { inputOpposites } from './day/auto-counterparty.ts';
import { sendBroadcast } from './day/broadcasts.ts';
import { rollBackBooks } from './day/roll-back.ts';
import { doMarketRun, type MarketRun } from './day/settlement-day.ts';
import { addTrades } from './day/trades.ts';
import { createOrp } from './orp/orp.ts';
import { createRap } from './rap/rap.ts';
import type { RapRules } from './rap/rules.ts';
import { publishCustomReport, type ReportPlace, withdrawCustomReport } from './reports/custom-report.ts';
import { type ReportRun, runReport } from './reports/report-run.ts';
import type { Catalogue } from './reports/reports.ts';
import { createRiskRuns } from './risk/risk-runs.ts';

export interface ServiceOptions {
  readonly context: Context;
  readonly layouts: {
    readonly instructionInput: Layout;
    readonly controlReport: Layout;
    readonly transferInput: Layout;
    readonly transferReport: Layout;
    /** Of the scheduled reports that have a data file, by report ID. */
    readonly reports: ReadonlyMap<string, Layout>;
  };
  readonly catalogue: Catalogue;
  readonly uploadLimitBytes: number;
  readonly settlementRules: SettlementRules;
  readonly rapRules: RapRules;
  readonly stressSets: readonly StressSet[];
  hkdRateMicro(currency: Currency): number;
}

export type CentreService = ReturnType<typeof createService>;

/**
 * What one centre does for a caller, the same for each protocol. A listener calls `admit` first; each verb then loads,
 * decides and commits.
 */
export function createService(options: ServiceOptions) {
  const { context, layouts, catalogue, uploadLimitBytes } = options;
  const { timetable } = context;
  const definition = (id: string) => {
    const found = catalogue.get(id);
    if (!found) throw new Error(`the report catalogue lacks ${id}`);
    return found;
  };
  const market: MarketFacts = {
    isBusinessDay: (date) => timetable.isBusinessDay(date),
    hkdRateMicro: options.hkdRateMicro,
    rules: options.settlementRules,
  };
  const { instructionInput, controlReport, transferInput, transferReport } = layouts;
  const kinds = batchKinds(
    {
      instructions: { input: instructionInput, control: controlReport, definition: definition('ZSICR01') },
      transfers: { input: transferInput, control: transferReport, definition: definition('ZATCR01') },
    },
    market,
  );
  const batches = createBatchWorker(context, kinds);
  const riskRuns = createRiskRuns(context);
  const orp = createOrp(context, options.stressSets);

  return {
    /** For routes that call a verb directly, because it needs nothing more. */
    context,
    market,
    catalogue,
    centre: context.centre,
    uploadLimitBytes,
    idleMinutes: context.rules.idleMinutes,
    batches,
    riskRuns,
    now: () => context.clock.now(),
    line: () => context.line(),
    isActive: () => context.admits(),
    /** The release of the system that is in use now, or null if CCASS is closed. */
    release(): string | null {
      const { open } = timetable.opening({ at: context.clock.now(), service: 'ccass', operation: 'logon' });
      return open?.release ?? null;
    },

    admit: (verb: Verb, caller: Caller, token?: string | null) => admit(context, verb, caller, token),

    /** The verbs of ORP Online. Log-on and users are shared with CCASS. */
    orp,

    /** The verbs of RAP. */
    rap: createRap(context, options.rapRules),

    logon: (request: LogonRequest, caller: Caller) => logon(context, request, caller),
    logoff: (session: Session, caller: Caller) => logoff(context, session, caller),

    async submitBatch(session: Session, bytes: AsyncIterable<Uint8Array>, caller: Caller) {
      const kept = await submitBatch(context, kinds, uploadLimitBytes, session, bytes, caller);
      if (!isRefusal(kept)) {
        if (kept.repeat) batches.retry(kept.batch.reference);
        else batches.resume();
      }
      await batches.waitForCapacity(session.participant);
      return kept;
    },
    refusedRows: (batch: Batch, page: PageQuery) => refusedRowsOf(context, kinds.of(batch.fileId).layout, batch, page),
    /** The scheduled run of a report, by its ID. To be called at the active centre only. */
    runReport: (id: string, run: ReportRun): Promise<number> =>
      runReport(context, { definition: definition(id), layout: layouts.reports.get(id) ?? null }, run),
    publishCustomReport: (place: ReportPlace, bytes: Uint8Array) =>
      publishCustomReport(context, catalogue, place, bytes),
    withdrawCustomReport: (place: ReportPlace) => withdrawCustomReport(context, place),
    /** Matches, settles, purges or moves the shares of transfers. To be called at the active centre only; false = it was done before. */
    marketRun: (run: MarketRun) => doMarketRun(context, options.settlementRules, run),
    /** Inputs the opposites that are due; see auto-counterparty.ts. To be called at the active centre only. */
    inputOpposites: () => inputOpposites(context, market),
    async rollBack(rollBack: RollBack) {
      orp.forgetSimulations();
      await rollBackBooks(context, rollBack);
      riskRuns.recheck();
    },
    addTrades: (trades: readonly TradeInput[]) => addTrades(context, trades),
    sendBroadcast: (message: Parameters<typeof sendBroadcast>[1]) => sendBroadcast(context, message),
  };
}
