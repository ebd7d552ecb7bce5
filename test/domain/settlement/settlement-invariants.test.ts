import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/calendar/calendar.ts';
import { type Change, put } from '../../../src/domain/change.ts';
import type { SettlementInstruction } from '../../../src/domain/nouns/instructions.ts';
import type { ExactInteger } from '../../../src/domain/nouns/market.ts';
import { oppositeOf } from '../../../src/domain/settlement/auto-counterparty.ts';
import { decideRow } from '../../../src/domain/settlement/batch.ts';
import {
  type Actor,
  decideAuthorise,
  decideChange,
  decideDelete,
  decideHold,
  decideRevoke,
} from '../../../src/domain/settlement/instruction.ts';
import {
  allows,
  asInput,
  LIFE,
  type Move,
  type SubFunctionId,
} from '../../../src/domain/settlement/instruction-life.ts';
import { decideMatches, findPairs, matchKey } from '../../../src/domain/settlement/matching.ts';
import { decidePurge, purgeable } from '../../../src/domain/settlement/purge.ts';
import { dueDeliveries, settlementRun } from '../../../src/domain/settlement/settlement.ts';
import type { SettlementRules } from '../../../src/domain/settlement/settlement-rules.ts';
import { decideTransfer, decideTransferRun, waitingTransfers } from '../../../src/domain/settlement/transfer.ts';
import type { Books } from '../../../src/store/books/books.ts';
import { ACCOUNTS, AT, DATE, openBooks, PARTICIPANTS, rowFacts, STOCKS } from '../../support/si-market.ts';

/** Whatever participants and the day do, in whatever order, these things hold. Few values, so that commands meet. */

/** Too little for one large payment, so that cover is wanting. */
const CENTS = 15_000;
/** The most that an SI can pay; ten of them exceed 2^53. */
const LARGEST_CENTS = 999_999_999_999_999;
const RUNS = process.env.HARNESS_TEST_SIZE === 'full' ? 2_000 : 150;

const participant = fc.constantFrom(...PARTICIPANTS);
const account = fc.constantFrom(...ACCOUNTS, '01', '01');
const stock = fc.constantFrom(...STOCKS);
const pick = fc.nat({ max: 40 });
const quantity = fc.constantFrom(1, 100, 100, 300, 1_200);
const days = fc.constantFrom(0, 0, 0, 1, 3);
const user = fc.constantFrom('MAKER01', 'CHECK01', 'CHECK02');
const target = { pick, user, stranger: fc.option(participant, { freq: 5 }) };

