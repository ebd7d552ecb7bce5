import type { BetaHedge, DeltaInfo, EntitlementMargin, Imrpf, StructuredAddOn } from '../../domain/imrpf/imrpf.ts';
import { normalCode } from '../../domain/instrument-codes.ts';
import type { Words } from '../../domain/nouns/market.ts';
import { decimalOf, notBelowZero } from './imrpf-cells.ts';
import { EXPECTED } from './imrpf-fault.ts';

/** `whole` is not below 0 either. */
type Kind = 'decimal' | 'not negative' | 'whole' | 'code' | 'entitlement';
type Figures = [first: string, second: string, third: string, fourth: string];

/** An invalid cell; `column` counts from the first cell after the field type, from 0. */
export interface BadFigure {
  readonly column: number;
  readonly field: string;
  readonly came: string;
  readonly expected: Words;
}

/**
 * What the records of the field types 3 to 7 have in their columns 1, 2, ... (guide s.2). A rate, a price or a size below 0 would
 * make a component of the margin negative, so it is refused (mock convention). Betas, deltas and add-on percentages have signs.
 */
const COLUMNS: Readonly<Record<number, readonly (readonly [name: string, kind: Kind])[]>> = {
  3: [['flat rate', 'not negative']],
  4: [
    ['bucket rate', 'not negative'],
    ['instrument beta', 'decimal'],
    ['delta-equivalent market value threshold', 'whole'],
    ['cash delta', 'not negative'],
  ],
  5: [
    ['underlying', 'code'],
    ['delta', 'decimal'],
    ['conversion ratio', 'not negative'],
    ['cash delta', 'decimal'],
  ],
  6: [
    ['price threshold', 'not negative'],
    ['one-tenth of tick-size multiplier', 'not negative'],
  ],
  7: [
    ['entitlement type', 'entitlement'],
    ['entitlement price', 'not negative'],
    ['short add-on %', 'decimal'],
    ['long add-on %', 'decimal'],
  ],
};

export const PRINTABLE = /^[\x20-\x7e]+$/;

/** The figures of a record in normal form, or the first invalid cell. */
export function figuresOf(fieldType: number, cells: readonly string[]): Figures | BadFigure {
  const figures: string[] = [];
  for (const [column, [field, kind]] of (COLUMNS[fieldType] ?? []).entries()) {
    const came = cells[column] ?? '';
    const figure = figureOf(kind, came);
    if (typeof figure !== 'string') return { column, field, came, expected: figure };
    figures.push(figure);
  }
  return figures as Figures;
}

function figureOf(kind: Kind, text: string): string | Words {
  if (kind === 'code') return PRINTABLE.test(text) ? normalCode(text) : EXPECTED.code;
  const decimal = decimalOf(text);
  if (kind === 'entitlement') return decimal !== null && /^[123]$/.test(decimal) ? decimal : EXPECTED.entitlement;
  if (kind === 'decimal') return decimal ?? EXPECTED.decimal;
  const positive = notBelowZero(decimal);
  if (kind === 'whole') return positive === null || positive.includes('.') ? EXPECTED.whole : positive;
  return positive ?? EXPECTED.notNegative;
}

/** Collects the records of the field types 3 to 7. */
export interface FigureRecords {
  keep(code: string, fieldType: number, figures: Figures): void;
  all(): Pick<Imrpf, 'flatRates' | 'betaHedges' | 'deltas' | 'structured' | 'entitlements'>;
}

export function createFigureRecords(): FigureRecords {
  const flatRates = new Map<string, string>();
  const betaHedges = new Map<string, BetaHedge>();
  const deltas = new Map<string, DeltaInfo>();
  const structured = new Map<string, StructuredAddOn>();
  const entitlements = new Map<string, EntitlementMargin>();
  return {
    keep(code, fieldType, [one, two, three, four]) {
      if (fieldType === 3) flatRates.set(code, one);
      if (fieldType === 4) betaHedges.set(code, { bucketRate: one, beta: two, threshold: three, cashDelta: four });
      if (fieldType === 5) deltas.set(code, { underlying: one, delta: two, conversionRatio: three, cashDelta: four });
      if (fieldType === 6) structured.set(code, { priceThreshold: one, tenthOfTickMultiplier: two });
      if (fieldType === 7) entitlements.set(`${code}/${one}`, { price: two, shortPercent: three, longPercent: four });
    },
    all: () => ({ flatRates, betaHedges, deltas, structured, entitlements }),
  };
}
