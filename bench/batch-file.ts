import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusal } from '../src/domain/refusal.ts';
import { compileLayout } from '../src/wire/layout.ts';
import { writeRecords } from '../src/wire/report-file.ts';

/** Market time of a harness that takes the file: its header says the date. */
export const MARKET_TIME = Date.parse('2021-07-26T10:00+08:00');

export interface BatchFile {
  readonly path: string;
  readonly records: number;
  readonly sizeBytes: number;
  remove(): void;
}

/** A batch file of so many good SIs of the demo user's participant, in a temporary folder. */
export function batchFile(records: number): BatchFile {
  const json = readFileSync(new URL('../fixtures/layouts/ZSIUP01.json', import.meta.url), 'utf8');
  const layout = compileLayout(JSON.parse(json));
  if (isRefusal(layout)) throw new Error(layout.detail.en);
  const folder = mkdtempSync(join(tmpdir(), 'bench-batch-'));
  const path = join(folder, 'ZSIUP01.txt');
  const header = { participant: 'B09901', market: 'HKMK', businessDate: '2021-07-26', sequence: '0001' };
  const file = openSync(path, 'w');
  let sizeBytes = 0;
  for (const piece of writeRecords(layout, header, rows(records))) sizeBytes += writeSync(file, piece);
  closeSync(file);
  return { path, records, sizeBytes, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function* rows(records: number) {
  for (let n = 1; n <= records; n++) {
    yield {
      reference: `REF-${n}`,
      side: n % 2 ? 'D' : 'R',
      stock: '00005',
      isin: 'GB0005405286',
      quantity: 400 * (1 + (n % 50)),
      counterparty: n % 3 ? 'B09902' : 'B09903',
      account: '01',
      payment: 'DVP',
      currency: 'HKD',
      amountCents: 1_740_000 * (1 + (n % 50)),
      settlementDate: '2021-07-28',
      hold: 'N',
      narrative: '',
    };
  }
}
