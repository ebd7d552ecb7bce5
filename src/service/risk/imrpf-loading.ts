import { Worker } from 'node:worker_threads';
import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { Chunks, ImrpfReadOptions } from '../../wire/imrpf/imrpf.ts';
import { ImrpfFault, type ImrpfFinding } from '../../wire/imrpf/imrpf-fault.ts';

/** A part of the file, or null at its end. */
export interface ToImrpfWorker {
  readonly chunk: Uint8Array | null;
}

/** Bytes read so far, once for each chunk; then what the file is, or what is wrong with it. */
export type FromImrpfWorker =
  | { readonly bytes: number }
  | { readonly imrpf: Imrpf }
  | { readonly finding: ImrpfFinding };

export interface ImrpfLoadOptions extends ImrpfReadOptions {
  /** Ends the loading; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Chunks on their way to the worker; the next one is read when one of them was. */
const UNDER_WAY = 4;
/** The worker's file, beside this one: .ts in the sources, .js in dist/. */
export function workerBeside(url: string): URL {
  return new URL(/\.ts(\?|$)/.test(url) ? './imrpf-worker.ts' : './imrpf-worker.js', url);
}

/**
 * As `readImrpf`, in a thread of its own, so that a file of 60 MB keeps nobody waiting here. The chunks are those of a file's
 * or a blob's stream, best of a megabyte each (`createReadStream(path, { highWaterMark: 1 << 20 })`); each is copied for the
 * worker, the returns come back without a copy.
 * @throws ImrpfFault at the first fault; whatever the chunks throw
 */
export async function loadImrpf(chunks: Chunks, options: ImrpfLoadOptions = {}): Promise<Imrpf> {
  const { sizeBytes, onProgress, signal } = options;
  signal?.throwIfAborted();
  const worker = new Worker(workerBeside(import.meta.url), {
    name: 'imrpf',
    workerData: sizeBytes === undefined ? {} : { sizeBytes },
  });
  const loaded = Promise.withResolvers<Imrpf>();
  let over = false;
  let underWay = 0;
  let moreRoom = Promise.withResolvers<void>();
  const told = (words: FromImrpfWorker) => {
    if ('imrpf' in words) return loaded.resolve(words.imrpf);
    if ('finding' in words) return loaded.reject(new ImrpfFault(words.finding));
    underWay -= 1;
    moreRoom.resolve();
    onProgress?.(words.bytes);
  };
  const aborted = () => loaded.reject(signal?.reason);
  worker.on('message', told).once('error', loaded.reject);
  worker.once('exit', (code) =>
    loaded.reject(new Error(`the IMRPF worker ended with ${code} before its file was read`)),
  );
  signal?.addEventListener('abort', aborted, { once: true });

  async function send(): Promise<void> {
    for await (const chunk of chunks) {
      if (over) return;
      const own = new Uint8Array(chunk);
      worker.postMessage({ chunk: own } satisfies ToImrpfWorker, [own.buffer]);
      underWay += 1;
      if (underWay < UNDER_WAY) continue;
      moreRoom = Promise.withResolvers();
      await Promise.race([moreRoom.promise, loaded.promise]);
    }
    worker.postMessage({ chunk: null } satisfies ToImrpfWorker);
  }
  try {
    send().catch(loaded.reject);
    return await loaded.promise;
  } finally {
    over = true;
    signal?.removeEventListener('abort', aborted);
    await worker.terminate();
  }
}
