import { createHash } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import type { FieldValues } from '../../src/wire/field-value.ts';
import { writeRecords } from '../../src/wire/report-file.ts';
import { type Batch, clientOf, type Report, type Rows } from '../support/client.ts';
import { answered, FULL } from '../support/rehearsal.ts';
import { HEADER, ROW, shipped } from '../support/shipped-layouts.ts';
import { up } from '../support/up.ts';

const ROWS = FULL ? 1_000_000 : 30_000;
/** Most detail records in one commit: the unit in which the rest of the market gets its turn. */
const ROWS_PER_COMMIT = 4096;

function* rows(): Generator<FieldValues> {
  for (let n = 1; n <= ROWS; n++) yield { ...ROW, reference: `R${n}` };
}

test(`a batch of ${ROWS} records goes through in small steps, and everybody else is answered in between`, {
  timeout: 900_000,
}, async () => {
  await using harness = await up('--at', '2021-07-24T10:00', '--clock', 'frozen');
  const { addresses, ca } = harness.info;
  using sender = clientOf({ url: addresses.line, ca });
  using other = clientOf({ url: addresses.line, ca });
  await sender.logon();
  await other.logon({ participant: 'B09902' });

  // Others go on asking from before the first byte until the batch is done.
  const asked: { readonly done: number; readonly status: Batch['status'] | 'sending' }[] = [];
  let where: { done: number; status: Batch['status'] | 'sending' } = { done: 0, status: 'sending' };
  let busy = true;
  const others = (async () => {
    while (busy) {
      const before = where;
      const { status } = await other.ask('/ccass/v1/stock-balances?limit=5');
      expect(status).toBe(200);
      asked.push(before);
    }
  })();

  const hash = createHash('sha256');
  let sizeBytes = 0;
  const request = https.request(new URL('/ccass/v1/batches', addresses.line), {
    method: 'POST',
    ca,
    agent: false,
    headers: { authorization: `Bearer ${sender.token}`, 'content-type': 'text/plain' },
  });
  const response = once(request, 'response');
  await pipeline(
    Readable.from(writeRecords(shipped('ZSIUP01'), HEADER, rows())),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    },
    request,
  );
  const [answer] = await response;
  let body = '';
  for await (const chunk of answer) body += chunk;
  expect([answer.statusCode, body.slice(0, 1)]).toEqual([202, '{']);
  const { reference, ...kept } = JSON.parse(body) as Batch;
  expect(kept).toMatchObject({ sizeBytes, sha256: hash.digest('hex'), repeat: false });
  const whileSending = asked.length;

  const steps: number[] = [];
  for (;;) {
    const { done, status, records } = await sender.batch(reference);
    where = { done, status };
    if (done !== steps.at(-1)) steps.push(done);
    if (status !== 'received' && status !== 'processing') break;
    expect(records === 0 || records === ROWS).toBe(true);
  }
  busy = false;
  await others;
  const batch = await sender.batch(reference);
  expect(batch).toMatchObject({ status: 'processed', records: ROWS, done: ROWS, accepted: ROWS, refused: 0 });

  // Progress in whole commits, never backwards; a client that asks all the time sees most of them.
  expect(steps.every((done, n) => n === 0 || done > (steps[n - 1] ?? 0))).toBe(true);
  expect(steps.filter((done) => done !== ROWS && done % ROWS_PER_COMMIT !== 0)).toEqual([]);
  expect(steps.length).toBeGreaterThan(ROWS / ROWS_PER_COMMIT / 4);
  // Others were answered while it was sent, validated, and at many places of its way.
  expect(whileSending).toBeGreaterThan(ROWS / 100_000);
  if (FULL) expect(asked.some(({ status }) => status === 'received')).toBe(true);
  const places = new Set(asked.filter(({ status }) => status === 'processing').map(({ done }) => done));
  expect(places.size).toBeGreaterThan(ROWS / ROWS_PER_COMMIT / 4);

  const { rows: reports } = (await sender.ask('/ccass/v1/reports?id=ZSICR01')).json<Rows<Report>>();
  expect(reports.find((report) => report.format === 'data')?.sizeBytes).toBe((ROWS + 2) * 162);
  const { centres } = answered(await harness.control.state({}));
  expect([centres.primary.instructions, centres.backup.instructions]).toEqual([ROWS, ROWS]);
  const last = await sender.ask(`/ccass/v1/settlement-instructions/D${String(ROWS).padStart(8, '0')}`);
  expect(last.json()).toMatchObject({ reference: `R${ROWS}`, batch: reference });
  expect((await harness.end('SIGTERM')).code).toBe(0);
});
