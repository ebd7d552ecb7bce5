import { announcementInformation } from './reports/announcements.ts';
import { intraDayMargin, marksCollection } from './reports/due-position-reports.ts';
import { instructionList } from './reports/instruction-list.ts';
import type { ReportMaker } from './reports/maker.ts';
import { moneyLedger } from './reports/money-ledger.ts';
import { stockBalances } from './reports/stock-balances.ts';
import { stockMovements } from './reports/stock-movements.ts';

/** What makes each scheduled report, by its ID. docs/adding-a-report.md adds a line here. */
export const REPORT_MAKERS: Readonly<Record<string, ReportMaker>> = {
  CCNAN05: announcementInformation,
  CFIPM01: marksCollection,
  CRMMG01: intraDayMargin,
  CSEMA08: moneyLedger,
  CSEMS08: moneyLedger,
  ZSBAL01: stockBalances,
  ZSILS01: instructionList,
  ZSMOV01: stockMovements,
};
