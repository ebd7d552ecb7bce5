import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvRecords } from '../../../src/service/rap/csv-records.ts';

function count(id: string, text: string, pieces = 1): number {
  const bytes = Buffer.from(text);
  const records = new CsvRecords(id);
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += size) records.add(bytes.subarray(at, at + size));
  return records.count();
}

test.each([
  ['RMAMR01', '', 0],
  ['RMAMR01', 'A,B\r\n', 0],
  ['RMAMR01', 'A,B\r\n1,2\r\n', 1],
  ['RMAMR01', 'A,B\n1,2\n\n \t\r\n3,4', 2],
  ['RPF01', 'Date,20210723\r\n"InstrumentID",X\r\n5,1\r\n700,1\r\n', 2],
  ['RPF01', 'Date,20210723\r\nInstrumentId,X\r\nInstrumentId,again\r\n', 1],
  ['RPF01', 'A\r\n1\r\n2\r\n', 2],
])('of %s %j are %i', (id, text, records) => expect(count(id, text)).toBe(records));

test('are the same however the csv is split', () => {
  const text = fc.array(fc.constantFrom('InstrumentId,A', '5,1', '', ' ', '港交所'), { maxLength: 8 });
  fc.assert(
    fc.property(text, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 200 }), (lines, end, pieces) => {
      for (const id of ['RPF01', 'RMAMR01'])
        expect(count(id, lines.join(end), pieces)).toBe(count(id, lines.join(end)));
    }),
  );
});
