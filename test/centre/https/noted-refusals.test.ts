import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { startHarness } from '../../../src/harness/harness.ts';
import { clientOf } from '../../support/client.ts';
import { ofKind } from '../../support/of-kind.ts';
import { noted } from '../../support/rehearsal.ts';

test('every refusal is in the journal once, with the user and the operation', async () => {
  await using harness = await startHarness();
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await client.ask('/ccass/v1/profile');
  await client.logon();
  await client.ask('/ccass/v1/batches/U00000000009');
  await client.ask('/ccass/v1/stock-balances?cursor=none');
  await client.ask('/ccass/v1/stock-balances?limit=many');
  await client.ask('/ccass/v1/nowhere');
  await client.ask('/ccass/v1/batches', { method: 'POST', body: 'x', headers: { 'content-type': 'image/png' } });

  const answer = await harness.control.journal({ kinds: 'refusal' });
  if (isRefusal(answer)) throw new Error(answer.detail.en);
  const refusals = ofKind(answer.entries, 'refusal');
  expect(refusals.map(({ participant, detail }) => [detail.code, participant, detail.operation, detail.what])).toEqual([
    ['NO_SESSION', null, 'enquire', undefined],
    ['NOT_FOUND', 'B09901', 'enquire', 'batches'],
    ['BAD_CURSOR', 'B09901', 'enquire', 'stock-balances'],
    ['BAD_REQUEST', 'B09901', 'enquire', 'stock-balances'],
    ['NOT_FOUND', null, 'unknown', 'GET /ccass/v1/nowhere'],
    ['UNSUPPORTED_MEDIA', 'B09901', 'upload', undefined],
  ]);
  const answers = await noted(harness.control, { kinds: ['answer'] }, 7);
  expect(answers.map(({ detail }) => [detail.code ?? null, detail.operation, detail.what])).toEqual([
    ['NO_SESSION', 'enquire', 'profile'],
    [null, 'logon', 'session'],
    ['NOT_FOUND', 'enquire', 'batches'],
    ['BAD_CURSOR', 'enquire', 'stock-balances'],
    ['BAD_REQUEST', 'enquire', 'stock-balances'],
    ['NOT_FOUND', 'unknown', 'GET /ccass/v1/nowhere'],
    ['UNSUPPORTED_MEDIA', 'upload', 'batches'],
  ]);
  // Each refusal belongs to the request that its answer ends.
  const refused = answers.filter(({ detail }) => detail.code !== undefined);
  expect(refused.map(({ request }) => request)).toEqual(refusals.map(({ request }) => request));
  expect(answers.map(({ request }) => request)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `p-https-1.${n}`));
});
