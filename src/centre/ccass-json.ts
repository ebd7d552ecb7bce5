import { FILE_FAULTS, type FileFaultCode } from '../domain/batch.ts';
import { isoHkt } from '../domain/calendar.ts';
import type { Batch, Broadcast, Report, SettlementInstruction, Words } from '../domain/nouns.ts';
import type { Profile, StockBalance } from '../service/enquiries.ts';
import type { LoggedOn } from '../service/logon.ts';

/** Rows as /ccass/v1 tells them: decimal texts for money and prices, ISO texts for instants. */

export function loggedOnJson(answer: LoggedOn, idleMinutes: number) {
  const { session, open } = answer;
  return {
    token: answer.token,
    participant: session.participant,
    user: session.user,
    role: answer.role,
    channel: session.channel,
    centre: session.centre,
    release: open.release,
    rehearsalSession: open.session && { id: open.session.id, name: open.session.name },
    loggedOnAt: isoHkt(session.startedAt),
    idleMinutes,
    passwordExpires: answer.passwordExpires,
    warnings: answer.warnings,
    simulated: true,
  };
}

export function profileJson({ participant, user, accounts }: Profile) {
  return {
    participant,
    user: {
      id: user.id,
      name: user.name,
      role: user.role,
      inputLimitHkd: user.inputLimitHkdCents === null ? null : decimal(user.inputLimitHkdCents, 2),
      passwordSetAt: isoHkt(user.passwordSetAt),
    },
    accounts,
  };
}

export function balanceJson(row: StockBalance) {
  return {
    account: row.account,
    stock: row.stock.code,
    isin: row.stock.isin,
    name: row.stock.name,
    quantity: row.quantity,
    price: decimal(row.stock.priceMilli, 3),
    marketValue: decimal(row.marketValueCents, 2),
    currency: row.currency,
  };
}

export function instructionJson(row: SettlementInstruction) {
  const {
    number,
    reference,
    status,
    side,
    stock,
    quantity,
    counterparty,
    account,
    payment,
    currency,
    hold,
    narrative,
    batch,
  } = row;
  return {
    ...{
      number,
      reference,
      status,
      side,
      stock,
      quantity,
      counterparty,
      account,
      payment,
      currency,
      hold,
      narrative,
      batch,
    },
    amount: decimal(row.amountCents, 2),
    settlementDate: row.settlementDate,
    inputBy: row.user,
    inputAt: isoHkt(row.inputAt),
  };
}

export function broadcastJson(row: Broadcast) {
  return { ...row, at: isoHkt(row.at) };
}

export function batchJson(row: Batch) {
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

export function reportJson(row: Report, name: Words) {
  return {
    reference: row.reference,
    id: row.id,
    name,
    participant: row.participant,
    businessDate: row.businessDate,
    format: row.format,
    fileName: row.fileName,
    sizeBytes: row.sizeBytes,
    sha256: row.sha256,
    madeAt: isoHkt(row.madeAt),
    availableAt: isoHkt(row.availableAt),
    batch: row.batch,
  };
}

/** An integer of 10^-places units as a decimal text. */
function decimal(units: number, places: number): string {
  const digits = String(Math.abs(units)).padStart(places + 1, '0');
  return `${units < 0 ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
