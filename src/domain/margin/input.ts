import { type Decimal, decimal, ZERO } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import type { Words } from '../nouns/market.ts';
import type { MarginablePosition, MarginParams } from './calculation.ts';
import { inputProblem, MarginInputError } from './margin-input-error.ts';
import { MemberReader } from './member-reader.ts';

/**
 * Checks the input of the calculator, whether from a user's file, a participant's request or the harness itself. Figures
 * become exact decimals, codes get their normal form, and members that are left out their defaults (mock conventions).
 */

export interface CheckedPosition {
  readonly code: string;
  readonly quantity: Decimal;
  readonly contractValue: Decimal;
  readonly marketValue: Decimal;
}

export interface CheckedParams {
  readonly minimumMarginRate: Decimal;
  readonly flatRateMultiplier: Decimal;
  /** Code -> name of its sub-margin group. */
  readonly flatRateGroups: ReadonlyMap<string, string>;
  readonly ipoInstruments: ReadonlySet<string>;
  readonly minimumTick: Decimal;
  readonly hedgingInstrument: string;
  readonly marginCredit: Decimal;
  readonly positionLimit: CheckedPositionLimit | null;
  readonly positionLimitAddOnGiven: Decimal | null;
  readonly mtmGiven: Decimal | null;
  readonly creditRiskAddOn: Decimal;
  readonly adHocAddOn: Decimal;
  readonly applyHolidayAddOn: boolean;
}

export interface CheckedPositionLimit {
  readonly liquidCapital: Decimal;
  readonly multiplier: Decimal;
  readonly cap: Decimal | null;
  readonly addOnPercent: Decimal;
}

export interface CheckedInput {
  readonly positions: readonly CheckedPosition[];
  readonly params: CheckedParams;
}

const POSITION_MEMBERS = [
  'instrument',
  'quantity',
  'contractValue',
  'marketValue',
] satisfies (keyof MarginablePosition)[];
const PARAM_MEMBERS = [
  'minimumMarginRate',
  'flatRateMultiplier',
  'flatRateGroups',
  'ipoInstruments',
  'minimumTick',
  'hedgingInstrument',
  'marginCredit',
  'positionLimit',
  'positionLimitAddOnGiven',
  'mtmGiven',
  'creditRiskAddOn',
  'adHocAddOn',
  'applyHolidayAddOn',
] satisfies (keyof MarginParams)[];

/** Defaults of rates and amounts that a participant seldom gives (mock conventions; the credit is the guide's usual one). */
const DEFAULTS = { multiplier: decimal(1), tick: decimal('0.001'), hedge: '2800', credit: decimal(5_000_000) };

/** The input of a calculation: positions, parameters, and the path of the IMRPF. */
export interface MarginFile {
  /** Path of the csv, relative to the file. */
  readonly imrpf: string;
  readonly positions: readonly MarginablePosition[];
  readonly params: MarginParams;
}

/**
 * @param path the name of the parameters in the input
 * @throws MarginInputError with all problems.
 */
export function checkedInput(positions: unknown, params: unknown, path = 'params'): CheckedInput {
  const problems: Words[] = [];
  const checked = { positions: checkedPositions(positions, problems), params: checkedParams(params, path, problems) };
  if (problems.length > 0) throw new MarginInputError(...problems);
  return checked;
}

/** The content of a file of `ccass-harness margin`. @throws MarginInputError with all problems. */
export function checkedMarginFile(value: unknown): MarginFile {
  const problems: Words[] = [];
  const members = new MemberReader(value, '', ['imrpf', 'positions', 'params'], problems);
  const imrpf =
    members.text('imrpf', {
      en: 'the path of an IMRPF csv, relative to this file',
      zh: ' IMRPF csv 相對於本檔案的路徑',
    }) ?? '';
  const [positions, params] = [members.value('positions'), members.value('params')];
  if (members.isObject) {
    checkedPositions(positions, problems);
    checkedParams(params, 'params', problems);
  }
  if (problems.length > 0) throw new MarginInputError(...problems);
  // Every member was checked.
  return { imrpf, positions: positions as MarginFile['positions'], params: params as MarginParams };
}

