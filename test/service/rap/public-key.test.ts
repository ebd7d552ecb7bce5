import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { readPublicKey } from '../../../src/service/rap/public-key.ts';

const keygen = (...args: string[]) => execFileSync('ssh-keygen', args).toString();

describe.skipIf(spawnSync('ssh-keygen', ['-?']).error !== undefined)('a public key as ssh-keygen makes it', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'keys-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each([
    ['ed25519', '256', 'ssh-ed25519', 256],
    ['ecdsa', '256', 'ecdsa-sha2-nistp256', 256],
    ['ecdsa', '384', 'ecdsa-sha2-nistp384', 384],
    ['ecdsa', '521', 'ecdsa-sha2-nistp521', 521],
    ['rsa', '2048', 'ssh-rsa', 2048],
    ['rsa', '3072', 'ssh-rsa', 3072],
  ])('%s %s, in both forms', (type, size, algorithm, bits) => {
    const file = join(dir, `${type}-${size}`);
    keygen('-q', '-t', type, '-b', size, '-N', '', '-C', 'a name of mine', '-f', file);
    const line = `${keygen('-y', '-f', file).trim()}`;
    const read = readPublicKey(line);
    if (isRefusal(read)) throw new Error(read.detail.en);
    expect(read).toMatchObject({ algorithm, bits });
    expect(keygen('-l', '-f', `${file}.pub`)).toContain(`${bits} ${read.fingerprint} `);
    const rfc4716 = readPublicKey(keygen('-e', '-f', `${file}.pub`));
    expect(rfc4716).toMatchObject({ fingerprint: read.fingerprint, publicKey: read.publicKey, algorithm, bits });
  });

  it('refuses RSA below 2048 bits, and names the remedy (BAD_FILE)', () => {
    const file = join(dir, 'small');
    keygen('-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', file);
    const refused = readPublicKey(keygen('-y', '-f', file));
    expect(refused).toMatchObject({ refusal: 'BAD_FILE', detail: { en: expect.stringMatching(/1024.*ssh-keygen/) } });
  });
});

it.each([
  ['', /not a public key/],
  ['ssh-ed25519', /not a public key/],
  ['ssh-ed25519 AAAA', /not a public key/],
  ['hello world', /not a public key/],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nx', /private key/],
  [
    `ssh-dss ${Buffer.concat([Buffer.of(0, 0, 0, 7), Buffer.from('ssh-dss'), Buffer.of(0, 0, 0, 1, 1)]).toString('base64')}`,
    /"ssh-dss" are not accepted/,
  ],
])('%j is refused in words', (text, words) => {
  const refused = readPublicKey(text);
  expect(isRefusal(refused) && refused.detail.en).toMatch(words);
  expect(isRefusal(refused) && refused.detail.zh).toMatch(/[一-鿿]/);
});
