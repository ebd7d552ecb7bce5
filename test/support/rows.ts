import fc from 'fast-check';
import { type Change, put, remove, type TableName } from '../../src/domain/change.ts';
import type { User } from '../../src/domain/nouns/access.ts';
import type {
  AccountTransfer,
  Batch,
  BatchStatus,
  InstructionStatus,
  MoneyMovement,
  SettlementInstruction,
  StockMovement,
} from '../../src/domain/nouns/instructions.ts';
import type { RapFile, Report } from '../../src/domain/nouns/reports.ts';

export const PARTICIPANTS = ['B09901', 'B09902', 'C09903'];
export const DATES = ['2021-07-23', '2021-07-24'];
const words = { en: 'x', zh: '甲' };

export function instruction(number: string, more: Partial<SettlementInstruction> = {}): SettlementInstruction {
  return {
    number,
    participant: 'B09901',
    user: 'MAKER1',
    reference: `REF-${number}`,
    side: 'deliver',
    stock: '00005',
    quantity: 400,
    counterparty: 'B09902',
    account: '01',
    payment: 'DVP',
    currency: 'HKD',
    amountCents: 1_234_500,
    settlementDate: '2021-07-26',
    hold: false,
    narrative: '',
    status: 'unmatched',
    inputAt: 1_000,
    inputDate: '2021-07-24',
    batch: null,
    ...more,
  };
}

export function batch(reference: string, more: Partial<Batch> = {}): Batch {
  return {
    reference,
    participant: 'B09901',
    user: 'MAKER1',
    fileId: 'ZSIUP01',
    market: 'HKMK',
    headerDate: '2021-07-24',
    sequence: '0001',
    sha256: '0'.repeat(64),
    sizeBytes: 320,
    receivedAt: 1_000,
    receivedBy: 'primary',
    status: 'received',
    records: 0,
    nextRow: 0,
    accepted: 0,
    refused: 0,
    fault: null,
    reports: [],
    ...more,
  };
}

export function report(reference: string, more: Partial<Report> = {}): Report {
  return {
    reference,
    id: 'ZSICR01',
    participant: 'B09901',
    businessDate: '2021-07-24',
    madeAt: 1_000,
    availableAt: 1_000,
    format: 'data',
    fileName: 'ZSICR01.TXT',
    sizeBytes: 160,
    sha256: '0'.repeat(64),
    batch: null,
    ...more,
  };
}

export function rapFile(name: string, more: Partial<RapFile> = {}): RapFile {
  return {
    folder: 'INBOX',
    participant: 'B09901',
    businessDate: '2021-07-23',
    name,
    reportId: 'RMAMR01',
    part: 'data',
    publishedAt: 1_000,
    sizeBytes: 160,
    sha256: '0'.repeat(64),
    ...more,
  };
}

export function user(participant: string, id: string, more: Partial<User> = {}): User {
  return {
    participant,
    id,
    name: 'Maker One',
    role: 'maker',
    passwordHash: 'scrypt$1$1$1$c2FsdA$c2VjcmV0',
    passwordSetAt: 0,
    wrongPasswords: 0,
    lockedAt: null,
    inputLimitHkdCents: null,
    ...more,
  };
}

export function transfer(number: string, more: Partial<AccountTransfer> = {}): AccountTransfer {
  return {
    number,
    participant: 'B09901',
    user: 'MAKER1',
    reference: `REF-${number}`,
    stock: '00005',
    quantity: 400,
    fromAccount: '01',
    toAccount: '02',
    narrative: '',
    status: 'waiting',
    inputAt: 1_000,
    inputDate: '2021-07-24',
    batch: null,
    ...more,
  };
}

export function stockMovement(number: string, more: Partial<StockMovement> = {}): StockMovement {
  return {
    number,
    participant: 'B09901',
    account: '01',
    stock: '00005',
    quantity: 400,
    balance: 400,
    at: 1_000,
    date: '2021-07-24',
    kind: 'ATI',
    instruction: 'A00000001',
    counterparty: null,
    ...more,
  };
}

