import { compactDate } from '../../domain/calendar/calendar.ts';
import type { Announcement, MarketDate } from '../../domain/nouns/market.ts';
import { stockNamed } from './figures.ts';
import type { ReportMaker } from './maker.ts';

/**
 * Announcement Information (CCNAN05), one file for all: a record 101/001 for each corporate action that is under way, those
 * announced by the business date whose payable date has not passed (mock convention). What the books do not hold is blank. On
 * a day without any there is no file.
 */
export const announcementInformation: ReportMaker = (books, { businessDate }) => {
  const lines = [...books.all('announcement')]
    .filter((row) => row.announcedOn <= businessDate && businessDate <= (row.payableDate ?? row.exDate))
    .sort((a, b) => (a.number < b.number ? -1 : 1))
    .map((row) => ({ row, isin: stockNamed(books, row.stock).isin }));
  return {
    none: lines.length === 0,
    records: () => lines.map(({ row, isin }) => record(row, isin)),
    columns: [],
    rows: () => [],
    footer: [],
  };
};

function record(row: Announcement, isin: string) {
  return {
    type: row.type,
    number: row.number,
    stock: row.stock,
    isin,
    summary: row.summary,
    payableDate: text(row.payableDate),
    option: 'N',
    scripOption: 'N',
    currencyOption: 'N',
    bookCloseFrom: text(row.bookCloseFrom),
    bookCloseTo: text(row.bookCloseTo),
    electionFrom: '',
    electionTo: '',
    electionEndTime: '',
    exDate: text(row.exDate),
    shareholdingDate: text(row.recordDate),
    issuerRecordDate: text(row.recordDate),
    issuerElectionDeadline: '',
    issuerElectionDeadlineTime: '',
    fractionInCash: 'N',
    lastRegistrationDate: '',
    scripFeeCollection: 'N',
    yearEnd: '',
    firstAnnouncementDate: row.announcedOn,
    furtherAnnouncementDate: '',
    createdDate: row.announcedOn,
    updatedDate: row.announcedOn,
  };
}

function text(date: MarketDate | undefined): string {
  return date === undefined ? '' : compactDate(date);
}
