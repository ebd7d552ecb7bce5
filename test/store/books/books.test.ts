import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, KEY, put, remove, type TableName, type Tables } from '../../../src/domain/change.ts';
import type { Batch, SettlementInstruction } from '../../../src/domain/nouns/instructions.ts';
import { lifeDate } from '../../../src/domain/settlement/instruction-life.ts';
import { Books, type InstructionsWanted } from '../../../src/store/books/books.ts';
import { anyChanges, batch, DATES, instruction, PARTICIPANTS, PlainBooks, report } from '../../support/rows.ts';

function booksOf(changes: readonly Change[]): Books {
  const books = new Books();
  for (const change of changes) books.apply(change);
  return books;
}

const RAP_DAYS = [...PARTICIPANTS, 'COMMON'].flatMap((id) =>
  (['INBOX', 'COMMON'] as const).flatMap((folder) => DATES.map((date) => [id, folder, date] as const)),
);

/** Facets that are looked up one by one and several together. */
const WANTED: readonly InstructionsWanted[] = [
  { life: (status) => status === 'unmatched' },
  { life: (status, date) => status === 'deleted' && date === '2021-07-24' },
  { settlementDate: '2021-07-24' },
  { stock: '00005' },
  { counterparty: 'B09902' },
  { inputDate: '2021-07-23' },
  { inputDate: (date) => date > '2021-07-23' },
  { stock: '00001', counterparty: 'B09901', life: (status) => status !== 'deleted' },
  { stock: '00005', counterparty: 'B09901', settlementDate: '2021-07-23', inputDate: '2021-07-24' },
  { stock: '99999' },
];

function has(row: SettlementInstruction, { life, inputDate, ...same }: InstructionsWanted): boolean {
  if (life && !life(row.status, lifeDate(row))) return false;
  if (typeof inputDate === 'function' ? !inputDate(row.inputDate) : inputDate && row.inputDate !== inputDate)
    return false;
  return Object.entries(same).every(([name, value]) => row[name as 'stock'] === value);
}

/** Every answer of every index, computed from all rows. */
function naively(model: PlainBooks) {
  const all = <T extends TableName>(table: T) => model.of(table).map(({ row }) => row as Tables[T]);
  return {
    instructions: PARTICIPANTS.map((id) => all('instruction').filter((row) => row.participant === id)),
    wanted: PARTICIPANTS.map((id) =>
      WANTED.map((where) => all('instruction').filter((row) => row.participant === id && has(row, where))),
    ),
    unmatched: all('instruction').filter((row) => row.status === 'unmatched'),
    transfers: PARTICIPANTS.map((id) => all('transfer').filter((row) => row.participant === id)),
    transfersDone: PARTICIPANTS.map((id) =>
      all('transfer').filter((row) => row.participant === id && row.status === 'done' && row.stock === '00005'),
    ),
    waiting: all('transfer').filter((row) => row.status === 'waiting'),
    stockMovements: PARTICIPANTS.map((id) => all('stockMovement').filter((row) => row.participant === id)),
    oneAccount: PARTICIPANTS.map((id) =>
      all('stockMovement').filter((row) => row.participant === id && row.account === '02' && row.stock === '00001'),
    ),
    moneyMovements: PARTICIPANTS.map((id) =>
      all('moneyMovement').filter((row) => row.participant === id && row.date >= '2021-07-24'),
    ),
    references: all('instruction').map((row) =>
      all('instruction').find(
        (other) =>
          other.participant === row.participant &&
          other.inputDate === row.inputDate &&
          other.reference === row.reference,
      ),
    ),
    batches: PARTICIPANTS.map((id) => all('batch').filter((row) => row.participant === id)),
    sequences: PARTICIPANTS.flatMap((id) =>
      DATES.flatMap((date) =>
        ['0001', '0002'].map((sequence) => {
          const same = all('batch').filter(
            (row) => row.participant === id && row.headerDate === date && row.sequence === sequence,
          );
          const discarded = same.filter((row) => row.status === 'discarded');
          return { batch: same.filter((row) => row.status !== 'discarded').at(-1) ?? discarded.at(-1), discarded };
        }),
      ),
    ),
    unfinished: all('batch').filter(isUnfinished),
    unfinishedOf: PARTICIPANTS.map((id) => all('batch').filter((row) => row.participant === id && isUnfinished(row))),
    reports: PARTICIPANTS.map((id) => all('report').filter((row) => [id, 'COMMON'].includes(row.participant))),
    rapFiles: PARTICIPANTS.map((id) =>
      [id, 'COMMON'].flatMap((whose) => all('rapFile').filter((row) => row.participant === whose)),
    ),
    rapDays: RAP_DAYS.map((day) =>
      all('rapFile').filter(
        (row) => row.participant === day[0] && row.folder === day[1] && row.businessDate === day[2],
      ),
    ),
    holdings: PARTICIPANTS.map((id) => all('holding').filter((row) => row.participant === id)),
    users: PARTICIPANTS.map((id) => all('user').filter((row) => row.participant === id)),
    broadcasts: all('broadcast'),
    counters: [all('counter').find((row) => row.name === 'batch')?.next ?? 1],
  };
}