export function moneyMovement(number: string, more: Partial<MoneyMovement> = {}): MoneyMovement {
  return {
    number,
    participant: 'B09901',
    currency: 'HKD',
    subAccount: 'settlement',
    amountCents: 100,
    balanceCents: 100,
    at: 1_000,
    date: '2021-07-24',
    instruction: 'D00000001',
    counterparty: 'B09902',
    ...more,
  };
}

/** Few keys and few values, so that rows meet: they are replaced, moved between groups, taken away, put back. */
const participant = fc.constantFrom(...PARTICIPANTS);
const date = fc.constantFrom(...DATES);
const sequence = fc.constantFrom('0001', '0002');
const status = fc.constantFrom<BatchStatus>('received', 'processing', 'processed', 'discarded');
const number = fc.integer({ min: 1, max: 12 });
const padded = (prefix: string, digits: number) => number.map((n) => prefix + String(n).padStart(digits, '0'));

const stockCode = fc.constantFrom('00001', '00005');
const accountId = fc.constantFrom('01', '02');

const anyPut: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        number: padded('D', 8),
        participant,
        inputDate: date,
        reference: padded('R', 2),
        quantity: number,
        status: fc.constantFrom<InstructionStatus>('unmatched', 'matched', 'settled', 'deleted'),
        settlementDate: date,
        statusAt: fc.constantFrom(...DATES.map((text) => Date.parse(`${text}T00:00+08:00`))),
        stock: stockCode,
        counterparty: participant,
      })
      .map(({ number, ...more }) => put('instruction', instruction(number, more))),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ reference: padded('U', 11), participant, headerDate: date, sequence, status })
      .map(({ reference, ...more }) => put('batch', batch(reference, more))),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ reference: padded('R', 8), participant: fc.constantFrom(...PARTICIPANTS, 'COMMON') })
      .map(({ reference, ...more }) => put('report', report(reference, more))),
  },
  fc
    .record({
      number: padded('A', 8),
      participant,
      status: fc.constantFrom('waiting' as const, 'done' as const),
      stock: stockCode,
      inputDate: date,
    })
    .map(({ number, ...more }) => put('transfer', transfer(number, more))),
  fc
    .record({ number: padded('M', 9), participant, account: accountId, stock: stockCode, date })
    .map(({ number, ...more }) => put('stockMovement', stockMovement(number, more))),
  fc
    .record({ number: padded('L', 9), participant, date })
    .map(({ number, ...more }) => put('moneyMovement', moneyMovement(number, more))),
  fc
    .record({
      name: padded('F', 2),
      participant: fc.constantFrom(...PARTICIPANTS, 'COMMON'),
      folder: fc.constantFrom('INBOX' as const, 'COMMON' as const),
      businessDate: date,
      publishedAt: number,
    })
    .map(({ name, ...more }) => put('rapFile', rapFile(name, more))),
  fc
    .record({ participant, account: fc.constantFrom('01', '02'), stock: padded('', 5), quantity: number })
    .map((row) => put('holding', row)),
  fc
    .record({ participant, id: padded('U', 2), wrongPasswords: number })
    .map(({ participant, id, ...more }) => put('user', user(participant, id, more))),
  padded('N', 6).map((n) => put('broadcast', { number: n, at: 1, kind: 'notice', subject: words, text: words })),
  fc
    .record({ name: fc.constantFrom('instruction' as const, 'batch' as const), next: number })
    .map((row) => put('counter', row)),
  fc.record({ run: fc.constantFrom('matching', 'reports'), date, doneAt: number }).map((row) => put('run', row)),
);

export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: anyPut },
  { weight: 1, arbitrary: anyPut.map(({ table, key }) => remove(table, key)) },
);
export const anyChanges = (maxLength: number) => fc.array(anyChange, { maxLength });

/** The simplest possible books: one map, no order, no index. The model in the tests. */
export class PlainBooks {
  readonly rows = new Map<string, Change>();
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const name = `${change.table} ${change.key}`;
      if (change.row === null) this.rows.delete(name);
      else this.rows.set(name, change);
    }
  }
  of(table: TableName): Change[] {
    const rows = [...this.rows.values()].filter((change) => change.table === table);
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}
