import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import { ImrpfFault, type ImrpfFinding } from './imrpf-fault.ts';
import { createLineCutter } from './imrpf-lines.ts';
import { createImrpfReader } from './imrpf-reader.ts';

/**
 * Reads the Initial Margin Risk Parameter File (RPF01; Initial Margin Calculation Guide s.2). What the guide leaves open is
 * a mock convention: a byte order mark, CRLF or LF, blank lines, quoted cells, unpadded numbers and dates, and names in any
 * case are accepted; a return of more than 10 decimals is a fault, unless the rest are zeros.
 */

export { writeImrpf } from './imrpf-writer.ts';

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface ImrpfReadOptions {
  /** Of the whole file, if known: the returns are then allocated once. A wrong size is harmless. */
  readonly sizeBytes?: number;
  /** Bytes read so far, after each chunk. */
  readonly onProgress?: (bytes: number) => void;
}

export interface ImrpfCheck {
  /** Null if there were findings. */
  readonly imrpf: Imrpf | null;
  readonly findings: readonly ImrpfFinding[];
  /** Reading ended at the limit: there may be more. */
  readonly more: boolean;
}

const LONGEST_LINE = 4 * 1024 * 1024;

/** @throws ImrpfFault at the first fault; otherwise only what the chunks throw. */
export function readImrpf(chunks: Chunks, options: ImrpfReadOptions = {}): Promise<Imrpf> {
  return read(chunks, atOnce, options);
}

/** Ends a reading at the first fault. */
export function atOnce(finding: ImrpfFinding): never {
  throw new ImrpfFault(finding);
}

/** Every fault of a file, up to `most` of them. */
export async function checkImrpf(chunks: Chunks, most: number, options: ImrpfReadOptions = {}): Promise<ImrpfCheck> {
  const findings: ImrpfFinding[] = [];
  const enough = new Error('enough findings');
  const found = (finding: ImrpfFinding) => {
    if (findings.length === most) throw enough;
    findings.push(finding);
  };
  try {
    const imrpf = await read(chunks, found, options);
    return { imrpf: findings.length === 0 ? imrpf : null, findings, more: false };
  } catch (error) {
    if (error !== enough) throw error;
    return { imrpf: null, findings, more: true };
  }
}

async function read(
  chunks: Chunks,
  found: (finding: ImrpfFinding) => void,
  { sizeBytes, onProgress }: ImrpfReadOptions,
): Promise<Imrpf> {
  const feed = createImrpfFeed(found, sizeBytes);
  let bytes = 0;
  for await (const chunk of chunks) {
    feed.take(chunk);
    bytes += chunk.length;
    onProgress?.(bytes);
  }
  return feed.end();
}

/** Reads a file that is pushed chunk by chunk; does not keep a chunk. */
export interface ImrpfFeed {
  take(chunk: Uint8Array): void;
  /** Valid only if nothing was found. */
  end(): Imrpf;
}

/** `found` throws to end the reading at a fault, or returns to skip the line. */
export function createImrpfFeed(found: (finding: ImrpfFinding) => void, sizeBytes?: number): ImrpfFeed {
  const reader = createImrpfReader(found, sizeBytes);
  const cutter = createLineCutter(
    (bytes, from, to) => reader.take(bytes, from, to),
    () => reader.tooLong(),
    LONGEST_LINE,
  );
  return {
    take: cutter.feed,
    end() {
      cutter.end();
      return reader.end();
    },
  };
}
