import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from '../../src/harness/options.ts';
import { has, run } from '../support/foreign.ts';
import { answered, inSession1 } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

describe.skipIf(!has('openssl', 'version'))('openssl s_client (skipped only where there is none)', () => {
  let harness: Harness;
  let folder: Awaited<ReturnType<typeof temporary>>;
  beforeAll(async () => {
    harness = await inSession1();
    folder = await temporary('ccass-openssl-');
    await writeFile(join(folder.path, 'ca.pem'), harness.ca);
  });
  afterAll(async () => {
    await harness.stop();
    await folder[Symbol.asyncDispose]();
  });

  const client = async (url: string, ...args: string[]) => {
    const trust = ['-CAfile', join(folder.path, 'ca.pem'), '-verify_return_error'];
    const { stdout, stderr, code } = await run('openssl', [
      's_client',
      '-connect',
      new URL(url).host,
      ...trust,
      ...args,
    ]);
    return { code, said: stdout + stderr };
  };

  test.each(['localhost', 'ccass.harness.test', 'rap.harness.test', 'orp.harness.test'])(
    'the chain holds for %s',
    async (name) => {
      const { code, said } = await client(harness.addresses.line, '-verify_hostname', name, '-servername', name);
      expect(said).toMatch(/Verify return code: 0 \(ok\)/);
      expect(said).toMatch(new RegExp(`Verified peername: ${name.replaceAll('.', '\\.')}`));
      expect(said).toMatch(/Protocol *: TLSv1\.2|New, TLSv1\.2/);
      expect(said).toMatch(/Cipher(?: is| *:) ECDHE-ECDSA-(AES256-GCM-SHA384|AES128-GCM-SHA256|CHACHA20-POLY1305)/);
      expect(said).toMatch(/Secure Renegotiation IS supported/);
      expect(code).toBe(0);
    },
  );

  test('it holds for 127.0.0.1 by address, and for no other name', async () => {
    expect((await client(harness.addresses.line, '-verify_ip', '127.0.0.1')).said).toMatch(/Verify return code: 0/);
    const { said } = await client(harness.addresses.line, '-verify_hostname', 'www.hkex.com.hk');
    expect(said).toMatch(/hostname mismatch/);
  });

  test('the common name says which centre answered, at either port and at the line before and after a switch', async () => {
    const nameAt = async (url: string) => /subject=.*CN ?= ?(\w+)/.exec((await client(url)).said)?.[1];
    const { line, primary, backup } = harness.addresses;
    expect([await nameAt(primary), await nameAt(backup), await nameAt(line)]).toEqual(['primary', 'backup', 'backup']);
    answered(await harness.control.failover({ to: 'primary' }));
    expect(await nameAt(line)).toBe('primary');
    answered(await harness.control.failover({ to: 'backup' }));
    expect(await nameAt(line)).toBe('backup');
  });

  test.each([
    ['-tls1_3', 'TLS 1.3 only'],
    ['-tls1_1', 'TLS 1.1'],
    ['-tls1', 'TLS 1.0'],
  ])('%s: %s is refused by the server, with its alert', async (flag) => {
    const { code, said } = await client(
      harness.addresses.line,
      flag,
      ...(flag === '-tls1_3' ? [] : ['-cipher', 'DEFAULT@SECLEVEL=0']),
    );
    expect(said).toMatch(/alert protocol version/);
    expect(code).not.toBe(0);
  });

  test.each(['ECDHE-ECDSA-AES256-SHA384', 'AES256-GCM-SHA384', 'DHE-RSA-AES256-GCM-SHA384'])(
    '%s, no ECDHE with AEAD, is refused',
    async (cipher) => {
      const { said } = await client(harness.addresses.line, '-tls1_2', '-cipher', cipher);
      expect(said).toMatch(/handshake failure/);
    },
  );

  test('a session is resumed at the same centre, and by a full handshake at the other', async () => {
    const ticket = join(folder.path, 'session');
    await client(harness.addresses.line, '-sess_out', ticket);
    expect((await client(harness.addresses.line, '-sess_in', ticket)).said).toMatch(/Reused, TLSv1\.2/);
    answered(await harness.control.failover({ to: 'primary' }));
    expect((await client(harness.addresses.line, '-sess_in', ticket)).said).toMatch(/New, TLSv1\.2/);
    answered(await harness.control.failover({ to: 'backup' }));
  });

  test('a request typed by hand is answered', async () => {
    const { host } = new URL(harness.addresses.line);
    const { stdout } = await run(
      'openssl',
      ['s_client', '-quiet', '-connect', host, '-CAfile', join(folder.path, 'ca.pem'), '-ign_eof'],
      `GET /centre HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"centre":"backup"/m);
  });
});
