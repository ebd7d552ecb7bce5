import { createReadStream } from 'node:fs';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { type BatchFile, batchFile, MARKET_TIME } from './batch-file.ts';
import type { Subject } from './benchmark.ts';
import { type Child, startChild } from './child.ts';
import { ask, type HarnessServing, loggedOn } from './harness-client.ts';
import type { Loaded } from './load.ts';
import { work } from './serving.ts';

/** A harness of its own for each round: uploads the file, and waits until its control report is there. */
export function uploading(records: number, others: number): { readonly floor: Subject; readonly us: Subject } {
  let file: BatchFile | undefined;
  const theFile = () => (file ??= batchFile(records));
  return {
    floor: {
      name: 'lines cut into fields',
      start: () => work('lines', 'servers/lines.ts', theFile()).start(),
    },
    us: {
      name: 'us',
      async start() {
        return {
          async measure() {
            await using open = new AsyncDisposableStack();
            const server = await startChild('servers/harness.ts', { at: MARKET_TIME, clock: 'frozen' });
            open.defer(() => server.stop());
            // Awaited here: what is open ends with this block.
            return await round(server, theFile(), others, open);
          },
          async stop() {
            file?.remove();
          },
        };
      },
    },
  };
}

async function round(server: Child, file: BatchFile, others: number, open: AsyncDisposableStack) {
  const serving = server.ready as HarnessServing;
  const headers = await loggedOn(serving);
  const generator = await startChild('load.ts', null);
  open.defer(() => generator.stop());
  const resident = await server.residentBytes();
  const before = await server.cpuMs();
  if (others > 0) {
    const url = `${serving.url}/ccass/v1/stock-balances?stock=5&account=01`;
    await generator.ask('begin', { url, ca: serving.ca, headers, connections: others });
  }
  const from = performance.now();
  const reference = await upload(serving, headers, file);
  await server.ask('idle');
  const wallMs = performance.now() - from;
  const meanwhile = others > 0 ? await generator.ask<Loaded>('end') : null;
  const after = await server.cpuMs();
  const grown = (await server.residentBytes()) - resident;
  const { text } = await ask(new URL(`/ccass/v1/batches/${reference}`, serving.url), serving.ca, { headers });
  const batch = JSON.parse(text) as { readonly status: string; readonly accepted: number };
  if (batch.status !== 'processed' || batch.accepted !== file.records) throw new Error(`not accepted: ${text}`);
  const sorted = meanwhile?.sortedMs ?? [];
  return {
    seconds: wallMs / 1000,
    'bytes a byte of the file': grown / file.sizeBytes,
    ...(others > 0
      ? { p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0, asked: sorted.length }
      : { rate: file.records / ((after - before) / 1000) }),
  };
}

/** Resolves with the batch's reference. */
async function upload({ url, ca }: HarnessServing, headers: object, file: BatchFile): Promise<string> {
  const request = https.request(new URL('/ccass/v1/batches', url), {
    method: 'POST',
    ca,
    agent: false,
    headers: { ...headers, 'content-type': 'text/plain', 'content-length': file.sizeBytes },
  });
  const answered = new Promise<string>((resolve, reject) => {
    request.on('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 202) resolve((JSON.parse(text) as { reference: string }).reference);
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
  });
  // An answer that comes before all is sent is a refusal, which says more than the broken pipe.
  const sent = pipeline(createReadStream(file.path, { highWaterMark: 1 << 20 }), request);
  const [reference] = await Promise.all([answered, sent.catch(() => undefined)]);
  return reference;
}
