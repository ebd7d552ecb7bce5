import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { startHarness } from '../../../src/harness/harness.ts';
import { clientOf } from '../../support/client.ts';

test('every refusal stands in the journal, once, with who asked for what', async () => {
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
  expect(answer.entries.map(({ participant, detail }) => [detail.code, participant, detail.operation])).toEqual([
    ['NO_SESSION', null, 'enquire'],
    ['NOT_FOUND', 'B09901', 'GET /ccass/v1/batches/U00000000009'],
    ['BAD_CURSOR', 'B09901', 'GET /ccass/v1/stock-balances'],
    ['BAD_REQUEST', 'B09901', 'GET /ccass/v1/stock-balances'],
    ['NOT_FOUND', null, 'GET /ccass/v1/nowhere'],
    ['UNSUPPORTED_MEDIA', 'B09901', 'upload'],
  ]);
});