const anyCommand = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('input' as const),
      ...{ participant, user, stock, account, quantity, days, hold: fc.constantFrom(false, false, false, true) },
      other: fc.integer({ min: 1, max: 2 }),
      side: fc.constantFrom('D', 'R'),
      payment: fc.constantFrom('FOP', 'DVP', 'RDP', 'RDP'),
      amountCents: fc.constantFrom(100, 100, 10_000, 10_000, 20_000, 20_000, LARGEST_CENTS),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('opposite' as const), pick, account }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('authorise' as const), ...target }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), ...target, quantity, days }) },
  fc.record({ do: fc.constant('delete' as const), ...target }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke' as const), ...target }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), ...target, hold: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('transfer' as const),
      participant,
      stock,
      quantity,
      from: account,
      to: account,
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('match' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('settle' as const), pairsPerStep: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.record({ do: fc.constant('move transfers' as const) }),
  fc.record({ do: fc.constant('purge' as const) }),
  fc.record({ do: fc.constant('next day' as const), days }),
);
type Command = typeof anyCommand extends fc.Arbitrary<infer C> ? C : never;

const anyRules: fc.Arbitrary<SettlementRules> = fc.record({
  makerChecker: fc.constantFrom(false, false, true),
  moneyCover: fc.record({ DVP: fc.boolean(), RDP: fc.boolean() }),
  purgeAfterDays: fc.constantFrom(0, 2, 14),
  transfers: fc.constantFrom('at once' as const, { daily: '19:30' }),
});
const anyDay = fc.tuple(fc.array(anyCommand, { minLength: 20, maxLength: 80, size: 'max' }), anyRules);

/** A market and its day, as a centre would play it; `see` is told of every list of changes before it is applied. */
class Day {
  readonly books: Books = openBooks({ shares: 1_000, cents: CENTS });
  date = DATE;
  at = AT;
  #inputs = 0;
  readonly #rules: SettlementRules;
  readonly #see: (changes: readonly Change[]) => void;

  constructor(rules: SettlementRules, see: (changes: readonly Change[]) => void = () => undefined) {
    this.#rules = rules;
    this.#see = see;
  }

  do(command: Command): void {
    this.at += 1_000;
    if (command.do === 'next day') this.date = addDays(this.date, command.days);
    else if (command.do === 'settle') this.#settle(command.pairsPerStep);
    else this.#apply(this.#decide(command));
  }

  #settle(pairsPerStep: number): void {
    const due = dueDeliveries(this.books.all('instruction'), this.date);
    const run = { at: this.at, date: this.date, rules: this.#rules };
    for (const { changes } of settlementRun(this.books, due, run, pairsPerStep)) this.#apply(changes);
  }

  #decide(command: Exclude<Command, { do: 'next day' | 'settle' }>): readonly Change[] | string {
    const { books, at, date } = this;
    const rules = this.#rules;
    switch (command.do) {
      case 'input': {
        const { participant: of, user: by, days: ahead, hold, ...row } = command;
        const free = row.payment === 'FOP';
        return this.#input(of, by, {
          ...row,
          reference: '',
          isin: '',
          counterparty: PARTICIPANTS[(PARTICIPANTS.indexOf(of) + row.other) % 3] ?? '',
          currency: free ? '' : 'HKD',
          amountCents: free ? 0 : row.amountCents,
          settlementDate: addDays(date, ahead),
          hold: hold ? 'Y' : 'N',
          narrative: '',
        });
      }
      case 'opposite': {
        const row = this.#pick('D', command.pick);
        return row ? this.#input(row.counterparty, 'CHECK02', oppositeOf(row, command.account)) : 'nothing to answer';
      }
      case 'authorise':
        return this.#maintain('B', command, (number, by) => decideAuthorise(books, number, by, rules));
      case 'change': {
        const change = { quantity: command.quantity, settlementDate: addDays(date, command.days) };
        return this.#maintain('C', command, (number, by) =>
          decideChange(books, number, change, this.#facts(), by, rules),
        );
      }
      case 'delete':
        return this.#maintain('D', command, (number, by) => decideDelete(books, number, by));
      case 'revoke':
        return this.#maintain('E', command, (number, by) => decideRevoke(books, number, by));
      case 'hold':
        return this.#maintain('hold', command, (number, by) =>
          decideHold(books, number, command.hold, this.#facts(), by),
        );
      case 'transfer': {
        const { participant: of, from, to, ...given } = command;
        const row = { ...given, reference: `${at}`, isin: '', fromAccount: from, toAccount: to, narrative: '' };
        const input = { participant: of, user: 'MAKER01', batch: null, at, marketDate: date, rules };
        return decideTransfer(books, row, this.#facts(), input);
      }
      case 'match':
        return decideMatches(books, findPairs(books.all('instruction')), at);
      case 'move transfers':
        return decideTransferRun(books, waitingTransfers(books.all('transfer')), at, date);
      case 'purge':
        return decidePurge(books, purgeable(books.all('instruction'), date, rules), at);
    }
  }

  #facts() {
    return rowFacts({ isSettlementDate: (date) => date >= this.date, inputLimitHkdCents: null });
  }

  /** One of those that the sub-function is allowed on; without any, one of all. */
  #pick(by: SubFunctionId, n: number): SettlementInstruction | undefined {
    const all = [...this.books.all('instruction')];
    const allowed = all.filter(({ status }) => allows(by, status));
    const rows = allowed.length > 0 ? allowed : all;
    return rows[n % rows.length];
  }

  #input(of: string, by: string, row: Parameters<typeof decideRow>[0]): readonly Change[] | string {
    const number = `D${String(++this.#inputs).padStart(8, '0')}`;
    const who = { participant: of, user: by, batch: null, at: this.at, marketDate: this.date };
    const decided = decideRow({ ...row, reference: number }, this.#facts(), { ...who, number });
    return typeof decided === 'string' ? decided : [put('instruction', asInput(decided, this.#rules))];
  }

  #maintain(
    subFunction: SubFunctionId,
    { pick: n, user: by, stranger }: { readonly pick: number; readonly user: string; readonly stranger: string | null },
    decide: (number: string, actor: Actor) => readonly Change[] | string,
  ): readonly Change[] | string {
    const row = this.#pick(subFunction, n);
    const role = by.startsWith('CHECK') ? 'checker' : 'maker';
    const of = stranger ?? row?.participant ?? 'B09901';
    return decide(row?.number ?? 'D00000000', { by: { participant: of, user: by, role }, at: this.at });
  }

  #apply(changes: readonly Change[] | string): void {
    if (typeof changes === 'string') return;
    this.#see(changes);
    for (const change of changes) this.books.apply(change);
  }
}

