import type { ScenarioTable } from '../../domain/imrpf/imrpf.ts';

/** The returns of one field type while they are read. */
export interface Returns {
  readonly count: number;
  /** The offset of a row that is about to be read from a line of so many bytes; `array` is then large enough. */
  room(lineBytes: number): number;
  array(): Float64Array;
  /** Keeps the row just read for an instrument. */
  keep(code: string): void;
  /** The row was too short; its space is reused. */
  tooShort(code: string, cells: number): void;
  table(): ScenarioTable;
}

const FIRST_ROWS = 64;
/** The most to allocate at once for a claimed size: 16 million returns. */
const MOST_FORESEEN = 16 * 1024 * 1024;

/**
 * The array grows by doubling or, if the size of the file is known, is allocated once for as many lines as could follow:
 * pages that are never written to cost no memory, a copy does.
 */
export function createReturns(count: number, sizeBytes?: number): Returns {
  const rows = new Map<string, number>();
  const short = new Map<string, number>();
  let array = new Float64Array();

  function grow(lineBytes: number): void {
    const foreseen = sizeBytes === undefined ? 0 : (Math.ceil(sizeBytes / (lineBytes + 1)) + 1) * count;
    const first = Math.max(FIRST_ROWS * count, Math.min(foreseen, MOST_FORESEEN));
    const larger = new Float64Array(Math.max(array.length * 2, array.length === 0 ? first : 0));
    larger.set(array);
    array = larger;
  }

  return {
    count,
    room(lineBytes) {
      const offset = rows.size * count;
      if (offset + count > array.length) grow(lineBytes);
      return offset;
    },
    array: () => array,
    keep: (code) => void rows.set(code, rows.size),
    tooShort: (code, cells) => void short.set(code, cells),
    table() {
      const returns = new Float64Array(array.buffer, 0, rows.size * count);
      return { count, rows, returns, ...(short.size > 0 ? { short } : {}) };
    },
  };
}
