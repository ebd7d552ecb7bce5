import { type Decimal, decimal, ZERO } from '../exact.ts';
import { normalCode } from '../instrument-codes.ts';
import type { MarginablePosition, MarginParams } from './calculation.ts';
import { MarginInputError } from './margin-input-error.ts';
import { MemberReader } from './member-reader.ts';

/**
 * What the calculator is given, checked: a file of a user's or a request of a participant's as much as what the harness itself
 * made. Figures become exact decimals, codes get their normal form, what is left out gets its default (mock conventions).
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
  /** Code -> name of the sub-margin group that it was put in. */
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

/** Rates and amounts of the market that a participant seldom gives (mock defaults; the credit is the guide's usual one). */
const DEFAULTS = { multiplier: decimal(1), tick: decimal('0.001'), hedge: '2800', credit: decimal(5_000_000) };

/** A calculation to be made: positions and parameters, and where the IMRPF is. */
export interface MarginFile {
  /** Path of the csv, relative to the file. */
  readonly imrpf: string;
  readonly positions: readonly MarginablePosition[];
  readonly params: MarginParams;
}

/** @throws MarginInputError with all that is wrong. */
export function checkedInput(positions: unknown, params: unknown): CheckedInput {
  const faults: string[] = [];
  const checked = { positions: checkedPositions(positions, faults), params: checkedParams(params, faults) };
  if (faults.length > 0) throw new MarginInputError(faults);
  return checked;
}

/** What a file of `ccass-harness margin` holds. @throws MarginInputError with all that is wrong. */
export function checkedMarginFile(value: unknown): MarginFile {
  const faults: string[] = [];
  const members = new MemberReader(value, '', ['imrpf', 'positions', 'params'], faults);
  const imrpf = members.text('imrpf', 'the path of an IMRPF csv, relative to this file') ?? '';
  const [positions, params] = [members.value('positions'), members.value('params')];
  if (members.isObject) {
    checkedPositions(positions, faults);
    checkedParams(params, faults);
  }
  if (faults.length > 0) throw new MarginInputError(faults);
  // Every member was looked at.
  return { imrpf, positions: positions as MarginFile['positions'], params: params as MarginParams };
}

function checkedPositions(value: unknown, faults: string[]): CheckedPosition[] {
  if (!Array.isArray(value)) {
    MemberReader.tell(faults, 'positions', value, 'a list of positions');
    return [];
  }
  return value.map((position, index) => {
    const members = new MemberReader(position, `positions[${index}]`, POSITION_MEMBERS, faults);
    return {
      code: normalCode(members.text('instrument') ?? ''),
      quantity: members.figure('quantity', { signed: true, needed: true }) ?? ZERO,
      contractValue: members.figure('contractValue', { signed: true, needed: true }) ?? ZERO,
      marketValue: members.figure('marketValue', { signed: true, needed: true }) ?? ZERO,
    };
  });
}

function checkedParams(value: unknown, faults: string[]): CheckedParams {
  const members = new MemberReader(value, 'params', PARAM_MEMBERS, faults);
  return {
    minimumMarginRate: members.figure('minimumMarginRate', { needed: true }) ?? ZERO,
    flatRateMultiplier: members.figure('flatRateMultiplier') ?? DEFAULTS.multiplier,
    flatRateGroups: flatRateGroups(members, faults),
    ipoInstruments: new Set(members.codes('ipoInstruments')),
    minimumTick: members.figure('minimumTick') ?? DEFAULTS.tick,
    hedgingInstrument: normalCode(
      members.given('hedgingInstrument') ? (members.text('hedgingInstrument') ?? '') : DEFAULTS.hedge,
    ),
    marginCredit: members.figure('marginCredit') ?? DEFAULTS.credit,
    positionLimit: positionLimit(members, faults),
    positionLimitAddOnGiven: members.figure('positionLimitAddOnGiven'),
    mtmGiven: members.figure('mtmGiven', { signed: true }),
    creditRiskAddOn: members.figure('creditRiskAddOn') ?? ZERO,
    adHocAddOn: members.figure('adHocAddOn') ?? ZERO,
    applyHolidayAddOn: members.flag('applyHolidayAddOn'),
  };
}

function positionLimit(params: MemberReader, faults: string[]): CheckedPositionLimit | null {
  if (!params.given('positionLimit')) return null;
  const path = 'params.positionLimit';
  const members = new MemberReader(
    params.value('positionLimit'),
    path,
    ['liquidCapital', 'multiplier', 'cap', 'addOnPercent'],
    faults,
  );
  return {
    liquidCapital: members.figure('liquidCapital', { needed: true }) ?? ZERO,
    multiplier: members.figure('multiplier', { needed: true }) ?? ZERO,
    cap: members.figure('cap'),
    addOnPercent: members.figure('addOnPercent', { needed: true }) ?? ZERO,
  };
}

/** A code belongs to one sub-margin group. */
function flatRateGroups(params: MemberReader, faults: string[]): Map<string, string> {
  const groupOf = new Map<string, string>();
  if (!params.given('flatRateGroups')) return groupOf;
  const groups = params.value('flatRateGroups');
  const names = typeof groups === 'object' && groups !== null && !Array.isArray(groups) ? Object.keys(groups) : null;
  if (!names) {
    MemberReader.tell(faults, 'params.flatRateGroups', groups, 'an object of group names, each with a list of codes');
    return groupOf;
  }
  const members = new MemberReader(groups, 'params.flatRateGroups', names, faults);
  for (const name of names) {
    for (const code of members.codes(name)) {
      const other = groupOf.get(code);
      if (other !== undefined && other !== name)
        faults.push(`params.flatRateGroups: ${code} is in "${other}" and in "${name}", expected it in one group`);
      groupOf.set(code, name);
    }
  }
  return groupOf;
}
