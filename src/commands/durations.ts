import { InvalidArgumentError } from 'commander';

/** From the largest unit to the smallest, in which order a duration has them. */
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNIT_MS;
const UNITS = Object.keys(UNIT_MS) as Unit[];

export const DURATION_WORDS = 'a duration with its unit, such as 250ms, 90s, 5m, 1h30m or 1d';

const DURATION = new RegExp(`^${UNITS.map((unit) => `(?:(\\d+)(?:\\.(\\d+))?${unit})?`).join('')}$`);

/**
 * Milliseconds of `90s`, `15m`, `2h`, `1d`, `250ms` or several, the largest first, `1h30m`; of `0`, which needs no unit. Null
 * if it is none: a number without a unit, less than a millisecond, more than can be counted.
 */
export function readDuration(given: unknown): number | null {
  const text = typeof given === 'string' ? given.trim() : given === 0 ? '0' : '';
  if (text === '0') return 0;
  const [whole, ...parts] = DURATION.exec(text) ?? [];
  if (!whole) return null;
  const total = UNITS.reduce((sum, unit, at) => {
    const fraction = parts[2 * at + 1] ?? '';
    return (
      sum + Number(parts[2 * at] ?? 0) * UNIT_MS[unit] + (Number(fraction) * UNIT_MS[unit]) / 10 ** fraction.length
    );
  }, 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** An argument that is a duration. @throws InvalidArgumentError */
export function durationMs(text: string): number {
  const total = readDuration(text);
  if (total === null) throw new InvalidArgumentError(`Write ${DURATION_WORDS}.`);
  return total;
}

/** `1h30m` for 5400000: the largest units that say it exactly. */
export function durationText(ms: number): string {
  let left = ms;
  const parts = UNITS.map((unit) => {
    const count = Math.floor(left / UNIT_MS[unit]);
    left -= count * UNIT_MS[unit];
    return count > 0 ? `${count}${unit}` : '';
  });
  return parts.join('') || '0s';
}
