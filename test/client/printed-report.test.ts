import { expect, test } from 'vitest';
import { printedRows } from '../../src/client/printed-report.ts';
import { printReport } from '../../src/wire/text-report.ts';

const printed = (rows: number) =>
  [
    ...printReport({
      ...{ reportId: 'ZTEST01', title: 'Test', participant: 'B09901', participantName: 'A broker' },
      ...{ runDate: '2021-07-23', runTime: '16:30:00' },
      columns: [
        { heading: 'STOCK', width: 5, align: 'left' },
        { heading: 'QTY', width: 8, align: 'right' },
      ],
      rows: Array.from({ length: rows }, (_, n) => ['00005', String(n)]),
      footer: () => [['ROWS', String(rows)]],
    }),
  ].join('');

test.each([0, 1, 51, 52, 53, 200])('a printed report with %i rows, on however many pages, has as many', (rows) => {
  expect(printedRows(printed(rows))).toBe(rows);
});

test('a text that is no printed report has none to count', () => {
  expect(printedRows('REPORT ID: MINE\r\nNothing ruled.\r\n')).toBeNull();
});
