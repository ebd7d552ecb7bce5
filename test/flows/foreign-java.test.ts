import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { batchFile } from '../support/batch-files.ts';
import { PASSWORD, type Report } from '../support/client.ts';
import { conversation, has, JAVA_OPTIONS } from '../support/foreign.ts';
import { answered, batchesDone, inSession1, noted } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

const SOURCE = fileURLToPath(new URL('java/Participant.java', import.meta.url));

const java = (args: readonly string[]) => conversation('java', [...JAVA_OPTIONS, SOURCE, ...args]);

describe.skipIf(!has('java', '-version'))('Java’s HttpClient (skipped only where there is no JDK)', () => {
  test('logs on, enquires, uploads and downloads, and goes on after a fail-over at the same address', {
    timeout: 120_000,
  }, async () => {
    await using harness = await inSession1();
    await using folder = await temporary('ccass-java-');
    const file = (name: string) => join(folder.path, name);
    await writeFile(file('ca.pem'), harness.ca);
    await writeFile(file('batch'), batchFile(200));
    using participant = java([harness.addresses.line, file('ca.pem')]);
    const { say } = participant;
    expect(await say('get /ccass/v1/profile code')).toBe('401 TLSv1.2/backup NO_SESSION');
    expect(await say(`logon B09901 MAKER01 ${PASSWORD}`)).toBe('201 TLSv1.2/backup upgraded');
    expect(await say('get /ccass/v1/stock-balances?stock=5 isin')).toBe('200 TLSv1.2/backup GB0005405286');
    expect(await say(`upload ${file('batch')}`)).toBe('202 TLSv1.2/backup U00000000001');
    await batchesDone(harness.control);
    expect(await say('get /ccass/v1/batches/U00000000001 accepted')).toBe('200 TLSv1.2/backup 200');
    const { reports } = answered(await harness.control.reports({ participant: 'B09901' }));
    const report = reports.find(({ id, format }) => id === 'ZSICR01' && format === 'data') as Pick<
      Report,
      'reference' | 'sizeBytes'
    >;
    expect(await say(`download /ccass/v1/reports/${report.reference} ${file('report')}`)).toBe(
      `200 TLSv1.2/backup ${report.sizeBytes}`,
    );
    expect((await readFile(file('report'), 'latin1')).slice(0, 14)).toBe('0B09901ZSICR01');

    answered(await harness.control.failover({ to: 'primary' }));
    expect(await say('get /ccass/v1/profile reason')).toBe('401 TLSv1.2/primary switch');
    expect(await say(`logon B09901 MAKER01 ${PASSWORD}`)).toBe('201 TLSv1.2/primary upgraded');
    expect(await say(`upload ${file('batch')}`)).toBe('200 TLSv1.2/primary U00000000001');
    const logons = await noted(harness.control, { kinds: ['logon'] }, 2);
    expect(logons.map(({ centre, detail }) => [centre, detail.channel])).toEqual([
      ['backup', 'PG'],
      ['primary', 'PG'],
    ]);
    expect(logons[0]?.detail.userAgent).toMatch(/^Java-http-client/);
  });

  test('that speaks TLS 1.3 only is refused, and the journal says what it offered', { timeout: 120_000 }, async () => {
    await using harness = await inSession1();
    await using folder = await temporary('ccass-java-');
    await writeFile(join(folder.path, 'ca.pem'), harness.ca);
    using participant = java([harness.addresses.line, join(folder.path, 'ca.pem'), 'TLSv1.3']);
    expect(await participant.say('get /centre centre')).toMatch(/SSLHandshakeException.*protocol_version/);
    const [entry] = await noted(harness.control, { kinds: ['tls-refused'] });
    expect(entry?.detail).toMatchObject({ code: 'NO_COMMON_VERSION', versions: ['TLSv1.3'], best: 'TLSv1.3' });
  });
});
