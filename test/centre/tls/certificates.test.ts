import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CA_FILES, LEAF_FILES } from '../../../src/centre/tls/certificate-folder.ts';
import { CertificateError, type CertificateOptions, loadCertificates } from '../../../src/centre/tls/certificates.ts';
import { STANDARD_NAMES } from '../../../src/centre/tls/issuing.ts';
import { hasOpenssl } from '../../support/https-listener.ts';

const NOW = Date.now();
const DAY = 86_400_000;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certificates-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const load = (options: Partial<CertificateOptions> = {}) => loadCertificates({ dir, names: [], at: NOW, ...options });

/** The error of a set that must be refused. */
async function refusal(options: Parameters<typeof load>[0] = {}): Promise<CertificateError> {
  const error = await load(options).catch((problem: unknown) => problem);
  if (!(error instanceof CertificateError)) throw new Error(`expected a CertificateError, got ${String(error)}`);
  for (const { wrong, next } of error.problems) {
    for (const words of [wrong, next]) expect(words.zh).toMatch(/\p{Script=Han}/u);
  }
  return error;
}

/** Every file of the folder: name -> text. */
async function contents() {
  const names = (await readdir(dir)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name), 'utf8')])),
  );
}

const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

describe('a generated set', () => {
  test('has a CA and one leaf per centre, with the same names and different common names', async () => {
    const { ca, centres, made, warnings } = await load({ names: ['ccass.example.test', '10.1.2.3'] });
    expect(made).toBe(true);
    expect(warnings).toEqual([]);
    expect(centres.primary.commonName).toBe('primary ccass-harness');
    expect(centres.backup.commonName).toBe('backup ccass-harness');
    const leaves = [centres.primary, centres.backup].map(({ cert }) => new X509Certificate(cert));
    for (const leaf of leaves) {
      for (const name of [...STANDARD_NAMES, 'ccass.example.test', '10.1.2.3']) {
        const found = /^[\d.]+$|::/.test(name) ? leaf.checkIP(name) : leaf.subjectAltName?.includes(`DNS:${name}`);
        expect([name, Boolean(found)]).toEqual([name, true]);
      }
      expect(leaf.verify(new X509Certificate(ca).publicKey)).toBe(true);
    }
    expect(leaves[0]?.subjectAltName).toBe(leaves[1]?.subjectAltName);
    expect(centres.primary.notAfter).toBeLessThan(NOW + 398 * DAY);
    expect(centres.primary.chain).toBe(`${centres.primary.cert.trim()}\n${ca}`);
  });

  test('is stored with keys that only the owner can read, and reused', async () => {
    const first = await load();
    expect((await readdir(dir)).sort()).toEqual([...CA_FILES, ...LEAF_FILES].sort());
    for (const name of await readdir(dir)) {
      const mode = (await stat(join(dir, name))).mode & 0o777;
      if (name.endsWith('-key.pem')) expect([name, mode]).toEqual([name, 0o600]);
    }
    const second = await load();
    expect(second).toEqual({ ...first, made: false });
  });

  test('is one set, however many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => load()));
    expect(new Set(all.map(({ ca }) => ca)).size).toBe(1);
    expect(new Set(all.map(({ centres }) => centres.primary.cert + centres.backup.key)).size).toBe(1);
    expect(all.filter(({ made }) => made)).toHaveLength(1);
    expect((await readdir(dir)).sort()).toEqual([...CA_FILES, ...LEAF_FILES].sort());
  });

  test('leaves other files alone', async () => {
    await writeFile(join(dir, 'README.md'), 'about this folder');
    await load();
    expect(await readFile(join(dir, 'README.md'), 'utf8')).toBe('about this folder');
  });

  test('in memory is shared by the process and leaves no file', async () => {
    const [one, two] = await Promise.all([load({ dir: 'memory' }), load({ dir: 'memory' })]);
    expect(one).toBe(two);
    const atMarketTime = await load({ dir: 'memory', market: NOW - 2_000 * DAY });
    expect([atMarketTime.ca, atMarketTime.centres.primary.key]).toEqual([one.ca, one.centres.primary.key]);
    expect(await load({ dir: 'memory', names: ['other.test'] })).not.toBe(one);
    expect(await readdir(dir)).toEqual([]);
  });

  test.skipIf(!hasOpenssl)('passes openssl verify in strict mode', async () => {
    await load();
    const at = (name: string) => join(dir, name);
    for (const centre of ['primary', 'backup']) {
      const verified = openssl(
        ...['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'rap.harness.test'],
        ...['-CAfile', at('ca.pem'), at(`${centre}.pem`)],
      );
      expect(verified).toContain('OK');
      const text = openssl('x509', '-noout', '-text', '-in', at(`${centre}.pem`));
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
      expect(text).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication\n/);
      expect(text).toMatch(/Authority Key Identifier/);
      expect(text).toMatch(/NIST CURVE: P-256/);
      expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/);
    }
    const ca = openssl('x509', '-noout', '-text', '-in', at('ca.pem'));
    expect(ca).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(ca).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(ca).toMatch(/Subject Key Identifier/);
    const wrong = spawnSync('openssl', [
      'verify',
      '-verify_hostname',
      'hkex.com.hk',
      '-CAfile',
      at('ca.pem'),
      at('backup.pem'),
    ]);
    expect(wrong.status).not.toBe(0);
  });
});

