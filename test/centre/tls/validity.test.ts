import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CA_FILES, LEAF_FILES } from '../../../src/centre/tls/certificate-folder.ts';
import { type CertificateOptions, loadCertificates } from '../../../src/centre/tls/certificates.ts';
import { issueCa, issueLeaf, renewCa, STANDARD_NAMES } from '../../../src/centre/tls/issuing.ts';
import { caValidity, leafValidity } from '../../../src/centre/tls/validity.ts';
import { hasOpenssl } from '../../support/https-listener.ts';

const DAY = 86_400_000;
const at = (text: string) => Date.parse(`${text}Z`);
const text = ({ from, until }: { from: number; until: number }) =>
  [from, until].map((time) => new Date(time).toISOString().slice(0, 16));
const NOW = at('2026-11-28T12:00');
const REHEARSAL = at('2021-07-24T08:25');

describe('the validity of a leaf', () => {
  test.each([
    ['at the wall clock', NOW, ['2026-11-28T11:00', '2027-12-30T12:00']],
    ['an hour before it, still within', NOW - 3_600_000, ['2026-11-28T11:00', '2027-12-30T12:00']],
    ['397 days after it, still within', NOW + 397 * DAY, ['2026-11-28T11:00', '2027-12-30T12:00']],
    ['a little earlier than that', NOW - 3_600_001, ['2026-10-29T10:59', '2027-12-30T12:00']],
    ['on the first rehearsal day', REHEARSAL, ['2021-06-24T08:25', '2027-12-30T12:00']],
    ['years ahead', at('2031-01-01T00:00'), ['2026-10-29T12:00', '2032-02-02T00:00']],
    ['before years have two digits', at('0001-01-01T00:00'), ['1950-01-01T00:00', '2027-12-30T12:00']],
    ['at the end of time', at('9999-12-31T23:00'), ['2026-10-29T12:00', '9999-12-31T00:00']],
  ])('market time %s', (_, market, validity) => {
    expect(text(leafValidity({ at: NOW, market }))).toEqual(validity);
  });

  test('the CA holds from 2021-01-01, and as long as any leaf', () => {
    expect(text(caValidity({ at: NOW, market: NOW }))).toEqual(['2021-01-01T00:00', '2036-11-25T12:00']);
    expect(text(caValidity({ at: NOW, market: REHEARSAL }))).toEqual(['2021-01-01T00:00', '2036-11-25T12:00']);
    expect(text(caValidity({ at: NOW, market: at('2020-02-29T00:00') }))[0]).toBe('2020-01-30T00:00');
    expect(text(caValidity({ at: NOW, market: at('2040-01-01T00:00') }))[1]).toBe('2041-02-01T00:00');
  });
});

