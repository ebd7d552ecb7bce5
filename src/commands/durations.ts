import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `2h`, `1d`, `250ms` or several together, `1h30m`. @throws InvalidArgumentError */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const total = parts.reduce((sum, [, count, unit = 'ms']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text || !Number.isSafeInteger(total)) {
    throw new InvalidArgumentError('Write a duration such as 90s, 15m, 2h, 1d or 1h30m.');
  }
  return total;
}

/** `1h30m` for 5400000: the largest units that say it exactly. */
export function durationText(ms: number): string {
  let left = ms;
  const parts = Object.entries(UNIT_MS)
    .toSorted(([, a], [, b]) => b - a)
    .map(([unit, size]) => {
      const count = Math.floor(left / size);
      left -= count * size;
      return count > 0 ? `${count}${unit}` : '';
    });
  return parts.join('') || '0s';
}