function checkedPositions(value: unknown, problems: Words[]): CheckedPosition[] {
  if (!Array.isArray(value)) {
    MemberReader.report(problems, 'positions', value, { en: 'a list of positions', zh: '持倉列表' });
    return [];
  }
  return value.map((position, index) => {
    const members = new MemberReader(position, `positions[${index}]`, POSITION_MEMBERS, problems);
    return {
      code: normalCode(members.text('instrument') ?? ''),
      quantity: members.figure('quantity', { signed: true, needed: true }) ?? ZERO,
      contractValue: members.figure('contractValue', { signed: true, needed: true }) ?? ZERO,
      marketValue: members.figure('marketValue', { signed: true, needed: true }) ?? ZERO,
    };
  });
}

function checkedParams(value: unknown, path: string, problems: Words[]): CheckedParams {
  const members = new MemberReader(value, path, PARAM_MEMBERS, problems);
  return {
    minimumMarginRate: members.figure('minimumMarginRate', { needed: true }) ?? ZERO,
    flatRateMultiplier: members.figure('flatRateMultiplier') ?? DEFAULTS.multiplier,
    flatRateGroups: flatRateGroups(members, path, problems),
    ipoInstruments: new Set(members.codes('ipoInstruments')),
    minimumTick: members.figure('minimumTick') ?? DEFAULTS.tick,
    hedgingInstrument: normalCode(
      members.given('hedgingInstrument') ? (members.text('hedgingInstrument') ?? '') : DEFAULTS.hedge,
    ),
    marginCredit: members.figure('marginCredit') ?? DEFAULTS.credit,
    positionLimit: positionLimit(members, path, problems),
    positionLimitAddOnGiven: members.figure('positionLimitAddOnGiven'),
    mtmGiven: members.figure('mtmGiven', { signed: true }),
    creditRiskAddOn: members.figure('creditRiskAddOn') ?? ZERO,
    adHocAddOn: members.figure('adHocAddOn') ?? ZERO,
    applyHolidayAddOn: members.flag('applyHolidayAddOn'),
  };
}

function positionLimit(params: MemberReader, path: string, problems: Words[]): CheckedPositionLimit | null {
  if (!params.given('positionLimit')) return null;
  const members = new MemberReader(
    params.value('positionLimit'),
    `${path}.positionLimit`,
    ['liquidCapital', 'multiplier', 'cap', 'addOnPercent'],
    problems,
  );
  return {
    liquidCapital: members.figure('liquidCapital', { needed: true }) ?? ZERO,
    multiplier: members.figure('multiplier', { needed: true }) ?? ZERO,
    cap: members.figure('cap'),
    addOnPercent: members.figure('addOnPercent', { needed: true }) ?? ZERO,
  };
}

/** A code belongs to one sub-margin group. */
function flatRateGroups(params: MemberReader, path: string, problems: Words[]): Map<string, string> {
  const groupOf = new Map<string, string>();
  if (!params.given('flatRateGroups')) return groupOf;
  const groups = params.value('flatRateGroups');
  const names = typeof groups === 'object' && groups !== null && !Array.isArray(groups) ? Object.keys(groups) : null;
  if (!names) {
    const expected = {
      en: 'an object of group names, each with a list of codes',
      zh: '以組別名稱為欄位的物件，各附代號列表',
    };
    MemberReader.report(problems, `${path}.flatRateGroups`, groups, expected);
    return groupOf;
  }
  const members = new MemberReader(groups, `${path}.flatRateGroups`, names, problems);
  for (const name of names) {
    for (const code of members.codes(name)) {
      const other = groupOf.get(code);
      if (other !== undefined && other !== name) {
        const got = { en: `${code} in "${other}" and in "${name}"`, zh: `"${other}" 及 "${name}" 內的 ${code}` };
        problems.push(inputProblem(`${path}.flatRateGroups`, got, { en: 'it in one group', zh: '只屬一組' }));
      }
      groupOf.set(code, name);
    }
  }
  return groupOf;
}
