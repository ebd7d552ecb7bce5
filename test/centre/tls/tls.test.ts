import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../src/centre/tls/client-hello.ts';
import { explainTlsFailure, listenerTls } from '../../../src/centre/tls/tls.ts';

const hello = (versions: string[], alpn: string[] = []): Hello => ({ sni: null, versions, alpn, cipherSuites: [] });

describe('the explanation of a failed handshake', () => {
  test.each<[string, string, Hello | null, RegExp, RegExp]>([
    [
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
      'NO_COMMON_VERSION',
      hello(['TLSv1']),
      /old TLS version only \(TLSv1\)/,
      /TLS 1\.2/,
    ],
    [
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
      'NO_COMMON_VERSION',
      hello(['TLSv1.1', 'TLSv1']),
      /old TLS version only \(TLSv1\.1, TLSv1\)/,
      /TLS 1\.2/,
    ],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'NO_COMMON_VERSION', hello(['TLSv1.3']), /TLS 1\.3 only/, /TLS 1\.2/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'NO_COMMON_VERSION', null, /does not offer TLS 1\.2/, /TLS 1\.2/],
    ['ERR_SSL_HTTP_REQUEST', 'PLAIN_HTTP', null, /plain HTTP/, /https:\/\//],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'NOT_TLS', null, /not TLS/, /HTTPS/],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'HANDSHAKE_TIMEOUT', null, /sent nothing/, /speaks first/],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'HANDSHAKE_TIMEOUT', hello(['TLSv1.2']), /did not finish/, /network/],
    ['ERR_SSL_NO_SHARED_CIPHER', 'NO_COMMON_CIPHER', hello(['TLSv1.2']), /no cipher suite/, /ECDHE/],
    [
      'ERR_SSL_NO_APPLICATION_PROTOCOL',
      'NO_COMMON_ALPN',
      hello(['TLSv1.2'], ['h2']),
      /offers h2 in ALPN/,
      /http\/1\.1/,
    ],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'CA_NOT_TRUSTED', hello(['TLSv1.2']), /does not trust the CA/, /ca\.pem/],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'CERTIFICATE_NOT_ACCEPTED', null, /does not accept/, /ca\.pem/],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'CERTIFICATE_NOT_ACCEPTED', null, /does not accept/, /ca\.pem/],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'CERTIFICATE_EXPIRED', null, /expired/, /clock/],
    [
      'ECONNRESET',
      'CLOSED_IN_HANDSHAKE',
      hello(['TLSv1.2']),
      /closed the connection during the handshake/,
      /client's log/,
    ],
    ['ECONNRESET', 'CLOSED_IN_HANDSHAKE', null, /before sending a complete ClientHello/, /client's log/],
    ['EPIPE', 'CLOSED_IN_HANDSHAKE', hello(['TLSv1.2']), /closed the connection during the handshake/, /client's log/],
    ['TOO_MANY_CONNECTIONS', 'TOO_MANY_CONNECTIONS', null, /too many connections/, /limit/],
    ['TOO_MANY_HANDSHAKES', 'TOO_MANY_HANDSHAKES', null, /too many handshakes/, /limit/],
    ['ERR_SSL_SOMETHING_NEW', 'HANDSHAKE_FAILED', null, /ERR_SSL_SOMETHING_NEW/, /s_client/],
  ])('%s is %s: %o', (error, code, offered, cause, remedy) => {
    const failure = explainTlsFailure(error, offered);
    expect(failure.code).toBe(code);
    expect(failure.cause.en).toMatch(cause);
    expect(failure.remedy.en).toMatch(remedy);
    for (const words of [failure.cause, failure.remedy]) expect(words.zh).toMatch(/\p{Script=Han}.*。$/u);
  });
});

test('the listener accepts TLS 1.2 with ECDHE and AEAD only', () => {
  const options = listenerTls({ key: 'key', chain: 'chain', handshakeTimeoutMs: 5 });
  expect(options).toMatchObject({
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    honorCipherOrder: true,
    handshakeTimeout: 5,
  });
  const suites = String(options.ciphers).split(':');
  expect(suites).toHaveLength(6);
  for (const suite of suites)
    expect(suite).toMatch(/^ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$/);
});
