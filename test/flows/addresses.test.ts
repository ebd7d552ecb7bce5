import { expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';
import { clientOf, WINDOWS_10 } from '../support/client.ts';
import { customMarket } from '../support/custom-market.ts';
import { noted } from '../support/rehearsal.ts';

const WINDOWS_7 = 'Mozilla/5.0 (Windows NT 6.1; Win64; x64)';

test('with address ranges enforced, a participant logs on from its own range and nowhere else (ADDRESS_NOT_ALLOWED)', async () => {
  await using market = await customMarket({ 'addresses.json': (file) => ({ ...file, enforced: true }) });
  await using harness = await startHarness({ market: market.folder });
  const { url, ca } = { url: harness.addresses.line, ca: harness.ca };
  using inside = clientOf({ url, ca }, { localAddress: '127.0.3.1' });
  using outside = clientOf({ url, ca });

  expect((await inside.tryLogon({ participant: 'B09903' })).status).toBe(201);
  const refused = await outside.tryLogon({ participant: 'B09903' });
  expect([refused.status, refused.json().code]).toEqual([403, 'ADDRESS_NOT_ALLOWED']);
  expect(refused.json().detail).toMatch(/from 127\.0\.0\.1.*B09903.*Log on from/);
  const chinese = await outside.tryLogon({ participant: 'B09903' }, { 'accept-language': 'zh-Hant' });
  expect(chinese.json().detail).toMatch(/127\.0\.0\.1.*B09903.*請使用範圍內的地址登入/);

  // One participant's range is not another's; a wrong password and an old terminal stand after and before it.
  const worst = { participant: 'B09901', password: 'wrong' };
  const code = async (agent: string) => (await inside.tryLogon(worst, { 'user-agent': agent })).json().code;
  expect(await code(WINDOWS_7)).toBe('TERMINAL_UNSUPPORTED');
  expect(await code(WINDOWS_10)).toBe('ADDRESS_NOT_ALLOWED');
  expect((await inside.tryLogon({ participant: 'B09903', password: 'wrong' })).json().code).toBe('BAD_CREDENTIALS');

  const [entry] = await noted(harness.control, { kinds: ['refusal'] }, 5);
  expect(entry?.detail).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED', operation: 'logon' });
  const [connection] = await noted(harness.control, { kinds: ['secured'], connection: entry?.connection ?? '' });
  expect(connection?.detail.address).toBe('127.0.0.1');
});

test('by default nobody is asked where he calls from', async () => {
  await using harness = await startHarness();
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  expect((await client.tryLogon({ participant: 'B09903' })).status).toBe(201);
});