describe('leaves renewed under an existing CA', () => {
  test('clients go on trusting it', async () => {
    const first = await load();
    for (const name of LEAF_FILES) await rm(join(dir, name));
    const second = await load({ names: ['new.example.test'] });
    expect(second.ca).toBe(first.ca);
    expect(second.made).toBe(true);
    expect(second.centres.primary.cert).not.toBe(first.centres.primary.cert);
  });

  test.skipIf(!hasOpenssl)('also under a CA with another kind of key identifier', async () => {
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-sha384', '-days', '30'],
      ...['-subj', '/O=A broker/CN=House CA', '-addext', 'keyUsage=critical,keyCertSign'],
      ...['-keyout', join(dir, 'ca-key.pem'), '-out', join(dir, 'ca.pem')],
    );
    const { made } = await load({ at: Date.now() + 5_000 });
    expect(made).toBe(true);
    expect(openssl('verify', '-x509_strict', '-CAfile', join(dir, 'ca.pem'), join(dir, 'primary.pem'))).toContain('OK');
  });

  test('not under a CA with another key', async () => {
    const other = await mkdtemp(join(tmpdir(), 'certificates-'));
    await load({ dir: other });
    await load();
    for (const name of LEAF_FILES) await rm(join(dir, name));
    await copyFile(join(other, 'ca-key.pem'), join(dir, 'ca-key.pem'));
    await rm(other, { recursive: true });
    expect((await refusal()).message).toMatch(
      /ca-key\.pem is not the elliptic-curve key of ca\.pem\. .*remove ca\.pem/,
    );
  });
});

