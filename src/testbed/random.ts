/**
 * Seeded chance: one stream per use, so that drawing more from one changes nothing in another.
 * Never used for tokens, salts or keys: those come from node:crypto (semantics: time, chance, records).
 */
export interface Random {
  readonly seed: number;
  /** An independent stream for one use, such as `faults` or `data`; the same name gives the same stream. */
  stream(use: string): RandomStream;
}

export interface RandomStream {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [from, to], both included. */
  integer(from: number, to: number): number;
}

export function createRandom(seed: number): Random {
  return {
    seed,
    stream(use) {
      const next = mulberry32(mix(seed, use));
      return {
        next,
        integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
      };
    },
  };
}

/** FNV-1a over the name, started from the seed. */
function mix(seed: number, use: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < use.length; i++) hash = Math.imul(hash ^ use.charCodeAt(i), 0x01000193) >>> 0;
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