describe('a generated set', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'validity-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const load = (options: Partial<CertificateOptions> = {}) => loadCertificates({ dir, names: [], at: NOW, ...options });
  const stored = async (name: string) => new X509Certificate(await readFile(join(dir, name)));
  const validity = async (name: string) => {
    const { validFromDate, validToDate } = await stored(name);
    return text({ from: validFromDate.getTime(), until: validToDate.getTime() });
  };
  /** What `openssl verify` says of both leaves by a client's clock. */
  const verified = (ca: string, time: number) =>
    ['primary.pem', 'backup.pem'].map((leaf) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-attime', String(time / 1_000), '-CAfile', join(dir, ca), join(dir, leaf)],
        { encoding: 'utf8', stdio: 'pipe' },
      ).replace(/.*: /, ''),
    );

  test('covers both clocks; restarts at other market dates keep CA and keys', async () => {
    const first = await load();
    expect(await validity('primary.pem')).toEqual(['2026-11-28T11:00', '2027-12-30T12:00']);
    const second = await load({ market: REHEARSAL });
    expect(second).toMatchObject({ ca: first.ca, renewed: ['primary.pem', 'backup.pem'], warnings: [], made: false });
    expect(await validity('backup.pem')).toEqual(['2021-06-24T08:25', '2027-12-30T12:00']);
    expect(second.centres.primary.key).toBe(first.centres.primary.key);
    expect((await stored('primary.pem')).toString()).toBe(second.centres.primary.cert);
    expect((await readdir(dir)).toSorted()).toEqual([...CA_FILES, ...LEAF_FILES].toSorted());
    // It covers these too.
    for (const market of [NOW, REHEARSAL, at('2021-08-14T00:00')])
      expect(await load({ market })).toMatchObject({ renewed: [], centres: second.centres });
    expect((await load({ at: NOW + 400 * DAY, market: REHEARSAL })).renewed).toEqual(['primary.pem', 'backup.pem']);
    expect((await load({ at: NOW + 4_000 * DAY, market: REHEARSAL })).renewed).toContain('ca.pem');
  });

  test('with --leaf wall stays short, whatever the market time, and a long one is issued anew', async () => {
    await load({ market: REHEARSAL });
    expect((await load({ market: REHEARSAL, leaf: 'wall' })).renewed).toEqual(['primary.pem', 'backup.pem']);
    expect(await validity('primary.pem')).toEqual(['2026-11-28T11:00', '2027-12-30T12:00']);
    expect(await load({ market: REHEARSAL, leaf: 'wall' })).toMatchObject({ renewed: [], warnings: [] });
  });

  test('gets the names that it lacks under the same CA, and keeps those that it has', async () => {
    const { ca } = await load({ names: ['a.example.test'] });
    const second = await load({ names: ['b.example.test'], host: '10.1.2.3' });
    expect(second).toMatchObject({ ca, renewed: ['primary.pem', 'backup.pem'] });
    const leaf = await stored('backup.pem');
    for (const name of ['localhost', 'ccass.localhost', 'x.ccass.localhost', 'a.example.test', 'b.example.test'])
      expect([name, leaf.checkHost(name, { subject: 'never' })]).toEqual([name, expect.any(String)]);
    for (const ip of ['127.0.0.1', '10.1.2.3']) expect(leaf.checkIP(ip)).toBe(ip);
    expect((await load()).renewed).toEqual([]);
  });

  test.each([
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['::', true],
    ['::1', true],
  ])('listening on %s has ::1: %s; *.localhost never', async (host, has) => {
    await load({ host });
    const leaf = await stored('primary.pem');
    expect([leaf.checkIP('::1') !== undefined, leaf.checkHost('any.localhost')]).toEqual([has, undefined]);
  });

  describe('of an earlier version, whose CA is valid from the day it was made', () => {
    const MADE = NOW - 100 * DAY;
    beforeEach(async () => {
      const own = { from: MADE - 3_600_000, until: MADE + 3_650 * DAY };
      const ca = await issueCa(own);
      const files: Record<string, string> = { 'ca.pem': ca.cert, 'ca-key.pem': ca.key, 'old-ca.pem': ca.cert };
      for (const centre of ['primary', 'backup'] as const) {
        const names = ['*.localhost', '::1', 'kept.example.test'];
        const leaf = await issueLeaf(ca, { centre, names, validity: { ...own, until: MADE + 397 * DAY } });
        Object.assign(files, { [`${centre}.pem`]: leaf.cert, [`${centre}-key.pem`]: leaf.key });
      }
      for (const [name, pem] of Object.entries(files)) await writeFile(join(dir, name), pem, { mode: 0o600 });
    });

    test('gets a CA certificate from 2021 over the same key', async () => {
      const old = await stored('ca.pem');
      const { renewed, ca, warnings } = await load({ market: REHEARSAL });
      expect([renewed, warnings]).toEqual([['ca.pem', 'primary.pem', 'backup.pem'], []]);
      const fresh = await stored('ca.pem');
      expect(fresh.toString().trim()).toBe(ca.trim());
      expect((await validity('ca.pem'))[0]).toBe('2021-01-01T00:00');
      expect([fresh.subject, fresh.publicKey.equals(old.publicKey)]).toEqual([old.subject, true]);
      const leaf = await stored('primary.pem');
      expect(leaf.checkHost('kept.example.test')).toBeDefined();
      expect([leaf.checkHost('any.localhost'), leaf.checkIP('::1')]).toEqual([undefined, undefined]);
    });

    test.skipIf(!hasOpenssl)('clients that trust its old CA go on; with the new one at market time too', async () => {
      await load({ market: REHEARSAL });
      expect(verified('old-ca.pem', NOW)).toEqual(['OK\n', 'OK\n']);
      expect(verified('ca.pem', NOW)).toEqual(['OK\n', 'OK\n']);
      expect(verified('ca.pem', REHEARSAL)).toEqual(['OK\n', 'OK\n']);
    });
  });

  test('a CA of your own is used as it is: its leaves are issued anew, itself it is only warned of', async () => {
    const own = await issueCa({ from: NOW - DAY, until: NOW + 10 * DAY });
    const named = (await renewCa(own, { from: NOW - DAY, until: NOW + 10 * DAY })).trim();
    await writeFile(join(dir, 'ca.pem'), `${named}\n`);
    await writeFile(join(dir, 'ca-key.pem'), own.key, { mode: 0o600 });
    // The same with another name.
    if (hasOpenssl) {
      const flags = ['req', '-x509', '-key', join(dir, 'ca-key.pem'), '-subj', '/CN=House CA', '-days', '9'];
      execFileSync('openssl', [...flags, '-out', join(dir, 'ca.pem')], { stdio: 'pipe' });
    }
    const before = await readFile(join(dir, 'ca.pem'), 'utf8');
    const wall = Date.now() + 5_000;
    await load({ at: wall });
    const { renewed, warnings } = await load({ at: wall, market: REHEARSAL });
    if (!hasOpenssl) return;
    expect(renewed).toEqual(['primary.pem', 'backup.pem']);
    expect(warnings.map(({ en }) => en)).toEqual([
      expect.stringMatching(/^ca\.pem is valid from .* at market time \(2021-07-24T08:25:00\.000Z\) refuse it/),
    ]);
    expect(await readFile(join(dir, 'ca.pem'), 'utf8')).toBe(before);
  });

  test('is left alone where its key or CA does not fit: that is refused, not mended', async () => {
    await load();
    await writeFile(join(dir, 'primary-key.pem'), await readFile(join(dir, 'backup-key.pem'), 'utf8'));
    const before = await readFile(join(dir, 'primary.pem'), 'utf8');
    await expect(load({ market: REHEARSAL })).rejects.toThrow(/primary-key\.pem is not the key of primary\.pem/);
    expect(await readFile(join(dir, 'primary.pem'), 'utf8')).toBe(before);
  });

  test('has the standard names, which clients accept', () => {
    expect(STANDARD_NAMES).toEqual([
      ...['localhost', 'ccass.localhost', '*.ccass.localhost', '127.0.0.1'],
      ...['ccass.harness.test', 'rap.harness.test', 'orp.harness.test'],
    ]);
  });
});
