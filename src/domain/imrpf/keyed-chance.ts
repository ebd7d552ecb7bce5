/**
 * Random values that are looked up, not drawn in turn: the same name and number always give the same value, in any order. A
 * window of days that slides by one needs that; a stream would give every day new values. Integer and basic arithmetic
 * only, so that every engine gives the same bits (functions such as Math.log and Math.exp may differ in the last bit).
 */
export interface KeyedChance {
  /** The values of one name. */
  of(name: string): Draws;
}

export interface Draws {
  /** In [0, 1), in steps of 2^-32. */
  uniform(n: number): number;
  /** Mean 0, variance about 1, and fatter tails than the normal distribution: a kurtosis of about 8. */
  shock(n: number): number;
}

/** Takes exactly two draws of a stream. */
export function keyedChance(chance: { next(): number }): KeyedChance {
  const seeds = [chance.next(), chance.next()].map((draw) => Math.floor(draw * 2 ** 32) >>> 0) as [number, number];
  return {
    of(name) {
      const one = hashOf(name, seeds[0]);
      const two = hashOf(name, seeds[1]);
      const bits = (n: number) => scramble(scramble((Math.imul(n, 0x9e3779b9) + one) | 0) ^ two);
      return {
        uniform: (n) => bits(n) / 2 ** 32,
        shock(n) {
          const a = bits(n);
          const b = scramble((a + 0x85ebca6b) | 0);
          // The sum of four uniform numbers is close to normal; the fat tails come from the mixture of widths below.
          const sum = (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);
          return ((sum - MEAN) / DEVIATION) * widthOf(scramble((b + 0xc2b2ae35) | 0) / 2 ** 32);
        },
      };
    },
  };
}

const MEAN = 4 * 32_767.5;
const DEVIATION = Math.sqrt((2 ** 32 - 1) / 3);

/** Most days are quiet, some are not, and one in a hundred is wild. */
function widthOf(draw: number): number {
  if (draw < 0.01) return 3.5;
  return draw < 0.08 ? 1.9 : 0.82;
}

/** FNV-1a over a seed's four bytes, then the name. */
function hashOf(name: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (let bit = 0; bit < 32; bit += 8) hash = Math.imul(hash ^ ((seed >>> bit) & 0xff), 0x01000193);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return scramble(hash);
}

/** Each bit of the result depends on each bit of the number (the finish of MurmurHash3). */
function scramble(number: number): number {
  let h = number;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
