import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { put } from '../../../src/domain/change.ts';
import type { Stock } from '../../../src/domain/nouns/market.ts';
import { createDraft } from '../../../src/domain/settlement/draft.ts';
import { ASSUMED_RULES } from '../../../src/domain/settlement/settlement-rules.ts';
import {
  decideTransfer,
  decideTransferRun,
  TRANSFER_REASON_CODES,
  TRANSFER_REASONS,
  type TransferInput,
  type TransferReason,
  type TransferRow,
  waitingTransfers,
} from '../../../src/domain/settlement/transfer.ts';
import { Books } from '../../../src/store/books/books.ts';
import { createBatchParser, TRANSFER_SHAPE } from '../../../src/wire/batch-file.ts';
import { createRecordReader, lineOfRecord, offsetOfRecord } from '../../../src/wire/record-reader.ts';
import { readRecords } from '../../../src/wire/report-file.ts';
import { batchFixture, CONTEXT, shipped, written } from '../../support/shipped-layouts.ts';
import {
  AT,
  apply,
  DATE,
  FREE,
  holdingOf,
  matched,
  openBooks,
  rowFacts,
  runSettlement,
  sharesOf,
} from '../../support/si-market.ts';

const ROW: TransferRow = {
  reference: 'T1',
  stock: '00005',
  isin: 'GB0005405286',
  quantity: 400,
  fromAccount: '01',
  toAccount: '03',
  narrative: 'SEGREGATE',
};
const INPUT: TransferInput = {
  participant: 'B09901',
  user: 'MAKER01',
  batch: 'U00000000001',
  at: AT,
  marketDate: DATE,
  rules: ASSUMED_RULES,
};
const IN_THE_RUN: TransferInput = { ...INPUT, rules: { transfers: { daily: '19:30' } } };
const decide = (books: Books, row: Partial<TransferRow> = {}, input = INPUT, facts = rowFacts()) =>
  decideTransfer(books, { ...ROW, ...row }, facts, input);

describe('a transfer', () => {
  it('at once moves the shares and notes both ends', () => {
    const books = openBooks();
    apply(books, decide(books));
    expect([sharesOf(books, 'B09901'), sharesOf(books, 'B09901', '03')]).toEqual([600, 400]);
    const transfer = {
      ...{
        number: 'A00000001',
        participant: 'B09901',
        user: 'MAKER01',
        reference: 'T1',
        stock: '00005',
        quantity: 400,
      },
      ...{ fromAccount: '01', toAccount: '03', narrative: 'SEGREGATE', status: 'done', batch: 'U00000000001' },
      ...{ inputAt: AT, inputDate: DATE, doneAt: AT },
    };
    expect(books.transfersOf('B09901')).toEqual([transfer]);
    expect(books.transferByReference('B09901', DATE, 'T1')).toEqual(transfer);
    expect(books.transferByReference('B09901', '2021-07-27', 'T1')).toBeUndefined();
    const common = { participant: 'B09901', stock: '00005', at: AT, date: DATE, kind: 'ATI', instruction: 'A00000001' };
    expect(books.stockMovementsOf('B09901')).toEqual([
      { ...common, number: 'M000000001', account: '01', quantity: -400, balance: 600, counterparty: null },
      { ...common, number: 'M000000002', account: '03', quantity: 400, balance: 400, counterparty: null },
    ]);
  });

  it('in a run sets them aside until then, and moves them once', () => {
    const books = openBooks();
    apply(books, decide(books, {}, IN_THE_RUN));
    expect(holdingOf(books, 'B09901')).toMatchObject({ quantity: 1000, onHold: 400 });
    expect(books.get('transfer', 'A00000001')).toMatchObject({ status: 'waiting' });
    expect(books.size('stockMovement')).toBe(0);
    expect(decide(books, { quantity: 601 }, IN_THE_RUN)).toBe('NOT_ENOUGH_STOCK');
    // Nor are they there for a settlement.
    const [deliver] = matched(books, { ...FREE, quantity: 601 });
    expect(runSettlement(books, [deliver]).waiting).toEqual({ [deliver]: 'NOT_ENOUGH_STOCK' });

    const numbers = waitingTransfers(books.all('transfer'));
    expect(numbers).toEqual(['A00000001']);
    apply(books, decideTransferRun(books, numbers, AT + 1, DATE));
    expect(holdingOf(books, 'B09901')).toEqual({ participant: 'B09901', account: '01', stock: '00005', quantity: 600 });
    expect(books.get('transfer', 'A00000001')).toMatchObject({ status: 'done', doneAt: AT + 1 });
    expect(waitingTransfers(books.all('transfer'))).toEqual([]);
    expect(decideTransferRun(books, numbers, AT + 2, DATE)).toEqual([]);
  });
});

