/**
 * Seeded random numbers: one stream per use, so that drawing more from one does not change another.
 * Never used for tokens, salts or keys: those come from node:crypto (semantics: time, chance, records).
 */
export interface Random {
  readonly seed: number;
  /** An independent stream for one use, such as `faults` or `data`; the same name gives the same stream. */
  stream(use: string): RandomStream;
}

export interface RandomStream {
  /** A number in [0, 1), in steps of 2^-32. */
  next(): number;
  /** An integer in [from, to], both included, all equally likely. Throws a RangeError if the range is empty or too wide. */
  integer(from: number, to: number): number;
}

/** `seed` is any safe integer; different seeds give different streams. Throws a RangeError otherwise. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`${seed} is not a valid seed: give a whole number`);
  return {
    seed,
    stream(use) {
      const next = mulberry32(mix(seed, use));
      return {
        next,
        integer(from, to) {
          const span = to - from + 1;
          if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || span < 1 || span > Number.MAX_SAFE_INTEGER) {
            throw new RangeError(`no integer can be drawn from ${from} to ${to}`);
          }
          // One draw has 32 bits: a wider span, such as an amount in cents, would never get most of its values.
          const draw = span <= 2 ** 32 ? next() : (Math.floor(next() * 2 ** 21) * 2 ** 32 + next() * 2 ** 32) / 2 ** 53;
          return from + Math.floor(draw * span);
        },
      };
    },
  };
}

/**
 * FNV-1a over the seed's eight bytes, then the name. The seed's bytes are multiplied too: otherwise
 * seed 1 with use `a` and seed 2 with use `b` would be the same stream.
 */
function mix(seed: number, use: string): number {
  let hash = 0x811c9dc5;
  const add = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const half of [Math.floor(seed / 2 ** 32), seed])
    for (let bit = 0; bit < 32; bit += 8) add((half >>> bit) & 0xff);
  for (let i = 0; i < use.length; i++) add(use.charCodeAt(i));
  return hash;
}

/** Mulberry32: 32 bits of state, good enough for test data and fault dice. */
function mulberry32(state: number): () => number {
  let s = state >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
