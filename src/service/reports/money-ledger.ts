import { minus, plus } from '../../domain/exact-integer.ts';
import type { MoneyMovement } from '../../domain/nouns/instructions.ts';
import type { ExactInteger, MoneyBalance } from '../../domain/nouns/market.ts';
import { money } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/**
 * Statement of Money Ledger: CSEMA08 after the Evening MSI, CSEMS08 after the Day-end MSI. The printed fields are those
 * of the CCASS Terminal User Guide, 4.3.20; their widths and the words of the description are mock conventions.
 * Each sub-account of each currency: the balance brought forward, then what was posted on the market date.
 */
export const moneyLedger: ReportMaker = (books, { participant, businessDate }) => {
  const movements = books.moneyMovementsOf(participant.id, { where: { date: (date) => date >= businessDate } });
  const lines = books.moneyBalancesOf(participant.id).flatMap((ledger) => linesOf(ledger, movements, businessDate));
  const posted = lines.filter((line) => line.amountCents !== null);
  return {
    about: [['MARKET DATE', `${businessDate}   MARKET CODE: HKMK`]],
    columns: [
      { heading: 'CCY', width: 3, align: 'left' },
      { heading: 'SUB-A/C LEDGER', width: 14, align: 'left' },
      { heading: 'POSTING DATE', width: 12, align: 'left' },
      { heading: 'LEDGER TRN NO', width: 13, align: 'left' },
      { heading: 'TRN TYPE', width: 8, align: 'left' },
      { heading: 'DESCRIPTION', width: 23, align: 'left' },
      { heading: 'DR AMOUNT', width: 16, align: 'right' },
      { heading: 'CR AMOUNT', width: 16, align: 'right' },
      { heading: 'BALANCE', width: 17, align: 'right' },
    ],
    rows: () =>
      lines.map(({ ledger, number, kind, says, amountCents, balanceCents }) => [
        ledger.currency,
        ledger.subAccount.toUpperCase(),
        businessDate,
        number,
        kind,
        says,
        amountCents !== null && amountCents < 0 ? money(-amountCents) : '',
        amountCents !== null && amountCents >= 0 ? money(amountCents) : '',
        money(balanceCents),
      ]),
    footer: [['POSTINGS', String(posted.length)]],
  };
};

interface Line {
  readonly ledger: MoneyBalance;
  readonly number: string;
  readonly kind: string;
  readonly says: string;
  /** Null for the balance brought forward. */
  readonly amountCents: number | null;
  readonly balanceCents: ExactInteger;
}

/** `all` begins with the date. A run that is done late must not show later days, so what came after the date is subtracted from the balance first. */
function linesOf(ledger: MoneyBalance, all: readonly MoneyMovement[], date: string): Line[] {
  const posted = all.filter((row) => row.currency === ledger.currency && row.subAccount === ledger.subAccount);
  let balanceCents = posted.reduce((balance, row) => minus(balance, row.amountCents), ledger.balanceCents);
  const lines: Line[] = [
    { ledger, number: '', kind: '', says: 'BALANCE BROUGHT FORWARD', amountCents: null, balanceCents },
  ];
  for (const row of posted) {
    if (row.date !== date) continue;
    balanceCents = plus(balanceCents, row.amountCents);
    const says = `${row.instruction} ${row.counterparty}`;
    lines.push({ ledger, number: row.number, kind: 'SI', says, amountCents: row.amountCents, balanceCents });
  }
  return lines;
}
