import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (how: { readonly type: 'minor' }) => unknown;

/** ssh2 makes two or three new buffers of each packet: some 12 MiB wait at most. With twice as much V8 begins to mark. */
const STEP_BYTES = 4 * 1024 * 1024;

/** One heap, one count, whoever sends. */
let waiting = 0;
let collect: Collect | undefined;

/**
 * Counts what was sent, and every few megabytes has V8 collect what is young: a millisecond's work. Left alone, V8 sees
 * few objects made during a download and does not come by, until it finds how much memory they hold outside of its heap;
 * then it marks the whole heap, again and again. That was two thirds of what a download cost in a harness of 36 MB.
 */
export function packetSent(bytes: number): void {
  waiting += bytes;
  if (waiting < STEP_BYTES) return;
  waiting = 0;
  collect ??= (globalThis.gc as Collect | undefined) ?? exposed();
  collect({ type: 'minor' });
}

/** V8's collector, by the only way to it. The flag is for the whole process, so only the command line calls this. */
function exposed(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
