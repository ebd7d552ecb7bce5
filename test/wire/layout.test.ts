import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/domain/refusal.ts';
import { compileLayout } from '../../src/wire/layout.ts';
import { LAYOUT_IDS, layoutJson, shipped } from '../support/shipped-layouts.ts';

describe('the layouts that are shipped', () => {
  it.each(LAYOUT_IDS)('%s compiles, says that it is assumed, and tells all three sorts of record', (id) => {
    const layout = shipped(id);
    expect(layout.status).toBe('assumed');
    expect(layout.recordLength).toBe(id === 'ZSILS01' ? 200 : 160);
    expect([layout.header.type, layout.details.map((detail) => detail.type), layout.trailer.type]).toEqual([
      '0',
      ['1'],
      '9',
    ]);
  });
});

const small = () => ({
  id: 'ZTEST01',
  name: { en: 'Test', zh: '測試' },
  status: 'assumed',
  source: 'this test',
  recordLength: 10,
  records: [
    {
      type: '0',
      fields: [
        { name: 'recordType', from: 1, to: 1, picture: '9(1)', value: '0' },
        { name: 'filler', from: 2, to: 10, picture: 'X(9)' },
      ],
    },
    {
      type: '1',
      fields: [
        { name: 'recordType', from: 1, to: 1, picture: '9(1)', value: '1' },
        { name: 'price', from: 2, to: 5, picture: '99V99' },
        { name: 'sum', from: 6, to: 9, picture: '9(2)V9(2)', sumOf: ['price'] },
        { name: 'flag', from: 10, to: 10, picture: 'X' },
      ],
    },
    {
      type: '9',
      fields: [
        { name: 'recordType', from: 1, to: 1, picture: '9(1)', value: '9' },
        { name: 'flagged', from: 2, to: 3, picture: '99', countOf: { field: 'flag', is: 'Y' } },
        { name: 'prices', from: 4, to: 9, picture: '9(6)', hashOf: 'price' },
        { name: 'filler', from: 10, to: 10, picture: 'X' },
      ],
    },
  ],
});

const DETAIL = 1;
const TRAILER = 2;
type Field = Record<string, unknown>;
/** The small layout with one field of one record changed. */
function changed(record: number, field: number, members: Field): unknown {
  const json = small();
  const fields: Field[] | undefined = json.records[record]?.fields;
  Object.assign(fields?.[field] ?? {}, members);
  return json;
}

describe('compileLayout', () => {
  it('takes a small layout of a user', () => {
    expect(isRefusal(compileLayout(small()))).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ['a gap', changed(DETAIL, 1, { from: 3, picture: '9V99' }), 'positions 2-2 before "price" belong to no field'],
    ['an overlap', changed(DETAIL, 2, { from: 5, picture: '9(5)' }), '"sum" begins at 5, inside the field before it'],
    [
      'a sum that is not the record length',
      changed(DETAIL, 3, { to: 11, picture: 'XX' }),
      'the fields end at 11, the record at 10',
    ],
    [
      'a picture of another length',
      changed(DETAIL, 1, { picture: '9(3)' }),
      '9(3) has 3 characters, positions 2-5 have 4',
    ],
    [
      'an unreadable picture',
      changed(DETAIL, 1, { picture: 'S9(4)' }),
      'the picture S9(4) is not X(n), 9(n) or 9(n)V99',
    ],
    [
      'a checksum over a field that is not there',
      changed(DETAIL, 2, { sumOf: ['cost'] }),
      'there is no numeric field "cost" to sum',
    ],
    ['a checksum over a text', changed(DETAIL, 2, { sumOf: ['flag'] }), 'there is no numeric field "flag" to sum'],
    ['a checksum over itself', changed(DETAIL, 2, { sumOf: ['sum'] }), 'there is no numeric field "sum" to sum'],
    ['a hash total of nothing', changed(TRAILER, 2, { hashOf: 'cost' }), 'no detail record has a numeric field "cost"'],
    [
      'a count by nothing',
      changed(TRAILER, 1, { countOf: { field: 'mark', is: 'Y' } }),
      'no detail record has an X field "mark"',
    ],
    [
      'a trailer rule in a detail record',
      changed(DETAIL, 1, { hashOf: 'price' }),
      'only the trailer has counts and hash totals',
    ],
    ['a name twice', changed(DETAIL, 3, { name: 'price' }), '"price" occurs twice'],
    ['no record type', changed(DETAIL, 0, { value: '2' }), 'the first field is not "recordType" at position 1'],
    ['a value that does not fit', changed(DETAIL, 3, { value: 'YES' }), 'the value "YES" does not fit X'],
    ['a date that is not one', changed(DETAIL, 1, { as: 'date' }), 'a date is 9(8)'],
    ['a member that is unknown', changed(DETAIL, 1, { decimals: 2 }), '"decimals" is not a member that a layout knows'],
    ['an unknown check', changed(DETAIL, 1, { check: 'luck' }), '"check" is "luck"'],
    [
      'a missing trailer',
      { ...small(), records: small().records.slice(0, 2) },
      'there is no trailer record (type "9")',
    ],
    ['a type twice', { ...small(), records: [...small().records, small().records[1]] }, 'record type "1" occurs twice'],
    ['no object at all', 'ZSIUP01', 'the layout is not an object'],
    ['a bad status', { ...layoutJson('ZSIUP01'), status: 'guessed' }, '"status" is "guessed"'],
  ])('refuses %s (BAD_FILE)', (_what, json, problem) => {
    const answer = compileLayout(json);
    if (!isRefusal(answer)) throw new Error('it compiled');
    expect(answer.refusal).toBe('BAD_FILE');
    expect(answer.detail.en).toContain(problem);
    expect(answer.more?.problems).toContainEqual(expect.stringContaining(problem));
  });

  it('tells all problems at once', () => {
    const json = changed(DETAIL, 1, { picture: '9(3)', check: undefined });
    const answer = compileLayout({ ...(json as object), recordLength: 11 });
    if (!isRefusal(answer)) throw new Error('it compiled');
    expect(answer.more?.problems).toHaveLength(4);
  });
});
