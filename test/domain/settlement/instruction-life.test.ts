import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import type { InstructionStatus } from '../../../src/domain/nouns/instructions.ts';
import { INSTRUCTION_REASON_CODES } from '../../../src/domain/settlement/instruction.ts';
import {
  allows,
  asInput,
  isEnquirable,
  isOpen,
  LIFE,
  type LifeEvent,
  lifeDate,
  type Move,
  moved,
  STATUSES,
  SUB_FUNCTIONS,
  type SubFunction,
  type SubFunctionId,
} from '../../../src/domain/settlement/instruction-life.ts';
import { ASSUMED_RULES } from '../../../src/domain/settlement/settlement-rules.ts';
import { TRANSFER_REASON_CODES } from '../../../src/domain/settlement/transfer.ts';
import { documentText, namesIn, rowsOf } from '../../support/doc-tables.ts';
import { AT, CHECKED, si } from '../../support/si-market.ts';

const ALL = Object.keys(STATUSES) as InstructionStatus[];
const moves: readonly Move[] = LIFE;
const document = documentText('docs/si-life.md');
const told = (heading: string) =>
  rowsOf(document, heading).filter(([first]) => !/^(status|sub-function|event|code|what)$/.test(first ?? ''));

describe('the published table of sub-functions and statuses', () => {
  it.each<[SubFunctionId, InstructionStatus[]]>([
    ['B', ['pending']],
    ['C', ['pending', 'unmatched']],
    ['D', ['pending', 'unmatched']],
    ['E', ['matched', 'matched-on-hold', 'shares-on-hold']],
    ['G', ['deleted']],
  ])('%s is allowed on %j and no other', (by, statuses) => {
    expect(ALL.filter((status) => allows(by, status))).toEqual(statuses);
  });

  it('has the statuses from which the moves of a sub-function start', () => {
    for (const [id, { allowed }] of Object.entries(SUB_FUNCTIONS) as [SubFunctionId, SubFunction][]) {
      if (id === 'F' || id === 'G') continue;
      const from = moves.filter(({ by }) => by === id).flatMap((move) => move.from);
      expect([...new Set(from)].toSorted(), id).toEqual([...allowed].toSorted());
    }
  });
});

describe('a move', () => {
  const cases = moves.flatMap(({ event }) => ALL.map((status) => [event as LifeEvent, status] as const));

  it.each(cases)('%s from %s goes to the status in the table, or throws', (event, status) => {
    const found = moves.filter((one) => one.event === event && one.from.includes(status));
    expect(found.length).toBeLessThan(2);
    const row = si({ status });
    const [move] = found;
    if (!move) expect(() => moved(row, event, AT)).toThrow(`${row.number} is ${status}`);
    else expect(moved(row, event, AT)).toEqual({ ...row, status: move.to, statusAt: AT });
  });

  it('leads to every status, and there is none from the last ones', () => {
    expect(new Set(moves.map(({ to }) => to))).toEqual(new Set(ALL));
    const ends = ALL.filter((status) => !moves.some(({ from }) => from.includes(status)));
    expect(ends).toEqual(['settled', 'deleted', 'purged']);
    expect(ALL.filter((status) => !isOpen({ status }))).toEqual(ends);
  });
});

it('an SI begins unmatched, under maker-checker pending', () => {
  expect(asInput(si(), ASSUMED_RULES).status).toBe('unmatched');
  expect(asInput(si(), CHECKED).status).toBe('pending');
});

it('a deleted SI is shown by G on its day, in Hong Kong, and by F never', () => {
  const row = si({ status: 'deleted', statusAt: instant('2021-07-26T00:30') });
  const shown = (by: 'F' | 'G', today: string) => isEnquirable(row.status, lifeDate(row), by, today);
  expect(shown('G', '2021-07-26')).toBe(true);
  expect(shown('G', '2021-07-25')).toBe(false);
  expect(shown('G', '2021-07-27')).toBe(false);
  expect(shown('F', '2021-07-26')).toBe(false);
  for (const status of ALL) expect(isEnquirable(status, '2021-07-26', 'F', '2021-07-26')).toBe(status !== 'deleted');
});

describe('docs/si-life.md', () => {
  it('has every status of the code', () => {
    expect(told('Statuses').map(([status, words, , grade]) => [status, words, grade])).toEqual(
      Object.entries(STATUSES).map(([status, { name, grade }]) => [`\`${status}\``, `${name.en}, ${name.zh}`, grade]),
    );
  });

  it('has every sub-function', () => {
    expect(
      told('Sub-functions and the statuses they are allowed on').map(([id, name, allowed = '', grade]) => [
        id,
        name,
        namesIn(allowed),
        grade,
      ]),
    ).toEqual(Object.entries(SUB_FUNCTIONS).map(([id, { name, allowed, grade }]) => [id, name.en, allowed, grade]));
  });

  it('has every move', () => {
    expect(
      told('Moves').map(([event, by, from = '', to = '', grade]) => [event, by, namesIn(from), namesIn(to), grade]),
    ).toEqual(moves.map(({ event, by, from, to, grade }) => [event, by, from, [to], grade]));
  });

  it('has every reason and every rule that may be set', () => {
    const codes = told('Why a row is refused').flatMap(([first = '']) => namesIn(first));
    expect(codes).toEqual([...INSTRUCTION_REASON_CODES, ...TRANSFER_REASON_CODES]);
    const rules = told('How it matches, settles and ends').flatMap(([, , , remark = '']) => namesIn(remark));
    expect([...new Set(rules)].toSorted()).toEqual(Object.keys(ASSUMED_RULES).toSorted());
    expect(document).toContain(`${ASSUMED_RULES.purgeAfterDays} calendar days`);
  });
});
