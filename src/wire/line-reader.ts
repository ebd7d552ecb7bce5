import { type FoundFault, lineFault, notAscii } from './file-fault.ts';
import type { Layout } from './layout.ts';

/** How the lines of a file end: 2 bytes (CRLF) or, only where `loose`, 1 (LF). */
export type LineEnd = 1 | 2;

export interface LineOptions {
  /** Lines may end in LF alone, but then all must. */
  readonly loose?: boolean;
}

/** Gets one printable record of the right length, at `from`; `line` counts from 1. A fault ends the reading. */
export type TakeRecord = (bytes: Uint8Array, from: number, line: number) => FoundFault | null;

export interface LineReader {
  feed(chunk: Uint8Array, take: TakeRecord): FoundFault | null;
  /** The file is over; a last record without CRLF is accepted. */
  end(take: TakeRecord): FoundFault | null;
  /** Lines started so far. */
  lines(): number;
  lineEnd(): LineEnd;
}

/** How far beyond the record length to look for the end of a line. */
export const LINE_SLACK = 4096;

const CR = 13;
const LF = 10;
const MORE = -1;
const FAULT = -2;

/**
 * Cuts chunks of any size into records of fixed length. Keeps at most one line, and of an endless line no more than
 * LINE_SLACK beyond the record length. Within a line NOT_ASCII wins over RECORD_LENGTH. A line ends at the first CRLF, LF or CR;
 * LF (unless loose) and CR alone are RECORD_LENGTH.
 */
export function createLineReader(layout: Layout, options: LineOptions = {}): LineReader {
  const length = layout.recordLength;
  const longest = length + LINE_SLACK;
  const loose = options.loose ?? false;
  const carry = new Uint8Array(longest);
  let carried = 0;
  let lines = 0;
  let lineEnd: LineEnd | 0 = 0;
  let fault: FoundFault | null = null;

  function failed(found: FoundFault): typeof FAULT {
    fault = found;
    return FAULT;
  }

  function took(bytes: Uint8Array, from: number, next: number, take: TakeRecord): number {
    lines += 1;
    fault = take(bytes, from, lines);
    return fault ? FAULT : next;
  }

  /** The record in bytes [from, to): the offset after it, or MORE if its end has not arrived, or FAULT. */
  function next(bytes: Uint8Array, from: number, to: number, last: boolean, take: TakeRecord): number {
    const end = from + length;
    if (lineEnd === 2 && end + 2 <= to && bytes[end] === CR && bytes[end + 1] === LF && isPrintable(bytes, from, end))
      return took(bytes, from, end + 2, take);
    return nextSlowly(bytes, from, to, last, take);
  }

  function nextSlowly(bytes: Uint8Array, from: number, to: number, last: boolean, take: TakeRecord): number {
    // The last byte may be the CR of a CRLF, so a line ends before it or is too long.
    const reach = Math.min(to, from + longest - 1);
    let end = from;
    while (end < reach && bytes[end] !== CR && bytes[end] !== LF) end++;
    let ended: 'CRLF' | 'LF' | 'CR' | '' = '';
    if (end < reach) {
      if (bytes[end] === LF) ended = 'LF';
      else if (end + 1 < to) ended = bytes[end + 1] === LF ? 'CRLF' : 'CR';
      else if (last) ended = 'CR';
      else return MORE;
    } else if (to - from < longest && !last) return MORE;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte < 0x20 || byte > 0x7e)
        return failed(notAscii(lines + 1, at - from, byte, layout.byType[bytes[from] as number]));
    }
    const overlong = to - from >= longest && ended === '';
    const came = overlong ? `more than ${end - from} characters without CRLF` : `${end - from} characters`;
    const expected = `${length} characters, then ${loose && lineEnd === 1 ? 'LF as before' : 'CRLF'}`;
    if (overlong || end - from !== length) return failed(lineFault('RECORD_LENGTH', lines + 1, came, expected));
    if (ended === 'CR' || (ended === 'LF' && !loose))
      return failed(lineFault('RECORD_LENGTH', lines + 1, `${came} and ${ended} alone`, expected));
    if (ended === '') return took(bytes, from, end, take);
    const size = ended === 'CRLF' ? 2 : 1;
    if (lineEnd !== 0 && lineEnd !== size)
      return failed(lineFault('RECORD_LENGTH', lines + 1, `${came} and ${ended}`, expected));
    lineEnd = size;
    return took(bytes, from, end + size, take);
  }

  return {
    feed(chunk, take) {
      let at = 0;
      while (!fault && carried > 0 && at < chunk.length) {
        // First the bytes that complete a record; then, if the line does not end there, up to its longest length.
        const wanted = carried < length + 2 ? length + 2 - carried : longest - carried;
        const part = chunk.subarray(at, at + wanted);
        carry.set(part, carried);
        carried += part.length;
        at += part.length;
        const after = next(carry, 0, carried, false, take);
        if (after < 0) continue;
        at -= carried - after;
        carried = 0;
      }
      while (!fault && carried === 0 && at < chunk.length) {
        const after = next(chunk, at, chunk.length, false, take);
        if (after >= 0) at = after;
        else if (after === MORE) {
          carry.set(chunk.subarray(at), 0);
          carried = chunk.length - at;
          at = chunk.length;
        }
      }
      return fault;
    },
    end(take) {
      if (!fault && carried > 0) {
        // Only a last record without CRLF can be left: anything longer was handled before.
        const after = next(carry, 0, carried, true, take);
        if (after >= 0) carried = 0;
      }
      return fault;
    },
    lines: () => lines,
    lineEnd: () => (lineEnd === 0 ? 2 : lineEnd),
  };
}

function isPrintable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}
