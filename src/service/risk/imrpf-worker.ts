import { parentPort, workerData } from 'node:worker_threads';
import { atOnce, createImrpfFeed } from '../../wire/imrpf/imrpf.ts';
import { ImrpfFault } from '../../wire/imrpf/imrpf-fault.ts';
import type { FromImrpfWorker, ToImrpfWorker } from './imrpf-loading.ts';

/**
 * The worker thread that reads a large risk parameter file (imrpf-loading.ts starts it and defines the messages). Each thread
 * reads one file and ends with it, or at its first fault.
 */
if (parentPort === null) throw new Error('imrpf-worker is a worker thread: call loadImrpf');
const port = parentPort;
const feed = createImrpfFeed(atOnce, (workerData as { readonly sizeBytes?: number }).sizeBytes);
const send = (message: FromImrpfWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
let bytes = 0;

port.on('message', ({ chunk }: ToImrpfWorker) => {
  try {
    if (chunk === null) {
      const imrpf = feed.end();
      // The returns, tens of megabytes, are transferred; the rest is small and is copied.
      send({ imrpf }, [imrpf.hvar.returns.buffer, imrpf.svar.returns.buffer] as ArrayBuffer[]);
      port.close();
      return;
    }
    feed.take(chunk);
    bytes += chunk.length;
    send({ bytes });
  } catch (error) {
    if (!(error instanceof ImrpfFault)) throw error;
    send({ finding: error.finding });
    port.close();
  }
});