function total(books: Books): Record<string, bigint> {
  const totals: Record<string, bigint> = {};
  const add = (name: string, more: ExactInteger) => {
    totals[name] = (totals[name] ?? 0n) + BigInt(more);
  };
  for (const { stock: code, quantity: shares } of books.all('holding')) add(code, shares);
  for (const { currency, balanceCents } of books.all('moneyBalance')) add(currency, balanceCents);
  return totals;
}

const played = (commands: readonly Command[], rules: SettlementRules, after: (day: Day) => void = () => undefined) => {
  const day = new Day(rules);
  for (const command of commands) {
    day.do(command);
    after(day);
  }
  return day.books;
};
const MOVES: readonly Move[] = LIFE;
const TABLE = new Set(
  MOVES.flatMap(({ from, to }) => (from.length ? from : ['input']).map((one) => `${one} -> ${to}`)),
);

/** Plays a day and tells each change of status before it is applied. */
function movesOf(commands: readonly Command[], rules: SettlementRules, see: (move: string) => void): void {
  const day: Day = new Day(rules, (changes) => {
    for (const change of changes) {
      if (change.table !== 'instruction') continue;
      see(`${day.books.get('instruction', change.key)?.status ?? 'input'} -> ${change.row?.status}`);
    }
  });
  for (const command of commands) day.do(command);
}

const always = (holds: (commands: Command[], rules: SettlementRules) => void) =>
  fc.assert(
    fc.property(anyDay, ([commands, rules]) => holds(commands, rules)),
    { numRuns: RUNS },
  );

