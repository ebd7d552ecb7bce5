import { describe, expect, it } from 'vitest';
import type { MarginParams } from '../../../src/domain/margin/calculation.ts';
import { margin } from '../../../src/domain/margin/margin.ts';
import { MarginInputError } from '../../../src/domain/margin/margin-input-error.ts';
import { lines, smallImrpf } from '../../support/margin-small.ts';

const faultsOf = (positions: unknown, params: unknown, language: 'en' | 'zh' = 'en'): readonly string[] => {
  try {
    margin(smallImrpf({}), positions as [], params as MarginParams);
  } catch (error) {
    if (error instanceof MarginInputError) return error.problems.map((fault) => fault[language]);
    throw error;
  }
  return [];
};
const good = { minimumMarginRate: '0.032' };

describe('an input that is not valid', () => {
  it('reports all problems at once: the member, what it got, what it expected', () => {
    const positions = [{ instrument: 700, quantity: 'many', contractValue: 1, price: 3 }, 'AAPL'];
    expect(faultsOf(positions, { minimumMarginrate: 0.032, marginCredit: -1 })).toEqual([
      'positions[0].price: unknown member, expected one of instrument, quantity, contractValue, marketValue',
      'positions[0].instrument: got 700, expected a code as a text, such as "700"',
      'positions[0].quantity: got "many", expected a number, or a decimal as a text',
      'positions[0].marketValue: got nothing, expected a number, or a decimal as a text',
      'positions[1]: got "AAPL", expected an object with instrument, quantity, contractValue, marketValue',
      'params.minimumMarginrate: unknown member, expected perhaps minimumMarginRate',
      'params.minimumMarginRate: got nothing, expected a number not below zero, or a decimal as a text',
      'params.marginCredit: got -1, expected a number not below zero, or a decimal as a text',
    ]);
  });

  it('also in Chinese, with no English but the input and the names of members', () => {
    const params = {
      ...{ minimumMarginrate: 1, marginCredit: -1, applyHolidayAddOn: 'x', ipoInstruments: 1, flatRateGroups: [] },
      ...{ adHocAddOn: 2 ** 53, mtmGiven: '1'.repeat(81), hedgingInstrument: 5, positionLimit: 1 },
    };
    expect(faultsOf({}, params, 'zh').map((fault) => fault.replace(/"1{40,}[1.]*/, '"1..."'))).toEqual([
      'positions：收到 {}，應為持倉列表',
      'params.minimumMarginrate：並無此欄位，應為 minimumMarginRate？',
      'params.minimumMarginRate：並無內容，應為不小於 0 的數字，或文字形式的小數',
      'params.flatRateGroups：收到 []，應為以組別名稱為欄位的物件，各附代號列表',
      'params.ipoInstruments：收到 1，應為文字代號列表，例如 ["700", "1299"]',
      'params.hedgingInstrument：收到 5，應為文字代號，例如 "700"',
      'params.marginCredit：收到 -1，應為不小於 0 的數字，或文字形式的小數',
      'params.positionLimit：收到 1，應為含 liquidCapital, multiplier, cap, addOnPercent 的物件',
      'params.mtmGiven：收到 "1..."，應為不超過 80 個字元',
      'params.adHocAddOn：收到 9007199254740992，應為以文字表達如此大的數字，以保持準確',
      'params.applyHolidayAddOn：收到 "x"，應為 true 或 false',
    ]);
  });

  it.each([
    [undefined, 'positions: got nothing, expected a list of positions'],
    [lines({ 1: { quantity: Number.NaN } }), 'positions[0].quantity: got NaN, expected a number'],
    [lines({ 1: { quantity: '1e5' } }), 'positions[0].quantity: got "1e5", expected a number'],
    [
      lines({ 1: { quantity: 2 ** 53 } }),
      'positions[0].quantity: got 9007199254740992, expected a number this large as a text',
    ],
    [lines({ 1: { quantity: '1'.repeat(81) } }), 'expected at most 80 characters'],
    [lines({ ' ': {} }), 'positions[0].instrument: got " "'],
  ])('positions %#', (positions, fault) => {
    expect(faultsOf(positions, good).join('\n')).toContain(fault);
  });

  it.each([
    [[], 'params: got [], expected an object'],
    [{}, 'params.minimumMarginRate: got nothing'],
    [{ ...good, applyHolidayAddOn: 'yes' }, 'params.applyHolidayAddOn: got "yes", expected true or false'],
    [{ ...good, ipoInstruments: '700' }, 'params.ipoInstruments: got "700", expected a list of codes'],
    [{ ...good, ipoInstruments: [700] }, 'params.ipoInstruments: got [700], expected a list of codes'],
    [{ ...good, hedgingInstrument: 2800 }, 'params.hedgingInstrument: got 2800, expected a code'],
    [{ ...good, positionLimit: { cap: -1 } }, 'params.positionLimit.liquidCapital: got nothing'],
    [{ ...good, positionLimit: { cap: -1 } }, 'params.positionLimit.cap: got -1, expected a number not below zero'],
    [{ ...good, flatRateGroups: ['A'] }, 'params.flatRateGroups: got ["A"], expected an object of group names'],
    [
      { ...good, flatRateGroups: { a: ['1'], b: ['01'] } },
      'flatRateGroups: got 1 in "a" and in "b", expected it in one group',
    ],
  ])('params %#', (params, fault) => {
    expect(faultsOf([], params).join('\n')).toContain(fault);
  });

  it('null counts as left out, and texts may be numbers', () => {
    const params = { ...good, positionLimit: null, mtmGiven: null, marginCredit: null, flatRateGroups: null };
    expect(faultsOf(lines({ 1: { quantity: ' +1.50 ', marketValue: '-0' } }), params)).toEqual([]);
  });
});
