import { expect, test } from 'vitest';
import { fingerprintOf, isKnownHost } from '../../src/client/known-hosts.ts';

const key = Buffer.from('a host key');
const lines = `# made by hand
[127.0.0.1]:7022,[localhost]:7022 ssh-rsa ${key.toString('base64')} a comment
rap.test ecdsa-sha2-nistp256 ${key.toString('base64')}
@revoked [bad.test]:7022 ssh-rsa ${key.toString('base64')}
`;

test.each([
  ['127.0.0.1', 7022, true],
  ['localhost', 7022, true],
  ['127.0.0.1', 7023, false],
  ['rap.test', 22, true],
  ['rap.test', 7022, false],
  ['bad.test', 7022, false],
])('%s:%i is known by this key: %s', (host, port, known) => {
  expect(isKnownHost(lines, { host, port, key })).toBe(known);
});

test('another key is not known, and an empty file knows no key', () => {
  const address = { host: '127.0.0.1', port: 7022 };
  expect(isKnownHost(lines, { ...address, key: Buffer.from('another') })).toBe(false);
  expect(isKnownHost('', { ...address, key })).toBe(false);
});

test('the fingerprint is as OpenSSH prints it', async () => {
  expect(await fingerprintOf(Buffer.from('abc'))).toBe('SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0');
});
