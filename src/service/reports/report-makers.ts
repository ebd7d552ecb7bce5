import { announcementInformation } from './announcements.ts';
import { intraDayMargin, marksCollection } from './due-position-reports.ts';
import { instructionList } from './instruction-list.ts';
import type { ReportMaker } from './maker.ts';
import { moneyLedger } from './money-ledger.ts';
import { stockBalances } from './stock-balances.ts';
import { stockMovements } from './stock-movements.ts';

/** The maker of each scheduled report, by ID. docs/adding-a-report.md adds a line here. */
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
