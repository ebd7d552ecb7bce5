/**
 * What somebody writes who has the package installed and nothing else of ours: .ci/packed.ts copies it into an empty
 * project, where it is type-checked and run.
 */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { type Control, type Harness, type HarnessOptions, isRefusal, remoteControl, startHarness } from 'ccass-harness';

const options: HarnessOptions = { rehearsal: '2021-07-24', seed: 1 };
// Were a type not found, it would be `any`, and these would fit.
// @ts-expect-error: no such option
({ rehearsel: '2021-07-24' }) satisfies HarnessOptions;
// @ts-expect-error: no such centre
({ to: 'moon' }) satisfies Parameters<Control['failover']>[0];
// @ts-expect-error: no such door
(({ addresses }: Harness) => addresses.back) satisfies (harness: Harness) => string;

/** With the CA, as every client of a harness asks: it would refuse a certificate of another. */
async function ask(url: string, more: RequestOptions = {}, body = ''): Promise<{ status: number; body: string }> {
  const asked = request(url, { ca: harness.ca, ...more }).end(body);
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) });
    });
  });
}

const harness: Harness = await startHarness(options);
try {
  const centre = await ask(`${harness.addresses.line}/centre`);
  deepEqual([centre.status, JSON.parse(centre.body).centre], [200, 'primary']);

  const moved = await harness.control.clock({ advanceTo: 'next-opening' });
  if (isRefusal(moved)) throw new Error(moved.detail.en);
  equal(moved.hongKong, '2021-07-24 16:30:00 HKT');
  const headers = { 'content-type': 'application/json' };
  const logOn = { method: 'POST', headers };
  const session = await ask(`${harness.addresses.line}/ccass/v1/session`, logOn, JSON.stringify(harness.demo));
  deepEqual([session.status, JSON.parse(session.body).centre], [201, 'backup']);

  const afar: Control = remoteControl({ url: harness.addresses.admin, token: harness.token });
  const state = await afar.state({});
  if (isRefusal(state)) throw new Error(state.detail.en);
  deepEqual([state.active, state.open], ['backup', true]);
  notEqual(harness.version, '');
} finally {
  await harness.stop();
}
console.log(`consumed ${harness.version}`);
