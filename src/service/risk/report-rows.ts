import { normalCode } from '../../domain/instrument-codes.ts';
import { guaranteeFundCollateral } from '../../domain/margin/guarantee-fund.ts';
import type { MarketDate } from '../../domain/nouns/market.ts';
import { type MarginRun, runFigures } from '../../domain/risk/margin-run.ts';
import { ipoIndicators, memberRules } from '../../domain/risk/risk-rules.ts';
import { corporateAction } from '../../domain/risk/risk-snapshot.ts';
import { corporateActionRow } from '../../wire/corporate-action-report.ts';
import type { CsvRow } from '../../wire/csv-table.ts';
import type { Context } from '../context.ts';

/** The margin reports, from the figures of one run. */
export const MARGIN_REPORTS: Readonly<Record<string, (run: MarginRun) => CsvRow[]>> = {
  RMAMP01: (run) => run.positions.map((line) => ({ ...head(run), ...line })),
  RMAMR01: (run) => [{ ...head(run), ...runFigures(run), riskParameterFile: run.imrpf.businessDate }],
  // The participant's requirement, then projections for the accounts of a general clearing participant.
  RMAMR03: (run) => [
    { ...head(run), ...runFigures(run), account: null, marginRequirement: run.result.netMarginAfterCredit },
    ...(run.accounts ?? []).map((projection) => ({ ...head(run), ...projection })),
  ],
};

function head({ businessDate, snapshot, participant }: MarginRun) {
  return { businessDate, snapshot, participant, market: 'HKMK', currency: 'HKD' };
}

/** The rows of a daily file for one participant; COMMON = for all. */
type FileRows = (context: Pick<Context, 'store' | 'risk'>, date: MarketDate, participant: string) => CsvRow[];

/** The files that are made once a day, except the risk parameter file. */
export const DAILY_FILES: Readonly<Record<string, FileRows>> = {
  ZCAPA01: ({ store }, date) =>
    [...store.books.all('announcement')]
      .filter(({ exDate }) => exDate === date)
      .sort((a, b) => (a.number < b.number ? -1 : 1))
      .map((announcement) => corporateActionRow(corporateAction(announcement, date))),
  RMADF01: ({ risk }, businessDate, participant) => {
    const { dailyEul } = memberRules(risk.rules, participant);
    const { guaranteeFundLimit } = risk.rules;
    // Every participant counts as one group here.
    const [share] = guaranteeFundCollateral([{ participant, expectedLoss: dailyEul }], guaranteeFundLimit);
    return [{ businessDate, participant, dailyEul, guaranteeFundLimit, riskCollateral: share?.collateral ?? null }];
  },
  DWH0303: ({ risk }, businessDate) =>
    ipoIndicators(risk.rules, businessDate).map(({ instrument, underlying, listedOn }) => ({
      businessDate,
      instrument: normalCode(instrument),
      underlying: normalCode(underlying),
      listedOn,
    })),
  DWH0081C: ({ risk }, businessDate, participant) => [
    { businessDate, participant, flatRateMultiplier: memberRules(risk.rules, participant).flatRateMultiplier },
  ],
};