describe('a set that cannot be used is refused with file, problem and next step', () => {
  beforeEach(() => load());

  test('a missing file', async () => {
    await rm(join(dir, 'backup-key.pem'));
    expect((await refusal()).message).toMatch(/backup-key\.pem is missing\. Put the right file there/);
  });

  test('an unreadable certificate', async () => {
    await writeFile(join(dir, 'primary.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect((await refusal()).message).toMatch(/primary\.pem contains no readable PEM certificate/);
  });

  test('an unreadable key', async () => {
    await writeFile(join(dir, 'primary-key.pem'), 'nothing');
    expect((await refusal()).message).toMatch(/primary-key\.pem is not a readable PEM key.*openssl pkey/);
  });

  test("another certificate's key", async () => {
    await copyFile(join(dir, 'backup-key.pem'), join(dir, 'primary-key.pem'));
    const { problems, message } = await refusal();
    expect(problems).toHaveLength(1);
    expect(message).toMatch(/primary-key\.pem is not the key of primary\.pem/);
  });

  test('signed by another CA', async () => {
    const other = await mkdtemp(join(tmpdir(), 'certificates-'));
    await load({ dir: other });
    await copyFile(join(other, 'ca.pem'), join(dir, 'ca.pem'));
    await rm(other, { recursive: true });
    expect((await refusal()).message).toMatch(/primary\.pem is not signed by the CA in ca\.pem/);
  });

  test('an invalid name', async () => {
    expect((await refusal({ names: ['bad name'] })).message).toMatch(
      /bad name is neither a host name nor an IP address/,
    );
  });

  test('a key that others can read is only warned of', async () => {
    await chmod(join(dir, 'primary-key.pem'), 0o644);
    const { warnings } = await load();
    expect(warnings.map(({ en }) => en)).toEqual([
      expect.stringMatching(/^primary-key\.pem can be read by others.*chmod 600/),
    ]);
  });
});

describe.skipIf(!hasOpenssl)('a user-supplied set', () => {
  /** By their names: RSA keys take a while to make. */
  const made = new Map<string, string>();
  afterAll(() => {
    for (const copy of made.values()) rmSync(copy, { recursive: true });
  });

  function makeOwn(names: string) {
    const copy = made.get(names);
    if (copy !== undefined) return cpSync(copy, dir, { recursive: true });
    makeAnew(names);
    made.set(names, mkdtempSync(join(tmpdir(), 'ccass-own-certificates-')));
    cpSync(dir, made.get(names) ?? '', { recursive: true });
  }

  /** RSA, with an intermediate CA, and no CA key. */
  function makeAnew(names: string) {
    const at = (name: string) => join(dir, name);
    const request = (name: string, subject: string) =>
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        subject,
        '-keyout',
        at(`${name}-key.pem`),
        '-out',
        at(`${name}.csr`),
      );
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=Root'],
      ...['-keyout', at('root-key.tmp'), '-out', at('ca.pem')],
    );
    request('between', '/CN=Between');
    execFileSync(
      'sh',
      ['-c', 'printf basicConstraints=critical,CA:TRUE > ca.ext; printf "subjectAltName=$0" > leaf.ext', names],
      { cwd: dir },
    );
    const signIt = (name: string, ca: string, key: string, extensions: string) =>
      openssl(
        ...[
          'x509',
          '-req',
          '-in',
          at(`${name}.csr`),
          '-CA',
          at(ca),
          '-CAkey',
          at(key),
          '-CAcreateserial',
          '-days',
          '20',
        ],
        ...['-extfile', at(extensions), '-out', at(`${name}.pem`)],
      );
    signIt('between', 'ca.pem', 'root-key.tmp', 'ca.ext');
    for (const centre of ['primary', 'backup']) {
      request(centre, `/CN=${centre} of a broker`);
      signIt(centre, 'between.pem', 'between-key.pem', 'leaf.ext');
      execFileSync('sh', ['-c', `cat between.pem >> ${centre}.pem; chmod 600 ${centre}-key.pem`], { cwd: dir });
    }
  }

  test('with an intermediate CA is used as it is, with its chain', async () => {
    makeOwn('DNS:localhost');
    const { centres, made, warnings } = await load({ at: Date.now() + 5_000 });
    expect([made, warnings]).toEqual([false, []]);
    expect(centres.backup.commonName).toBe('backup of a broker');
    expect(centres.backup.chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  });

  test('that lacks a name is refused and not touched', async () => {
    makeOwn('DNS:localhost,DNS:ccass.broker.test,IP:127.0.0.1');
    const before = await contents();
    const { message } = await refusal({
      names: ['ccass.broker.test', 'ccass.example.test', '10.9.8.7', '*.example.test', '127.0.0.1'],
    });
    expect(message).toMatch(
      /primary\.pem does not contain the name ccass\.example\.test, 10\.9\.8\.7, \*\.example\.test\./,
    );
    expect(await contents()).toEqual(before);
  });

  test.each([
    [
      'expired',
      { at: NOW + 90 * DAY },
      /ca\.pem is valid from 20\S+Z to 20\S+Z only: .* at the wall clock \(20\S+Z\) refuse/,
    ],
    ['not valid yet', { at: NOW + DAY, market: NOW - 90 * DAY }, /ca\.pem .* at market time \(20\S+Z\) refuse it\. /],
    [
      'valid at neither',
      { at: NOW + 90 * DAY, market: NOW - DAY },
      / the wall clock \(20\S+Z\) or at market time \(20\S+Z\) /,
    ],
  ])('that is %s by a clock is warned of, used and not touched', async (_, clocks, warning) => {
    makeOwn('DNS:localhost');
    const before = await contents();
    const { warnings, renewed, centres } = await load(clocks);
    expect(warnings.map(({ en }) => en.split(' ')[0])).toEqual([
      'ca.pem',
      ...['primary.pem', 'primary.pem', 'backup.pem', 'backup.pem'], // the leaf and the CA between
    ]);
    expect(warnings[0]?.en).toMatch(warning);
    expect(warnings[1]?.en).toMatch(/Replace it, or remove primary\*\.pem and backup\*\.pem/);
    expect(warnings[0]?.zh).toMatch(/有效期.*不會接受/);
    expect([renewed, centres.primary.commonName]).toEqual([[], 'primary of a broker']);
    expect(await contents()).toEqual(before);
  });

  test('with --leaf wall is not measured by market time', async () => {
    makeOwn('DNS:localhost');
    expect(await load({ at: NOW + DAY, market: NOW - 90 * DAY, leaf: 'wall' })).toMatchObject({ warnings: [] });
  });

  test('without localhost is refused', async () => {
    makeOwn('DNS:ccass.broker.test');
    expect((await refusal({ names: ['ccass.broker.test'], at: Date.now() + 5_000 })).message).toMatch(
      /backup\.pem does not contain the name localhost\./,
    );
  });
});
