import { connect, type SecureVersion } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { answerOf, maker, rehearsalDay } from '../support/circular-day.ts';

type Day = Awaited<ReturnType<typeof rehearsalDay>>;

/** How a handshake with just these versions ends: the version agreed on, or the error's code. */
function handshake(
  { harness }: Day,
  address: string,
  minVersion: SecureVersion,
  maxVersion = minVersion,
): Promise<string | null> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: harness.ca,
      ...{ minVersion, maxVersion },
      // OpenSSL offers TLS 1.0 and 1.1 only if it is asked to lower its guard.
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe.each(['line', 'primary', 'backup'] as const)('circular row 9: the %s', (name) => {
  test('takes TLS 1.2 and nothing else', async () => {
    await using day = await rehearsalDay();
    const address = day.harness.addresses[name];
    expect(await handshake(day, address, 'TLSv1.2')).toBe('TLSv1.2');
    expect(await handshake(day, address, 'TLSv1.2', 'TLSv1.3')).toBe('TLSv1.2');
    for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.3'] as const) {
      expect([version, await handshake(day, address, version)]).toEqual([
        version,
        'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      ]);
    }
    const refusals = await day.journal('tls-refused');
    expect(refusals).toHaveLength(3);
    for (const { centre, detail } of refusals) {
      expect(centre).toBe(name === 'backup' ? 'backup' : 'primary');
      expect(JSON.stringify(detail)).toContain('TLS 1.2');
    }
  });
});

test.each([
  ['Windows NT 10.0; Win64; x64', 0],
  ['Windows NT 10.0', 1],
  ['Windows NT 10.0; WOW64', 0],
])('circular row 9: a terminal on %s gets %i warnings', async (windows, warnings) => {
  await using day = await rehearsalDay();
  await day.at('2021-07-24T16:30');
  const on = answerOf(await day.tooling({ userAgent: `CCASS/3 (${windows})` }).logOn(maker('B09901')));
  expect(on.warnings).toHaveLength(warnings);
  for (const { en, zh } of on.warnings)
    expect([en, zh]).toEqual([expect.stringContaining('64-bit'), expect.stringContaining('64 位')]);
});