const isUnfinished = ({ status }: Batch) => status === 'received' || status === 'processing';

const sorted = <Row extends { readonly number: string }>(rows: Iterable<Row>) =>
  [...rows].sort((a, b) => (a.number < b.number ? -1 : 1));

function byIndex(books: Books) {
  const inOrder = sorted(books.all('instruction'));
  return {
    instructions: PARTICIPANTS.map((id) => books.instructionsOf(id)),
    wanted: PARTICIPANTS.map((id) => WANTED.map((where) => books.instructionsOf(id, { where }))),
    unmatched: sorted(books.instructionsWhere((status) => status === 'unmatched')),
    transfers: PARTICIPANTS.map((id) => books.transfersOf(id)),
    transfersDone: PARTICIPANTS.map((id) => books.transfersOf(id, { where: { status: 'done', stock: '00005' } })),
    waiting: sorted(books.waitingTransfers()),
    stockMovements: PARTICIPANTS.map((id) => books.stockMovementsOf(id)),
    oneAccount: PARTICIPANTS.map((id) => books.stockMovementsOf(id, { where: { account: '02', stock: '00001' } })),
    moneyMovements: PARTICIPANTS.map((id) =>
      books.moneyMovementsOf(id, { where: { date: (date) => date >= '2021-07-24' } }),
    ),
    references: inOrder.map((row) => books.instructionByReference(row.participant, row.inputDate, row.reference)),
    batches: PARTICIPANTS.map((id) => books.batchesOf(id).reverse()),
    sequences: PARTICIPANTS.flatMap((id) =>
      DATES.flatMap((date) => ['0001', '0002'].map((sequence) => books.batchBySequence(id, 'ZSIUP01', date, sequence))),
    ),
    unfinished: books.unfinishedBatches().sort((a, b) => (a.reference < b.reference ? -1 : 1)),
    unfinishedOf: PARTICIPANTS.map((id) => books.unfinishedBatchesOf(id)),
    reports: PARTICIPANTS.map((id) => books.reportsOf(id)),
    rapFiles: PARTICIPANTS.map((id) => books.rapFilesOf(id)),
    rapDays: RAP_DAYS.map((day) => books.rapFilesOn(...day)),
    holdings: PARTICIPANTS.map((id) => books.holdingsOf(id)),
    users: PARTICIPANTS.map((id) => books.usersOf('ccass', id)),
    broadcasts: books.broadcasts().reverse(),
    counters: [books.counter('batch')],
  };
}

