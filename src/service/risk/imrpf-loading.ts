import { Worker } from 'node:worker_threads';
import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { Chunks, ImrpfReadOptions } from '../../wire/imrpf/imrpf.ts';
import { ImrpfFault, type ImrpfFinding } from '../../wire/imrpf/imrpf-fault.ts';

/** A chunk of the file, or null at its end. */
export interface ToImrpfWorker {
  readonly chunk: Uint8Array | null;
}

/** Bytes read so far, once for each chunk; then the file, or what is wrong with it. */
export type FromImrpfWorker =
  | { readonly bytes: number }
  | { readonly imrpf: Imrpf }
  | { readonly finding: ImrpfFinding };

export interface ImrpfLoadOptions extends ImrpfReadOptions {
  /** Aborts the loading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Chunks that may be on their way to the worker. */
const MOST_PENDING = 4;
/** The worker's file, in the folder of this one: .ts in the sources, .js in dist/. */
export function workerBeside(url: string): URL {
  return new URL(/\.ts(\?|$)/.test(url) ? './imrpf-worker.ts' : './imrpf-worker.js', url);
}

/**
 * As `readImrpf`, in a worker thread, so that a file of 60 MB does not block the event loop. Chunks of about a megabyte are
 * best (`createReadStream(path, { highWaterMark: 1 << 20 })`); each is copied for the worker, and the returns come back
 * without a copy.
 * @throws ImrpfFault at the first fault; or what reading the chunks throws
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
  let pending = 0;
  let capacity = Promise.withResolvers<void>();
  const received = (message: FromImrpfWorker) => {
    if ('imrpf' in message) return loaded.resolve(message.imrpf);
    if ('finding' in message) return loaded.reject(new ImrpfFault(message.finding));
    pending -= 1;
    capacity.resolve();
    onProgress?.(message.bytes);
  };
  const aborted = () => loaded.reject(signal?.reason);
  worker.on('message', received).once('error', loaded.reject);
  worker.once('exit', (code) =>
    loaded.reject(new Error(`the IMRPF worker ended with ${code} before its file was read`)),
  );
  signal?.addEventListener('abort', aborted, { once: true });

  async function send(): Promise<void> {
    for await (const chunk of chunks) {
      if (over) return;
      const copy = new Uint8Array(chunk);
      worker.postMessage({ chunk: copy } satisfies ToImrpfWorker, [copy.buffer]);
      pending += 1;
      if (pending < MOST_PENDING) continue;
      capacity = Promise.withResolvers();
      await Promise.race([capacity.promise, loaded.promise]);
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
