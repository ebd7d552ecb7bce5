import { describe, expect, it } from 'vitest';
import { put } from '../../../src/domain/change.ts';
import type { InstructionStatus } from '../../../src/domain/nouns/instructions.ts';
import { decideEach } from '../../../src/domain/settlement/draft.ts';
import {
  decideAuthorise,
  decideChange,
  decideDelete,
  decideHold,
  decideRevoke,
  INSTRUCTION_REASONS,
  type InstructionChange,
} from '../../../src/domain/settlement/instruction.ts';
import { STATUSES } from '../../../src/domain/settlement/instruction-life.ts';
import { ASSUMED_RULES } from '../../../src/domain/settlement/settlement-rules.ts';
import {
  AT,
  apply,
  CHECKED,
  CHECKER,
  DATE,
  FREE,
  holdingOf,
  input,
  MAKER,
  matched,
  OTHER_SIDE,
  openBooks,
  rowFacts,
  runSettlement,
  si,
  statusOf,
} from '../../support/si-market.ts';

const ALL = Object.keys(STATUSES) as InstructionStatus[];

describe.each([
  ['authorise', ['pending']],
  ['change', ['pending', 'unmatched']],
  ['delete', ['pending', 'unmatched']],
  ['revoke', ['matched', 'matched-on-hold', 'shares-on-hold']],
  ['hold', ['matched', 'matched-on-hold']],
])('to %s', (verb, allowed) => {
  const decide = (books: ReturnType<typeof openBooks>, number: string, actor = CHECKER) => {
    if (verb === 'authorise') return decideAuthorise(books, number, actor, CHECKED);
    if (verb === 'change') return decideChange(books, number, { quantity: 1 }, rowFacts(), actor, CHECKED);
    if (verb === 'delete') return decideDelete(books, number, actor);
    if (verb === 'revoke') return decideRevoke(books, number, actor);
    return decideHold(books, number, true, rowFacts(), actor);
  };

  it.each(ALL.filter((status) => !allowed.includes(status)))('is refused when %s', (status) => {
    const books = openBooks();
    const row = si({ status });
    apply(books, [put('instruction', row)]);
    expect(decide(books, row.number)).toBe('WRONG_STATUS');
  });

  it("is refused in the same way for an unknown number and for another participant's", () => {
    const books = openBooks();
    const row = si({ status: allowed[0] as InstructionStatus });
    apply(books, [put('instruction', row)]);
    expect(decide(books, 'D99999999')).toBe('UNKNOWN_INSTRUCTION');
    expect(decide(books, row.number, OTHER_SIDE)).toBe('UNKNOWN_INSTRUCTION');
  });
});

describe('authorise', () => {
  const pending = () => {
    const books = openBooks();
    const row = si();
    input(books, [row], CHECKED);
    return { books, row: { ...row, status: 'pending' as const } };
  };

  it('by a checker makes it unmatched, and records the checker', () => {
    const { books, row } = pending();
    apply(books, decideAuthorise(books, row.number, CHECKER, CHECKED));
    expect(books.get('instruction', row.number)).toEqual({
      ...row,
      status: 'unmatched',
      statusAt: AT,
      authorisedBy: 'CHECK01',
    });
  });

  it('is not for a maker, nor for the checker who input or changed it', () => {
    const { books, row } = pending();
    expect(decideAuthorise(books, row.number, MAKER, CHECKED)).toBe('NOT_A_CHECKER');
    apply(books, [put('instruction', { ...row, user: 'CHECK01' })]);
    expect(decideAuthorise(books, row.number, CHECKER, CHECKED)).toBe('OWN_INPUT');
    apply(books, [put('instruction', { ...row, changedBy: 'CHECK01' })]);
    expect(decideAuthorise(books, row.number, CHECKER, CHECKED)).toBe('OWN_INPUT');
  });

  it('is for anyone once maker-checker is off', () => {
    const { books, row } = pending();
    apply(books, decideAuthorise(books, row.number, MAKER, ASSUMED_RULES));
    expect(statusOf(books, row.number)).toBe('unmatched');
  });
});

