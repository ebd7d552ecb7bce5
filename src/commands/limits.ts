import { nearest } from '../domain/nearest.ts';
import { LIMIT_NAMES, LIMITS, type LimitUnit } from '../harness/limits.ts';
import type { Limits } from '../harness/options.ts';
import { DURATION_WORDS, durationText, readDuration } from './durations.ts';

/** `--limit NAME=VALUE`, CCASS_HARNESS_LIMIT, and `limit` of the configuration file. */

/** A source of limits, such as the flag; a later one wins over an earlier one, limit by limit. */
export interface LimitSource {
  readonly from: string;
  /** `NAME=VALUE`, several with commas between them, a list of those, or (in JSON) an object of values by name. */
  readonly came: unknown;
}

interface LimitProblem {
  readonly flag: string;
  readonly from: string;
  readonly came: string;
  readonly allowed: string;
}

const SIZE_UNITS = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
const SIZE = /^(\d{1,15})(|B|KiB|MiB|GiB)$/;

function readSize(text: string): number | null {
  const [, count, unit] = SIZE.exec(text) ?? [];
  return count === undefined ? null : Number(count) * SIZE_UNITS[(unit ?? '') as keyof typeof SIZE_UNITS];
}

const UNITS: Readonly<
  Record<LimitUnit, { read(text: string): number | null; show(value: number): string; words: string }>
> = {
  ms: { read: readDuration, show: durationText, words: DURATION_WORDS },
  bytes: { read: readSize, show: sizeText, words: 'a size such as 64KiB, 32MiB or a number of bytes' },
  count: { read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null), show: String, words: 'a whole number' },
};

/** The limits that the sources give, by name; adds to `problems` what is wrong with them. */
export function readLimits(sources: readonly LimitSource[], problems: LimitProblem[]): Limits {
  const limits: Record<string, number> = {};
  for (const { from, came } of sources) {
    for (const [name, value] of pairsOf(came)) {
      const read = readLimit(name, value);
      if (typeof read === 'number') limits[name] = read;
      else problems.push({ flag: '--limit', from, came: JSON.stringify(came), allowed: read.allowed });
    }
  }
  return limits;
}

function pairsOf(came: unknown): readonly (readonly [string, unknown])[] {
  if (typeof came === 'object' && came !== null && !Array.isArray(came)) return Object.entries(came);
  return [came]
    .flat()
    .flatMap((given) => String(given).split(','))
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0
        ? ([pair.trim(), undefined] as const)
        : ([pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const);
    });
}

function readLimit(name: string, value: unknown): number | { readonly allowed: string } {
  const known = LIMIT_NAMES.find((limit) => limit === name);
  if (known === undefined) {
    const near = nearest(name, LIMIT_NAMES);
    return { allowed: `NAME=VALUE, the name one of: ${(near.length > 0 ? near : LIMIT_NAMES).join(', ')}` };
  }
  const { unit, most } = LIMITS[known];
  const { read, show, words } = UNITS[unit];
  const number = value === undefined ? null : read(String(value));
  if (number !== null && number >= 1 && number <= most) return number;
  return { allowed: `${known}=VALUE, ${words}, from ${show(1)} to ${show(most)}` };
}

function sizeText(bytes: number): string {
  const units = Object.entries(SIZE_UNITS).toReversed();
  const [unit, size] = units.find(([, each]) => bytes % each === 0 && bytes >= each) ?? ['', 1];
  return `${bytes / size}${unit}`;
}

/** The table of all limits, for --help. */
export function limitsHelp(): string {
  const width = Math.max(...LIMIT_NAMES.map((name) => name.length));
  const rows = LIMIT_NAMES.map((name) => {
    const { unit, default: value, words } = LIMITS[name];
    return `  ${name.padEnd(width)}  ${UNITS[unit].show(value).padEnd(8)}  ${words}`;
  });
  return [
    '',
    'Limits (--limit NAME=VALUE; times are wall time, such as 90s; sizes such as 64MiB), with their defaults:',
    ...rows,
  ].join('\n');
}
