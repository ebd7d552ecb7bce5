/** Books of so many SIs, asked for pages whose hits are as many whatever the number of SIs. */
import { put } from '../../src/domain/change.ts';
import type { InstructionStatus, SettlementInstruction } from '../../src/domain/nouns/instructions.ts';
import { Books, type InstructionsWanted } from '../../src/store/books/books.ts';
import { answering, argument } from '../answering.ts';

const { count } = argument<{ readonly count: number }>();
/** Rows that one of the rare values has, and rows of a page. */
const HITS = 10;
const PAGE = 50;
const ASKED = 2_000;

const number = (n: number) => `D${String(n).padStart(8, '0')}`;
const books = new Books();
const every = count / HITS;
for (let n = 1; n <= count; n++) {
  const rare = n % every === 0;
  const row: SettlementInstruction = {
    number: number(n),
    participant: 'B09901',
    user: 'MAKER01',
    reference: `R${n}`,
    side: n % 2 ? 'deliver' : 'receive',
    stock: rare ? '00700' : '00005',
    quantity: 400,
    counterparty: n % 3 ? 'B09902' : 'C09903',
    account: '01',
    payment: 'FOP',
    currency: null,
    amountCents: 0,
    settlementDate: rare ? '2021-07-27' : '2021-07-26',
    hold: false,
    narrative: '',
    status: (rare ? 'shares-on-hold' : n % 5 ? 'unmatched' : 'matched') satisfies InstructionStatus,
    inputAt: n,
    inputDate: '2021-07-24',
    batch: null,
  };
  books.apply(put('instruction', row));
}

/** Microseconds a page. */
function timed(where: InstructionsWanted, limit: number, after?: string): number {
  const from = performance.now();
  for (let n = 0; n < ASKED; n++)
    if (books.instructionsOf('B09901', { where, limit, after }).length === 0) throw new Error('no hit');
  return ((performance.now() - from) * 1000) / ASKED;
}

const shown = (status: InstructionStatus) => status !== 'deleted';
answering(null, {
  measure: () => ({
    'few by status': timed({ life: (status) => status === 'shares-on-hold' }, PAGE),
    'few by date': timed({ life: shown, settlementDate: '2021-07-27' }, PAGE),
    'few by stock and counterparty': timed({ life: shown, stock: '00700', counterparty: 'B09902' }, PAGE),
    'first page of all': timed({ life: shown }, PAGE),
    'a page from the middle': timed({ life: shown }, PAGE, number(count / 2)),
  }),
});