describe('books', () => {
  test('every index answers as a scan of all rows would', () => {
    fc.assert(
      fc.property(anyChanges(60), (changes) => {
        const model = new PlainBooks();
        model.apply(changes);
        expect(byIndex(booksOf(changes))).toEqual(naively(model));
      }),
    );
  });

  test('the rows before a change restore rows and indexes', () => {
    fc.assert(
      fc.property(anyChanges(40), anyChanges(40), (before, changes) => {
        const books = booksOf(before);
        const [digest, answers] = [books.digest(), byIndex(books)];
        books.undo({ changes, befores: changes.map((change) => books.apply(change)) });
        expect(books.digest()).toBe(digest);
        expect(byIndex(books)).toEqual(answers);
      }),
    );
  });

  test('applying a list twice equals applying it once', () => {
    fc.assert(
      fc.property(anyChanges(40), (changes) => {
        const [once, twice] = [booksOf(changes), booksOf([...changes, ...changes])];
        expect(twice.digest()).toBe(once.digest());
        expect(byIndex(twice)).toEqual(byIndex(once));
      }),
    );
  });

  test('a digest in steps is that of its first step, no matter what changes between steps', () => {
    const rows = Array.from({ length: 3000 }, (_, n) => instruction(`D${String(n + 1).padStart(8, '0')}`));
    const books = booksOf([...rows.map((row) => put('instruction', row)), put('report', report('R00000001'))]);
    const before = books.digest();
    const steps = books.digestSteps();
    let count = 1;
    for (let step = steps.next(); ; step = steps.next(), count++) {
      if (step.done) {
        expect(step.value).toBe(before);
        break;
      }
      const row = rows[3000 - count] as SettlementInstruction;
      books.apply(put('instruction', { ...row, quantity: row.quantity + 1 }));
      books.apply(remove('instruction', `D${String(2000 + count).padStart(8, '0')}`));
      books.apply(remove('report', 'R00000001'));
      books.apply(put('instruction', instruction(`D${String(4000 + count).padStart(8, '0')}`)));
    }
    expect(count).toBe(3);
    expect(books.digest()).not.toBe(before);
  });

  test('the digest depends on the rows, not on their order or that of their members', () => {
    fc.assert(
      fc.property(anyChanges(40), anyChanges(3), (changes, more) => {
        const model = new PlainBooks();
        model.apply(changes);
        const rows = [...model.rows.values()];
        const turned = rows.toReversed().map(({ table, row }) => {
          const members = Object.fromEntries(Object.entries(row ?? {}).reverse());
          return put(table, members as Tables[TableName]);
        });
        expect(booksOf(turned).digest()).toBe(booksOf(changes).digest());
        const other = new PlainBooks();
        other.apply([...changes, ...more]);
        const same = JSON.stringify([...other.rows].sort()) === JSON.stringify([...model.rows].sort());
        expect(booksOf([...changes, ...more]).digest() === booksOf(changes).digest()).toBe(same);
      }),
    );
  });

  test('pages of instructions are disjoint and complete, in order of SI number, with any filter', () => {
    fc.assert(
      fc.property(anyChanges(60), fc.integer({ min: 1, max: 5 }), fc.boolean(), (changes, limit, even) => {
        const books = booksOf(changes);
        const filter = even ? (row: { quantity: number }) => row.quantity % 2 === 0 : undefined;
        const paged: string[] = [];
        for (let after: string | undefined; ; after = paged.at(-1)) {
          const page = books.instructionsOf('B09901', { after, limit, filter });
          expect(page.length).toBeLessThanOrEqual(limit);
          paged.push(...page.map((row) => row.number));
          if (page.length < limit) break;
        }
        const all = books.instructionsOf('B09901').filter((row) => filter?.(row) ?? true);
        expect(paged).toEqual(all.map((row) => row.number));
      }),
    );
  });

  test('a page reads nothing before its cursor', () => {
    const books = new Books();
    const rows = Array.from({ length: 20_000 }, (_, i) => instruction(`D${String(i + 1).padStart(8, '0')}`));
    for (const row of rows) books.apply(put('instruction', row));
    let looked = 0;
    const page = books.instructionsOf('B09901', {
      after: 'D00019000',
      limit: 3,
      filter: () => {
        looked++;
        return true;
      },
    });
    expect(page.map((row) => row.number)).toEqual(['D00019001', 'D00019002', 'D00019003']);
    expect(looked).toBe(3);
    expect(books.instructionsOf('B09901', { after: 'D00020000' })).toEqual([]);
    expect(books.instructionsOf('B09901', { after: 'D000190005', limit: 1 })[0]?.number).toBe('D00019001');
  });

  test('a page of few among many reads only those few', () => {
    const books = new Books();
    for (let n = 1; n <= 20_000; n++) {
      const rare = n % 5_000 === 0;
      const more = { stock: n % 2 ? '00001' : '00005', status: rare ? ('matched' as const) : ('unmatched' as const) };
      books.apply(put('instruction', instruction(`D${String(n).padStart(8, '0')}`, more)));
    }
    let looked = 0;
    const page = books.instructionsOf('B09901', {
      where: { life: (status) => status === 'matched', stock: '00005' },
      filter: () => {
        looked++;
        return true;
      },
    });
    expect(page.map((row) => row.number)).toEqual(['D00005000', 'D00010000', 'D00015000', 'D00020000']);
    expect(looked).toBe(4);
    expect([...books.instructionsWhere((status) => status === 'matched')]).toEqual(page);
  });

  test('iterating over a status goes on while the books change, and skips none that kept it', () => {
    const books = new Books();
    const row = (n: number, status: 'unmatched' | 'matched') =>
      put('instruction', instruction(`D${String(n).padStart(8, '0')}`, { status, settlementDate: '2021-07-26' }));
    for (let n = 1; n <= 5_000; n++) books.apply(row(n, 'unmatched'));
    const walked = new Set<string>();
    let count = 0;
    for (const { number } of books.instructionsWhere((status) => status === 'unmatched')) {
      walked.add(number);
      // Everything behind goes, with every thousandth before: the lists shrink during the iteration.
      if (++count === 500) for (let n = 1; n <= 480; n++) books.apply(row(n, 'matched'));
      if (count === 600) for (let n = 1_000; n <= 5_000; n += 1_000) books.apply(row(n, 'matched'));
      if (count === 3_000) for (let n = 1_001; n <= 2_990; n++) if (n % 1_000 > 0) books.apply(row(n, 'matched'));
    }
    expect(walked.size).toBe(count);
    for (let n = 1; n <= 5_000; n++) {
      if (n % 1_000 > 0) expect(walked).toContain(`D${String(n).padStart(8, '0')}`);
    }
  });

  test('a key that is not of its series is our bug', () => {
    expect(() => new Books().apply(put('instruction', instruction('X1')))).toThrow(
      'X1 is not a number such as D00000001',
    );
  });

  test('a sequence that was discarded is free, and both files are found', () => {
    const books = booksOf([
      put('batch', batch('U00000000001', { status: 'discarded', sha256: 'a'.repeat(64) })),
      put('batch', batch('U00000000002', { status: 'discarded', sha256: 'b'.repeat(64) })),
    ]);
    const use = () => books.batchBySequence('B09901', 'ZSIUP01', '2021-07-24', '0001');
    expect(use().batch?.reference).toBe('U00000000002');
    expect(use().discarded.map(({ reference }) => reference)).toEqual(['U00000000001', 'U00000000002']);
    books.apply(put('batch', batch('U00000000003')));
    expect(use().batch?.reference).toBe('U00000000003');
    expect(use().discarded).toHaveLength(2);
    expect(books.batchBySequence('B09901', 'ZSIUP01', '2021-07-24', '0002')).toEqual({
      batch: undefined,
      discarded: [],
    });
  });

  test('reports of a participant and common ones are one list, paged', () => {
    const books = booksOf([
      put('report', report('R00000001', { participant: 'COMMON' })),
      put('report', report('R00000002')),
      put('report', report('R00000003', { participant: 'B09902' })),
      put('report', report('R00000004', { participant: 'COMMON' })),
      put('report', report('R00000005')),
    ]);
    const references = (page = {}) =>
      books
        .reportsOf('B09901', page)
        .map((row) => row.reference.slice(-1))
        .join('');
    expect(references()).toBe('1245');
    expect(references({ after: 'R00000001', limit: 2 })).toBe('24');
    expect(books.reportsOf('COMMON').map((row) => row.reference)).toEqual(['R00000001', 'R00000004']);
  });

  test('outcomes of a batch come in order of its rows', () => {
    const rest = { firstNumber: 1, refused: [] };
    const books = booksOf([
      put('batchOutcomes', { batch: 'U00000000001', firstRow: 10, rows: 2, ...rest }),
      put('batchOutcomes', { batch: 'U00000000001', firstRow: 0, rows: 10, ...rest }),
      put('batchOutcomes', { batch: 'U00000000002', firstRow: 0, rows: 1, ...rest }),
    ]);
    expect([...books.outcomesOf('U00000000001')].map(({ firstRow }) => firstRow)).toEqual([0, 10]);
    expect([...books.outcomesOf('U00000000009')]).toEqual([]);
  });

  test('apply returns the row before', () => {
    const books = new Books();
    const [one, two] = [instruction('D00000001'), instruction('D00000001', { quantity: 800 })];
    expect(books.apply(put('instruction', one))).toBeNull();
    expect(books.apply(put('instruction', two))).toEqual(one);
    expect(books.apply(remove('instruction', 'D00000001'))).toEqual(two);
    expect(books.apply(remove('instruction', 'D00000001'))).toBeNull();
    expect(KEY.instruction(one)).toBe('D00000001');
    expect(books.size('instruction')).toBe(0);
  });
});
