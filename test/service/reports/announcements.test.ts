import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { platform } from '../../support/risk-platform.ts';

/** Positions of record 101/001 as a broker's importer in public has them, 1-based; held here a second time, apart from the layout. */
const TABLE: readonly (readonly [name: string, from: number, to: number])[] = [
  ['record type and sub-type', 1, 6],
  ['announcement type', 7, 8],
  ['announcement number', 9, 17],
  ['stock code', 20, 24],
  ['ISIN', 25, 36],
  ['announcement summary', 37, 116],
  ['payable date', 117, 124],
  ['option', 125, 125],
  ['book close from', 128, 135],
  ['book close to', 136, 143],
  ['election end time', 160, 164],
  ['ex-dividend date', 165, 172],
  ['shareholding date', 173, 180],
  ['issuer record date', 181, 188],
  ['issuer election deadline time', 197, 201],
  ['fraction distributed in cash', 202, 202],
  ['scrip fee collection', 211, 211],
  ['first announcement date', 220, 227],
  ['announcement creation date', 236, 243],
  ['last updated date', 244, 251],
  ['record checksum', 252, 271],
];

async function madeOn(date: string) {
  const at = instant(`${date}T20:30`);
  const orp = await platform(`${date}T09:00`);
  const run = { key: 'CCNAN05', businessDate: date, at, availableAt: at };
  await orp.centre.service.runReport('CCNAN05', run);
  return orp;
}

describe('CCNAN05', () => {
  it('is one file for all, named as published, with a record of 417 characters for each corporate action under way', async () => {
    await using orp = await madeOn('2021-07-23');
    const [report, ...more] = [...orp.books.all('report')];
    expect(more).toEqual([]);
    expect(report).toMatchObject({ participant: 'COMMON', fileName: 'CCNAN05_COMMON_HKMK_20210723203000.TXT' });
    const pieces: Buffer[] = [];
    for await (const piece of orp.centre.store.blobs.open(report?.sha256 ?? '')) pieces.push(piece as Buffer);
    const lines = Buffer.concat(pieces).toString('latin1').split('\r\n');
    expect(new Set(lines.slice(0, -1).map((line) => line.length))).toEqual(new Set([417]));
    const records = lines.filter((line) => line.startsWith('101001'));
    expect(records).toHaveLength(3);
    const [record = ''] = records;
    const cells = Object.fromEntries(TABLE.map(([name, from, to]) => [name, record.slice(from - 1, to)]));
    expect(cells).toEqual({
      'record type and sub-type': '101001',
      'announcement type': 'BE',
      'announcement number': 'A00000001',
      'stock code': '00005',
      ISIN: 'GB0005405286',
      'announcement summary': 'FIRST INTERIM DIVIDEND HKD 0.55 PER SHARE'.padEnd(80),
      'payable date': '20210820',
      option: 'N',
      'book close from': '20210727',
      'book close to': '20210728',
      'election end time': '     ',
      'ex-dividend date': '20210723',
      'shareholding date': '20210728',
      'issuer record date': '20210728',
      'issuer election deadline time': '     ',
      'fraction distributed in cash': 'N',
      'scrip fee collection': 'N',
      'first announcement date': '20210705',
      'announcement creation date': '20210705',
      'last updated date': '20210705',
      'record checksum': String(5 + 3 * 20210705).padStart(20, '0'),
    });
    expect(record.slice(17, 19) + record.slice(271)).toBe(' '.repeat(148));
  });

  it('is not there on a day without any', async () => {
    await using orp = await madeOn('2021-10-04');
    expect(orp.books.size('report')).toBe(0);
    expect(orp.books.get('run', 'CCNAN05/2021-10-04')).toBeDefined();
  });
});
