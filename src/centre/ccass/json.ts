import type * as batches from '../../api/ccass/batches.ts';
import type * as enquiries from '../../api/ccass/enquiries.ts';
import type * as instructions from '../../api/ccass/instructions.ts';
import type * as market from '../../api/ccass/market.ts';
import type * as reports from '../../api/ccass/reports.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { decimalText } from '../../domain/exact-integer.ts';
import type { Batch, MoneyMovement, SettlementInstruction, StockMovement } from '../../domain/nouns/instructions.ts';
import type { Broadcast, DuePosition, MarketDate, MoneyBalance, Stock, Words } from '../../domain/nouns/market.ts';
import type { Report } from '../../domain/nouns/reports.ts';
import { FILE_FAULTS, type FileFaultCode } from '../../domain/settlement/batch.ts';
import { isOverdue } from '../../domain/settlement/due-position.ts';
import type { Profile, StockBalance } from '../../service/ccass/enquiries.ts';
import type { RowResult } from '../../service/ccass/maintenance.ts';

/** Rows as /ccass/v1 sends them: money and prices as decimal strings, instants as ISO strings. */

export function profileJson({ participant, user, accounts }: Profile): enquiries.Profile {
  return {
    participant,
    user: {
      id: user.id,
      name: user.name,
      role: user.role,
      inputLimitHkd: user.inputLimitHkdCents === null ? null : decimalText(user.inputLimitHkdCents, 2),
      passwordSetAt: isoHkt(user.passwordSetAt),
    },
    accounts,
  };
}

export function balanceJson(row: StockBalance): enquiries.Balance {
  return {
    account: row.account,
    stock: row.stock.code,
    isin: row.stock.isin,
    name: row.stock.name,
    quantity: row.quantity,
    onHold: row.onHold,
    price: decimalText(row.stock.priceMilli, 3),
    marketValue: decimalText(row.marketValueCents, 2),
    currency: row.currency,
  };
}

export function instructionJson(row: SettlementInstruction): instructions.Instruction {
  return {
    number: row.number,
    reference: row.reference,
    status: row.status,
    side: row.side,
    stock: row.stock,
    quantity: row.quantity,
    counterparty: row.counterparty,
    account: row.account,
    payment: row.payment,
    currency: row.currency,
    hold: row.hold,
    narrative: row.narrative,
    batch: row.batch,
    amount: decimalText(row.amountCents, 2),
    settlementDate: row.settlementDate,
    inputBy: row.user,
    inputAt: isoHkt(row.inputAt),
    statusAt: isoHkt(row.statusAt ?? row.inputAt),
    matchedWith: row.matchedWith ?? null,
    authorisedBy: row.authorisedBy ?? null,
  };
}

export function broadcastJson(row: Broadcast): enquiries.Broadcast {
  return { ...row, at: isoHkt(row.at) };
}

export function batchJson(row: Batch): batches.Batch {
  return {
    reference: row.reference,
    fileId: row.fileId,
    businessDate: row.headerDate,
    sequence: row.sequence,
    sha256: row.sha256,
    sizeBytes: row.sizeBytes,
    receivedAt: isoHkt(row.receivedAt),
    receivedBy: row.receivedBy,
    status: row.status,
    records: row.records,
    done: row.nextRow,
    accepted: row.accepted,
    refused: row.refused,
    fault: row.fault && { ...row.fault, says: FILE_FAULTS[row.fault.code as FileFaultCode] },
    reports: row.reports,
  };
}

/** @param nameOf the name of a report by its ID */
export function reportsJson(all: readonly Report[], nameOf: (id: string) => Words) {
  const rows: reports.Report[] = [];
  const notMade: reports.ReportNotMade[] = [];
  for (const { reference, id, participant, businessDate, format, fileName, sizeBytes, sha256, ...row } of all) {
    const identity = { reference, id, name: nameOf(id), participant, businessDate, format };
    const times = { madeAt: isoHkt(row.madeAt), availableAt: isoHkt(row.availableAt), batch: row.batch };
    if (row.notMade) notMade.push({ ...identity, ...times, reason: row.notMade });
    else rows.push({ ...identity, fileName, sizeBytes, sha256, ...times });
  }
  return notMade.length === 0 ? { rows } : { rows, notMade };
}

export function duePositionJson(row: DuePosition, today: MarketDate): market.DuePosition {
  const { stock, market, kind, settlementDate, quantity, currency } = row;
  const overdue = isOverdue(row, today);
  return { stock, market, kind, settlementDate, overdue, quantity, currency, amount: decimalText(row.amountCents, 2) };
}

export function ledgerJson({ currency, subAccount, balanceCents }: MoneyBalance): market.LedgerBalance {
  return { currency, subAccount, balance: decimalText(balanceCents, 2) };
}

export function postingJson({
  number,
  at,
  currency,
  subAccount,
  amountCents,
  balanceCents,
  instruction,
  counterparty,
}: MoneyMovement): market.Posting {
  const figures = { amount: decimalText(amountCents, 2), balance: decimalText(balanceCents, 2) };
  return { number, at: isoHkt(at), currency, subAccount, ...figures, instruction, counterparty };
}

export function stockJson({ code, isin, name, market, currency, boardLot, priceMilli }: Stock): market.Stock {
  return { stock: code, isin, name, market, currency, boardLot, price: decimalText(priceMilli, 3) };
}

export function movementJson({
  number,
  at,
  account,
  stock,
  quantity,
  balance,
  kind,
  instruction,
  counterparty,
}: StockMovement): market.Movement {
  return { number, at: isoHkt(at), account, stock, quantity, balance, kind, instruction, counterparty };
}

export function resultsJson<Result extends Pick<RowResult, 'reason'>>(rows: readonly Result[]) {
  const refused = rows.filter(({ reason }) => reason !== null).length;
  return { done: rows.length - refused, refused, rows };
}

/** `1234.5` as cents; the schema has checked the format. */
export function centsOf(text: string): number {
  const [units = '0', cents = ''] = text.split('.');
  return Number(units) * 100 + Number(cents.padEnd(2, '0'));
}
