import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import fc from 'fast-check';
import { getExtensionData, isGREASE, readTlsClientHello, TLS_VERSIONS } from 'read-tls-client-hello';
import { describe, expect, test } from 'vitest';
import { isWholeHello, readHello } from '../../../src/centre/tls/client-hello.ts';
import { firstBytesOf, hasOpenssl } from '../../support/https-listener.ts';

function nodeHello(options: ConnectionOptions): Promise<Buffer> {
  return firstBytesOf((port) => connect({ host: '127.0.0.1', port, ...options }).on('error', () => undefined));
}

function opensslHello(...args: string[]): Promise<Buffer> {
  return firstBytesOf((port) =>
    spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { stdio: ['pipe', 'ignore', 'ignore'] }),
  );
}

/** The library's reading of the same bytes, as the oracle, in the shape of `Hello`. */
async function oracle(bytes: Buffer) {
  const hello = await readTlsClientHello(Readable.from([bytes], { objectMode: false }));
  const versions = getExtensionData(hello, 'supported_versions')?.versions ?? [hello.version];
  return {
    sni: getExtensionData(hello, 'sni')?.serverName ?? null,
    alpn: getExtensionData(hello, 'alpn')?.protocols ?? [],
    versions: versions
      .filter((version) => !isGREASE(version))
      .map((version) =>
        (TLS_VERSIONS as Record<number, string>)[version]?.replace('TLS 1.0', 'TLS 1').replace('TLS ', 'TLSv'),
      ),
    cipherSuites: hello.cipherSuites.filter((suite) => !isGREASE(suite)),
  };
}

/** The same handshake message in records of at most `size` bytes. */
function fragmented(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}

const sample = await nodeHello({ servername: 'ccass.harness.test', ALPNProtocols: ['http/1.1'] });

describe('real ClientHellos are parsed as the library parses them', () => {
  const nodeClients: Record<string, ConnectionOptions> = {
    defaults: {},
    'SNI and ALPN': { servername: 'rap.harness.test', ALPNProtocols: ['h2', 'http/1.1'] },
    'TLS 1.2 only': { maxVersion: 'TLSv1.2', servername: 'localhost' },
    'TLS 1.3 only': { minVersion: 'TLSv1.3' },
    'TLS 1.1 only': { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    'one suite': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
  };
  test.each(Object.entries(nodeClients))('node: %s', async (_name, options) => {
    const bytes = await nodeHello(options);
    expect(readHello(bytes)).toEqual(await oracle(bytes));
  });

  const opensslClients = [
    ['-tls1', '-cipher', 'DEFAULT@SECLEVEL=0'],
    ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0', '-noservername'],
    ['-tls1_2', '-servername', 'ccass.harness.test', '-alpn', 'h2'],
    ['-tls1_3'],
  ];
  test.skipIf(!hasOpenssl).each(opensslClients)('openssl %s', async (...args) => {
    const bytes = await opensslHello(...args);
    expect(readHello(bytes)).toEqual(await oracle(bytes));
  });

  test('old clients name their highest version', async () => {
    const bytes = await nodeHello({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(readHello(bytes)?.versions).toEqual(['TLSv1.1']);
  });
});

describe('pieces', () => {
  test('a hello split over records of any size gives the same result', () => {
    const whole = readHello(sample);
    expect(whole?.sni).toBe('ccass.harness.test');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: sample.length }), (size) => {
        const split = fragmented(sample, size);
        expect(readHello(split)).toEqual(whole);
        expect(isWholeHello(split)).toBe(true);
      }),
    );
  });

  test('bytes after a whole hello are ignored', () => {
    expect(readHello(Buffer.concat([sample, Buffer.from([20, 3, 3, 0, 1, 1])]))).toEqual(readHello(sample));
  });

  test('a partial hello is neither whole nor parsed', () => {
    const split = fragmented(sample, 100);
    for (let end = 0; end < split.length; end++) {
      const part = split.subarray(0, end);
      expect([end, readHello(part), isWholeHello(part)]).toEqual([end, null, false]);
    }
  });
});

describe('garbage', () => {
  test('is null at once, without waiting for more', () => {
    for (const bytes of ['SSH-2.0-OpenSSH_9.2\r\n', 'GET / HTTP/1.1\r\n\r\n', '\x16\x02\x01', '\x16\x03\x01\x00\x00']) {
      expect(readHello(Buffer.from(bytes, 'latin1'))).toBeNull();
      expect(isWholeHello(Buffer.from(bytes, 'latin1'))).toBe(true);
    }
    const serverHello = Buffer.from(sample);
    serverHello[5] = 2;
    expect([readHello(serverHello), isWholeHello(serverHello)]).toEqual([null, true]);
  });

  test('random bytes, with or without a plausible start, never throw', () => {
    const start = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from([22, 3, 1]),
      sample.subarray(0, 9),
      sample.subarray(0, 60),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 400 }), (head, tail) => {
        const bytes = Buffer.concat([head, tail]);
        readHello(bytes);
        isWholeHello(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a real hello with bytes changed never throws and gives only printable names', () => {
    const change = fc.tuple(fc.integer({ min: 9, max: sample.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes[at] = value;
        const hello = readHello(bytes);
        for (const name of [hello?.sni ?? 'none', ...(hello?.alpn ?? [])]) expect(name).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