describe('after any commands', () => {
  it('shares and money are neither created nor lost', () => {
    const start = total(openBooks({ shares: 1_000, cents: CENTS }));
    always((commands, rules) => void played(commands, rules, ({ books }) => expect(total(books)).toEqual(start)));
  });

  it('an SI moves only along the table', () => {
    always((commands, rules) => void movesOf(commands, rules, (move) => expect(TABLE).toContain(move)));
  });

  it('every move of the table is tried by such commands', () => {
    const seen = new Set<string>();
    for (const [commands, rules] of fc.sample(anyDay, { seed: 1, numRuns: 2_000 }))
      movesOf(commands, rules, (move) => seen.add(move));
    expect([...TABLE].filter((move) => !seen.has(move))).toEqual([]);
  });

  it('a match has two sides of the same terms and status, and no SI is in two', () => {
    const fits = (books: Books, row: SettlementInstruction) => {
      const never = row.status === 'pending' || row.status === 'unmatched' || row.status === 'deleted';
      if (row.matchedWith === undefined) return never || row.status === 'purged';
      const other = books.get('instruction', row.matchedWith);
      if (never || other?.matchedWith !== row.number || other.status !== row.status) return false;
      if (row.status === 'matched' && (row.hold || other.hold)) return false;
      if (row.status === 'matched-on-hold' && !row.hold && !other.hold) return false;
      return other.side !== row.side && matchKey(other) === matchKey(row);
    };
    always((commands, rules) => {
      played(commands, rules, ({ books }) => {
        for (const row of books.all('instruction')) if (!fits(books, row)) expect(row).toBe('one of a whole match');
      });
    });
  });

  it('the shares set aside are those on hold and those of waiting transfers, and exist', () => {
    always((commands, rules) => {
      played(commands, rules, ({ books }) => {
        const aside: Record<string, number> = {};
        const add = (key: string, shares: number) => {
          aside[key] = (aside[key] ?? 0) + shares;
        };
        for (const row of books.all('instruction'))
          if (row.status === 'shares-on-hold' && row.side === 'deliver')
            add(`${row.participant}/${row.account}/${row.stock}`, row.quantity);
        for (const row of books.all('transfer'))
          if (row.status === 'waiting') add(`${row.participant}/${row.fromAccount}/${row.stock}`, row.quantity);
        const held: Record<string, number> = {};
        for (const { onHold, quantity: shares, ...place } of books.all('holding')) {
          expect(shares).toBeGreaterThan(0);
          if (onHold === undefined) continue;
          expect(onHold).toBeLessThanOrEqual(shares);
          held[`${place.participant}/${place.account}/${place.stock}`] = onHold;
        }
        expect(held).toEqual(aside);
      });
    });
  });

  it('the movements explain every balance', () => {
    always((commands, rules) => {
      const books = played(commands, rules);
      const shares: Record<string, number> = {};
      const money: Record<string, bigint> = {};
      for (const { participant: of, account: at, stock: code, quantity: n } of openBooks({ shares: 1_000 }).all(
        'holding',
      ))
        shares[`${of}/${at}/${code}`] = n;
      for (const of of PARTICIPANTS) {
        money[of] = BigInt(CENTS);
        for (const move of books.stockMovementsOf(of)) {
          const key = `${of}/${move.account}/${move.stock}`;
          shares[key] = (shares[key] ?? 0) + move.quantity;
          expect(move.balance).toBe(shares[key]);
        }
        for (const move of books.moneyMovementsOf(of)) {
          money[of] += BigInt(move.amountCents);
          expect(BigInt(move.balanceCents)).toBe(money[of]);
        }
        expect(BigInt(books.get('moneyBalance', `${of}/HKD/settlement`)?.balanceCents ?? 0)).toBe(money[of]);
      }
      for (const [key, n] of Object.entries(shares)) expect(books.get('holding', key)?.quantity ?? 0).toBe(n);
      const settled = [...books.all('instruction')].filter(({ status }) => status === 'settled');
      const movements = [...books.all('stockMovement')].filter(({ kind }) => kind === 'SI');
      expect(movements.map((one) => one.instruction).toSorted()).toEqual(settled.map((one) => one.number).toSorted());
    });
  });

  it('the same commands give the same books, byte for byte, and a change applied twice changes nothing more', () => {
    always((commands, rules) => {
      const digest = played(commands, rules).digest();
      expect(played(commands, rules).digest()).toBe(digest);
      const again = openBooks({ shares: 1_000, cents: CENTS });
      const day = new Day(rules, (changes) => {
        for (const change of [...changes, ...changes]) again.apply(change);
      });
      for (const command of commands) day.do(command);
      expect(again.digest()).toBe(digest);
    });
  });
});