/** One way to earn each reason, in the order in which they win. */
const WAYS: Readonly<Record<TransferReason, Partial<TransferRow>>> = {
  UNKNOWN_STOCK: { stock: '99999' },
  ISIN_MISMATCH: { isin: 'KYG875721634' },
  BAD_QUANTITY: { quantity: 0 },
  UNKNOWN_ACCOUNT: { toAccount: '99' },
  SAME_ACCOUNT: { toAccount: '01' },
  NOT_ENOUGH_STOCK: { fromAccount: '03', toAccount: '01' },
  DUPLICATE_REFERENCE: { reference: 'USED' },
  OVER_LIMIT: {},
};

describe('a refused row', () => {
  const books = openBooks();
  const used = { isReferenceUsed: (text: string) => text === 'USED' };

  it.each(TRANSFER_REASON_CODES)('%s', (reason) => {
    const limit = reason === 'OVER_LIMIT' ? { inputLimitHkdCents: 1 } : {};
    expect(decide(books, WAYS[reason], INPUT, rowFacts({ ...used, ...limit }))).toBe(reason);
  });

  it('has the first reason in this order', () => {
    const low = rowFacts({ ...used, inputLimitHkdCents: 1 });
    expect(decide(books, WAYS.DUPLICATE_REFERENCE, INPUT, low)).toBe('DUPLICATE_REFERENCE');
    expect(decide(books, { ...WAYS.NOT_ENOUGH_STOCK, reference: 'USED' }, INPUT, low)).toBe('NOT_ENOUGH_STOCK');
    expect(decide(books, { quantity: 9999, toAccount: '01' })).toBe('SAME_ACCOUNT');
    expect(decide(books, { fromAccount: '99', toAccount: '99' })).toBe('UNKNOWN_ACCOUNT');
    expect(decide(books, { quantity: 0, toAccount: '99' })).toBe('BAD_QUANTITY');
    expect(decide(books, { isin: 'X', quantity: 0 })).toBe('ISIN_MISMATCH');
  });

  it('has a next step, in both languages', () => {
    for (const { en, zh } of Object.values(TRANSFER_REASONS)) {
      expect(en).toMatch(/\. \w.*\.$/);
      expect(zh).toMatch(/。請.*。$|請.*。$/);
    }
  });
});

interface Fixture {
  readonly file: string;
  readonly records?: number;
  readonly discards?: boolean;
  readonly code?: string;
  readonly line?: number;
  readonly columns?: readonly [number, number];
  readonly inputLimitHkdCents?: number;
}
const index: { good: Fixture[]; bad: Fixture[] } = JSON.parse(batchFixture('transfers/index.json').toString());
const LAYOUT = shipped('ZATUP01');
const market = (name: string) =>
  JSON.parse(batchFixture(`../market/${name}.json`).toString())[name] as readonly Record<string, unknown>[];

/** The books as fixtures/market/ has them. */
function shippedBooks(): Books {
  const books = new Books();
  for (const stock of market('stocks')) books.apply(put('stock', stock as unknown as Stock));
  for (const row of market('holdings'))
    books.apply(put('holding', row as unknown as Parameters<typeof put<'holding'>>[1]));
  return books;
}

