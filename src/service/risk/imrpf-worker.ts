import { parentPort, workerData } from 'node:worker_threads';
import { atOnce, createImrpfFeed } from '../../wire/imrpf/imrpf.ts';
import { ImrpfFault } from '../../wire/imrpf/imrpf-fault.ts';
import type { FromImrpfWorker, ToImrpfWorker } from './imrpf-loading.ts';

/**
 * The thread of its own in which a large risk parameter file is read (imrpf-loading.ts starts it and says what is sent). One
 * file a thread: with its end or its first fault the thread is done.
 */
if (parentPort === null) throw new Error('imrpf-worker is a worker thread: load a file by loadImrpf');
const port = parentPort;
const feed = createImrpfFeed(atOnce, (workerData as { readonly sizeBytes?: number }).sizeBytes);
const answer = (words: FromImrpfWorker, moved: ArrayBuffer[] = []) => port.postMessage(words, moved);
let bytes = 0;

port.on('message', ({ chunk }: ToImrpfWorker) => {
  try {
    if (chunk === null) {
      const imrpf = feed.end();
      // The returns, tens of megabytes, change hands; the rest is small and is copied.
      answer({ imrpf }, [imrpf.hvar.returns.buffer, imrpf.svar.returns.buffer] as ArrayBuffer[]);
      port.close();
      return;
    }
    feed.take(chunk);
    bytes += chunk.length;
    answer({ bytes });
  } catch (error) {
    if (!(error instanceof ImrpfFault)) throw error;
    answer({ finding: error.finding });
    port.close();
  }
});
