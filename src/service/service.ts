import type { RollBack } from '../domain/calendar/rehearsal.ts';
import type { UserRequest } from '../domain/nouns/access.ts';
import type { Batch } from '../domain/nouns/instructions.ts';
import type { Currency, MarketDate, Words } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { StressSet } from '../domain/risk/stress-test.ts';
import type { TradeInput } from '../domain/risk/trade.ts';
import type { InstructionRow } from '../domain/settlement/batch.ts';
import type { SettlementRules } from '../domain/settlement/settlement-rules.ts';
import type { TransferRow } from '../domain/settlement/transfer.ts';
import type { Layout } from '../wire/layout.ts';
import { admit, refused, type Verb } from './access/admission.ts';
import { logoff } from './access/logon.ts';
import type { Session } from './access/sessions.ts';
import { type LogonRequest, logon } from './access/user-logon.ts';
import * as users from './access/users.ts';
import { batchKinds } from './batches/batch-kinds.ts';
import { createBatchDesk } from './batches/batches.ts';
import type { MarketFacts } from './batches/row-facts.ts';
import { submitBatch } from './batches/uploads.ts';
import * as enquiries from './ccass/enquiries.ts';
import { inputInstructions, type Maintenance, maintainInstructions } from './ccass/maintenance.ts';
import { duePositions, moneyLedger, moneyMovements, stockList, stockMovements } from './ccass/market-enquiries.ts';
import { inputTransfers, transfers } from './ccass/transfers.ts';
import type { Caller, Context } from './context.ts';
import { inputOpposites } from './day/auto-counterparty.ts';
import { sendBroadcast } from './day/broadcasts.ts';
import { rollBackBooks } from './day/roll-back.ts';
import { doMarketRun, type MarketRun } from './day/settlement-day.ts';
import { addTrades } from './day/trades.ts';
import { createOrp } from './orp/orp.ts';
import { createRap } from './rap/rap.ts';
import type { RapRules } from './rap/rules.ts';
import { publishOwnReport, type ReportPlace, withdrawOwnReport } from './reports/own-report.ts';
import { type ReportRun, runReport } from './reports/report-run.ts';
import { type Catalogue, listReports, openReport } from './reports/reports.ts';
import { createRiskDesk } from './risk/risk-desk.ts';

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
 * What one centre does for a caller, whatever the protocol. A listener asks `admit` first; each verb
 * then loads, decides and commits.
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
  const desk = createBatchDesk(context, kinds);
  const riskDesk = createRiskDesk(context);

  const orp = createOrp(context, { stressSets: options.stressSets, runsDone: () => riskDesk.catchUp() });

  return {
    centre: context.centre,
    uploadLimitBytes,
    idleMinutes: context.rules.idleMinutes,
    desk,
    riskDesk,
    now: () => context.clock.now(),
    line: () => context.line(),
    isActive: () => context.admits(),
    /** The release of the system in the session that is open now, or null. */
    release(): string | null {
      const open = timetable.opening({ at: context.clock.now(), service: 'ccass', operation: 'logon' });
      return isRefusal(open) ? null : open.release;
    },

    admit: (verb: Verb, caller: Caller, token?: string | null) => admit(context, verb, caller, token),

    /** ORP Online's own verbs; its log-on and its users are the general ones. */
    orp,

    /** RAP's own verbs. */
    rap: createRap(context, options.rapRules, () => riskDesk.catchUp()),

    logon: (request: LogonRequest, caller: Caller) => logon(context, request, caller),
    logoff: (session: Session, caller: Caller) => logoff(context, session, caller),

    profile: (session: Session) => enquiries.profile(context, session),
    stockBalances: (session: Session, query: Parameters<typeof enquiries.stockBalances>[2]) =>
      enquiries.stockBalances(context, session, query),
    instructions: (session: Session, query: Parameters<typeof enquiries.instructions>[2]) =>
      enquiries.instructions(context, session, query),
    instruction: (session: Session, number: string) => enquiries.instruction(context, session, number),
    inputInstructions: (session: Session, rows: readonly InstructionRow[]) =>
      inputInstructions(context, session, market, rows),
    maintainInstructions: (session: Session, asked: Maintenance) =>
      maintainInstructions(context, session, market, asked),
    inputTransfers: (session: Session, rows: readonly TransferRow[]) => inputTransfers(context, session, market, rows),
    transfers: (session: Session, query: Parameters<typeof transfers>[2]) => transfers(context, session, query),
    duePositions: (session: Session, query: Parameters<typeof duePositions>[2]) =>
      duePositions(context, session, query),
    moneyLedger: (session: Session, query: Parameters<typeof moneyLedger>[2]) => moneyLedger(context, session, query),
    moneyMovements: (session: Session, query: Parameters<typeof moneyMovements>[2]) =>
      moneyMovements(context, session, query),
    stockList: (session: Session, query: Parameters<typeof stockList>[2]) => stockList(context, session, query),
    stockMovements: (session: Session, query: Parameters<typeof stockMovements>[2]) =>
      stockMovements(context, session, query),
    users: (session: Session, disabledOnly: boolean) => users.listUsers(context, session, disabledOnly),
    userRequests: (session: Session, query: { readonly status?: UserRequest['status'] }) =>
      users.listUserRequests(context, session, query),
    requestOfUser: (session: Session, asked: users.UserAsked, caller: Caller) =>
      users.requestOfUser(context, session, asked, caller),
    authorisationCode: (session: Session) => users.authorisationCode(context, session),
    authoriseUserRequest: (session: Session, asked: { number: string; code: string }, caller: Caller) =>
      users.authoriseUserRequest(context, session, asked, caller),
    broadcasts: (session: Session, query: enquiries.PageQuery) => enquiries.broadcasts(context, session, query),

    async submitBatch(session: Session, bytes: AsyncIterable<Uint8Array>, caller: Caller) {
      const kept = await submitBatch(context, kinds, uploadLimitBytes, session, bytes, caller);
      if (!isRefusal(kept) && !kept.repeat) desk.resume();
      await desk.room(session.participant);
      return kept;
    },
    /** Notes what the face itself refused of an upload: its content type or encoding. */
    refuseUpload: (session: Session, refusal: Refusal, caller: Caller) =>
      refused(context, refusal, 'upload', caller, session),
    batches: (session: Session, query: enquiries.PageQuery) => enquiries.batches(context, session, query),
    batch(session: Session, reference: string): Batch | Refusal {
      const batch = context.store.books.get('batch', reference);
      return batch?.participant === session.participant ? batch : noBatch(reference);
    },

    reports: (session: Session, query: { readonly id?: string; readonly businessDate?: MarketDate }) =>
      listReports(context, session, query, catalogue),
    openReport: (session: Session, reference: string, caller: Caller) =>
      openReport(context, session, reference, caller, catalogue),
    reportName: (id: string): Words => catalogue.get(id)?.name ?? { en: id, zh: id },

    /** The scheduled run of a report, by its ID. Only the active centre calls it. */
    runReport: (id: string, run: ReportRun): Promise<number> =>
      runReport(context, { definition: definition(id), layout: layouts.reports.get(id) ?? null }, run),
    publishOwnReport: (place: ReportPlace, bytes: Uint8Array) => publishOwnReport(context, catalogue, place, bytes),
    withdrawOwnReport: (place: ReportPlace) => withdrawOwnReport(context, place),
    /** Matches, settles, purges or moves the shares of transfers. Only the active centre calls it; false = it was done already. */
    marketRun: (run: MarketRun) => doMarketRun(context, options.settlementRules, run),
    /** Inputs the opposites that are due; see auto-counterparty.ts. Only the active centre does. */
    inputOpposites: () => inputOpposites(context, market),
    rollBack(rollBack: RollBack) {
      orp.forgetSimulations();
      return rollBackBooks(context, rollBack);
    },
    async addTrades(trades: readonly TradeInput[]) {
      // Runs that are due go first: they are to know nothing of these.
      await riskDesk.catchUp();
      return addTrades(context, trades);
    },
    sendBroadcast: (message: Parameters<typeof sendBroadcast>[1]) => sendBroadcast(context, message),
  };
}

function noBatch(reference: string): Refusal {
  return refuse('NOT_FOUND', {
    en: `You have no batch ${reference}. After a fail-over it may be among the lost ones: send the file again. List yours: GET /ccass/v1/batches`,
    zh: `閣下並無批次 ${reference}。切換數據中心後該批次可能已遺失：請重新上載。查閱批次：GET /ccass/v1/batches`,
  });
}