describe('change', () => {
  const unmatched = (more: Parameters<typeof si>[0] = {}) => {
    const books = openBooks();
    const row = si(more);
    input(books, [row]);
    return { books, row };
  };
  const change = (
    { books, row }: ReturnType<typeof unmatched>,
    what: InstructionChange,
    rules = ASSUMED_RULES,
    facts = rowFacts(),
  ) => decideChange(books, row.number, what, facts, CHECKER, rules);

  it('replaces the given values and leaves the rest, input and batch unchanged', () => {
    const given = unmatched({ batch: 'U00000000001', hold: true });
    apply(given.books, change(given, { quantity: 800, narrative: 'TWICE', hold: 'N' }));
    expect(given.books.get('instruction', given.row.number)).toEqual({
      ...given.row,
      quantity: 800,
      narrative: 'TWICE',
      hold: false,
      statusAt: AT,
      changedBy: 'CHECK01',
    });
  });

  it('can make it free of payment', () => {
    const given = unmatched();
    apply(given.books, change(given, { payment: 'FOP', currency: '', amountCents: 0 }));
    expect(given.books.get('instruction', given.row.number)).toMatchObject(FREE);
  });

  it('with maker-checker makes an unmatched one pending again', () => {
    const given = unmatched({ authorisedBy: 'CHECK02' });
    apply(given.books, change(given, { quantity: 800 }, CHECKED));
    const row = given.books.get('instruction', given.row.number);
    expect(row).toMatchObject({ status: 'pending', quantity: 800, changedBy: 'CHECK01' });
    expect(row).not.toHaveProperty('authorisedBy');
  });

  it('leaves a pending one pending, also when maker-checker was switched off meanwhile', () => {
    const given = unmatched();
    input(given.books, [given.row], CHECKED);
    apply(given.books, change(given, { quantity: 800 }));
    expect(statusOf(given.books, given.row.number)).toBe('pending');
  });

  it('follows the rules of an input', () => {
    const given = unmatched();
    expect(change(given, { counterparty: 'B09901' })).toBe('SELF_COUNTERPARTY');
    expect(change(given, { account: '99' })).toBe('UNKNOWN_ACCOUNT');
    expect(change(given, { payment: 'FOP' })).toBe('BAD_CURRENCY');
    expect(change(given, { quantity: 2 }, ASSUMED_RULES, rowFacts({ inputLimitHkdCents: 1 }))).toBe('OVER_LIMIT');
    expect(change(given, {})).toBe('NOTHING_TO_CHANGE');
    expect(change(given, { quantity: 400, account: '01' })).toBe('NOTHING_TO_CHANGE');
  });

  it('accepts an unchanged settlement date in the past, but no new one', () => {
    const given = unmatched({ settlementDate: '2021-07-20' });
    apply(given.books, change(given, { quantity: 800 }));
    expect(change(given, { settlementDate: '2021-07-21' })).toBe('BAD_SETTLEMENT_DATE');
    apply(given.books, change(given, { settlementDate: DATE }));
    expect(given.books.get('instruction', given.row.number)?.settlementDate).toBe(DATE);
  });
});

describe('revoke', () => {
  it("deletes the participant's SI and makes the counterparty's unmatched again, for another match", () => {
    const books = openBooks();
    const [own, other] = matched(books);
    apply(books, decideRevoke(books, other, OTHER_SIDE));
    expect(books.get('instruction', other)).toMatchObject({ status: 'deleted', statusAt: AT });
    expect(books.get('instruction', own)).toMatchObject({ status: 'unmatched', statusAt: AT });
    for (const number of [own, other]) expect(books.get('instruction', number)).not.toHaveProperty('matchedWith');
  });

  it.each(['deliverer', 'receiver'])('by the %s releases the shares on hold', (who) => {
    const books = openBooks({ cents: 0 });
    const [deliver, receive] = matched(books, { payment: 'RDP' });
    runSettlement(books, [deliver]);
    expect(statusOf(books, receive)).toBe('shares-on-hold');
    expect(holdingOf(books, 'B09901')).toMatchObject({ quantity: 1000, onHold: 400 });
    apply(books, who === 'deliverer' ? decideRevoke(books, deliver, MAKER) : decideRevoke(books, receive, OTHER_SIDE));
    expect(holdingOf(books, 'B09901')).toEqual({
      participant: 'B09901',
      account: '01',
      stock: '00005',
      quantity: 1000,
    });
  });
});

describe('hold', () => {
  const hold = (books: ReturnType<typeof openBooks>, number: string, yes: boolean, actor = MAKER) =>
    decideHold(books, number, yes, rowFacts(), actor);

  it('by either side holds the match; it is released when neither side wants it', () => {
    const books = openBooks();
    const [own, other] = matched(books);
    const both = () => [statusOf(books, own), statusOf(books, other)];
    apply(books, hold(books, own, true));
    expect(both()).toEqual(['matched-on-hold', 'matched-on-hold']);
    apply(books, hold(books, other, true, OTHER_SIDE));
    apply(books, hold(books, own, false));
    expect(both()).toEqual(['matched-on-hold', 'matched-on-hold']);
    expect(books.get('instruction', own)?.hold).toBe(false);
    apply(books, hold(books, other, false, OTHER_SIDE));
    expect(both()).toEqual(['matched', 'matched']);
  });

  it('is refused if it is already so, or over the input limit', () => {
    const books = openBooks();
    const [own] = matched(books);
    expect(hold(books, own, false)).toBe('HOLD_UNCHANGED');
    expect(decideHold(books, own, true, rowFacts({ inputLimitHkdCents: 1 }), MAKER)).toBe('OVER_LIMIT');
  });
});

describe('several rows at once', () => {
  it('execute the valid ones and give a reason for each of the others, including the second of two equal ones', () => {
    const books = openBooks();
    const [one, two, three] = [si(), si({ status: 'settled' }), si()];
    apply(
      books,
      [one, two, three].map((row) => put('instruction', row)),
    );
    const numbers = [one.number, 'D99999999', two.number, one.number, three.number];
    const { changes, reasons } = decideEach(books, numbers, (rows, number) => decideDelete(rows, number, MAKER));
    expect(reasons).toEqual([null, 'UNKNOWN_INSTRUCTION', 'WRONG_STATUS', 'WRONG_STATUS', null]);
    expect(changes.map(({ key }) => key)).toEqual([one.number, three.number]);
    apply(books, changes);
    expect([one, two, three].map(({ number }) => statusOf(books, number))).toEqual(['deleted', 'settled', 'deleted']);
  });
});

it('every reason ends in a next step, in both languages', () => {
  for (const { en, zh } of Object.values(INSTRUCTION_REASONS)) {
    expect(en).toMatch(/\. \w.*\.$/);
    expect(zh).toMatch(/。請.*。$/);
  }
});