/** What becomes of the file: its fault, or the codes of its refused rows by line. */
function outcome({ file, inputLimitHkdCents = 50_000_000_000 }: Fixture) {
  const bytes = batchFixture(`transfers/${file}`);
  const parser = createBatchParser(LAYOUT, { ...CONTEXT, fileId: 'ZATUP01' });
  parser.feed(bytes);
  const whole = parser.end();
  if (whole.fault) return { fault: whole.fault, accepted: 0, refused: [] };
  const details = bytes.subarray(offsetOfRecord(LAYOUT, 0), offsetOfRecord(LAYOUT, whole.records));
  const rows = createRecordReader(LAYOUT, TRANSFER_SHAPE)(details);
  const draft = createDraft(shippedBooks());
  const used = new Set<string>();
  const facts = rowFacts({
    stock: (code) => draft.get('stock', code),
    isAccount: (id) => ['01', '03', '04', '06'].includes(id),
    isReferenceUsed: (reference) => used.has(reference),
    inputLimitHkdCents,
  });
  const refused: { line: number; code: string }[] = [];
  for (let n = 0; n < rows.length; n++) {
    const row = rows.at(n);
    const decided = decideTransfer(draft, row, facts, INPUT);
    if (typeof decided === 'string') {
      refused.push({ line: lineOfRecord(n), code: decided });
      continue;
    }
    draft.add(decided);
    used.add(row.reference);
  }
  return { fault: null, accepted: rows.length - refused.length, refused };
}

describe('fixtures/batches/transfers', () => {
  it.each(index.good)('$file is accepted', (fixture) => {
    expect(outcome(fixture)).toEqual({ fault: null, accepted: fixture.records, refused: [] });
  });

  it.each(index.bad.filter(({ discards }) => discards))('$file is discarded', (fixture) => {
    const { code, line, columns } = fixture;
    expect(outcome(fixture).fault).toMatchObject({ code, line, columns: columns ?? null });
  });

  it.each(index.bad.filter(({ discards }) => !discards))('$file has one row refused', (fixture) => {
    const { code, line } = fixture;
    expect(outcome(fixture)).toEqual({ fault: null, accepted: 1, refused: [{ line, code }] });
  });

  it('has a file for every reason, and every file is in the index', () => {
    const reasons = index.bad.filter(({ discards }) => !discards).map(({ code }) => code);
    expect([...new Set(reasons)].toSorted()).toEqual([...TRANSFER_REASON_CODES].toSorted());
    const there = ['good', 'bad'].flatMap((folder) =>
      readdirSync(new URL(`../../../fixtures/batches/transfers/${folder}`, import.meta.url)).map(
        (name) => `${folder}/${name}`,
      ),
    );
    expect(there.toSorted()).toEqual([...index.good, ...index.bad].map(({ file }) => file).toSorted());
  });
});

it('ZATCR01 is laid out like ZSICR01', () => {
  const layout = shipped('ZATCR01');
  const header = {
    ...{ participant: 'B09901', market: 'HKMK', businessDate: DATE, sequence: '0001', batch: 'U00000000001' },
    ...{ batchFileId: 'ZATUP01', outcome: 'P', code: '', faultLine: 0 },
  };
  const where = (fromColumn: number, toColumn: number) => ({ fromColumn, toColumn, came: '01', expected: '' });
  const details = [
    { line: 2, reference: 'T1', outcome: 'A', reason: '', number: 'A00000001', ...where(0, 0) },
    { line: 3, reference: 'T2', outcome: 'R', reason: 'SAME_ACCOUNT', number: '', ...where(55, 62) },
  ];
  const read = readRecords(layout, written(layout, header, details));
  expect(read).toMatchObject({ fault: null, details, trailer: { accepted: 1, refused: 1 } });
});
