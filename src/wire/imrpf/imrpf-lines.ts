/** Takes a line without its end, in bytes [from, to). */
export type TakeLine = (bytes: Uint8Array, from: number, to: number) => void;

export interface LineCutter {
  feed(chunk: Uint8Array): void;
  /** The file is over; a last line without an end is accepted. */
  end(): void;
}

const LF = 10;
const CR = 13;

/**
 * Cuts chunks of any size into lines that end in CRLF or LF, and drops a byte order mark. A line within one
 * chunk is not copied. Calls `tooLong` in place of `take` for a line above `longest` bytes, and keeps nothing of it.
 */
export function createLineCutter(take: TakeLine, tooLong: () => void, longest: number): LineCutter {
  let carry = new Uint8Array(1024);
  let carried = 0;
  let skipping = false;
  let first = true;

  function took(bytes: Uint8Array, from: number, to: number): void {
    const end = to > from && bytes[to - 1] === CR ? to - 1 : to;
    const start =
      first && end - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
    first = false;
    if (skipping || end - from > longest) tooLong();
    else take(bytes, start ? from + 3 : from, end);
    skipping = false;
  }

  function keep(part: Uint8Array): void {
    if (skipping || carried + part.length > longest + 1) {
      skipping = true;
      carried = 0;
      return;
    }
    if (carried + part.length > carry.length) {
      const larger = new Uint8Array(Math.max(carry.length * 2, carried + part.length));
      larger.set(carry.subarray(0, carried));
      carry = larger;
    }
    carry.set(part, carried);
    carried += part.length;
  }

  return {
    feed(chunk) {
      let at = 0;
      if (carried > 0 || skipping) {
        const end = chunk.indexOf(LF);
        keep(end < 0 ? chunk : chunk.subarray(0, end));
        if (end < 0) return;
        const length = carried;
        carried = 0;
        took(carry, 0, length);
        at = end + 1;
      }
      for (;;) {
        const end = chunk.indexOf(LF, at);
        if (end < 0) break;
        took(chunk, at, end);
        at = end + 1;
      }
      if (at < chunk.length) keep(chunk.subarray(at));
    },
    end() {
      const length = carried;
      carried = 0;
      if (length > 0 || skipping) took(carry, 0, length);
    },
  };
}
