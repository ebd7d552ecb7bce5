import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { clientOf, type Report, type Rows } from '../support/client.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { ofKind } from '../support/of-kind.ts';

const PLACE = { id: 'ZSBAL01', participant: 'B09901', businessDate: '2021-07-23', format: 'data' } as const;
const start = () => startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen' });

function good<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(answer.detail.en);
  return answer;
}

test("a file of the tester's own is in the report's place, at both centres, until it is withdrawn", async () => {
  await using harness = await start();
  const { control } = harness;
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await client.logon();
  const listed = async () =>
    (await client.ask('/ccass/v1/reports?id=ZSBAL01&businessDate=2021-07-23'))
      .json<Rows<Report>>()
      .rows.find(({ format }) => format === 'data');
  const made = await listed();
  const path = `/ccass/v1/reports/${made?.reference}`;
  const whole = await client.ask(path);

  for (const text of ['MY OWN FILE\r\n', 'AND ANOTHER OF MINE\r\n']) {
    const content = Buffer.from(text).toString('base64');
    const own = good(await control.publishReport({ ...PLACE, content }));
    expect(own.inPlaceOf).toEqual({ sha256: made?.sha256, sizeBytes: made?.sizeBytes });
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(await listed()).toEqual({ ...made, sizeBytes: text.length, sha256 });
    // Who is half-way through the old file does not get the rest of the new one.
    const headers = { range: 'bytes=5-', 'if-range': String(whole.headers.etag) };
    const rest = await client.ask(path, { headers });
    expect([rest.status, rest.body.toString()]).toEqual([200, text]);
  }
  good(await control.failover({ to: 'backup' }));
  await client.logon();
  expect((await client.ask(path)).body.toString()).toBe('AND ANOTHER OF MINE\r\n');

  expect(good(await control.withdrawReport(PLACE))).toEqual({ reference: made?.reference, restored: true });
  expect(await listed()).toEqual(made);
  expect((await client.ask(path)).body.equals(whole.body)).toBe(true);
  expect(await control.withdrawReport(PLACE)).toMatchObject({ refusal: 'NOT_FOUND' });
  const content = Buffer.from('X').toString('base64');
  expect(await control.publishReport({ ...PLACE, participant: 'B12345', content })).toMatchObject({
    refusal: 'NOT_FOUND',
  });
  const { entries } = good(await control.journal({ kinds: 'report' }));
  expect(
    ofKind(entries, 'report').map(({ centre, participant, detail }) => [
      centre,
      participant,
      detail.what,
      detail.report,
    ]),
  ).toEqual([
    ['primary', 'B09901', 'user-published', made?.reference],
    ['primary', 'B09901', 'user-published', made?.reference],
    ['backup', 'B09901', 'user-withdrawn', made?.reference],
  ]);
});

test('a report that the harness does not make is published by the command line, for everyone, and is gone again', async () => {
  await using harness = await start();
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca });
  await client.logon();
  const folder = await mkdtemp(join(tmpdir(), 'custom-report-'));
  try {
    const file = join(folder, 'notice.txt');
    await writeFile(file, '101001BE\r\n'.repeat(20_000));
    const { admin } = harness.addresses;
    const place = `--id ZOWNR01 --participant COMMON --date 2021-07-23 --admin ${admin}`.split(' ');
    const world = fakeCliContext();
    expect(await run(['reports', 'publish', ...place, file], world)).toBe(0);
    expect(world.out).toEqual([expect.stringMatching(/^R\d{8} published, 200000 bytes$/)]);
    const listed = async () => (await client.ask('/ccass/v1/reports?id=ZOWNR01')).json<Rows<Report>>().rows;
    const [report] = await listed();
    expect(report).toMatchObject({ participant: 'COMMON', fileName: 'ZOWNR01_COMMON_HKMK_20210723090000.TXT' });
    expect((await client.ask(`/ccass/v1/reports/${report?.reference}`)).body).toHaveLength(200_000);
    expect(await run(['reports', 'withdraw', ...place], world)).toBe(0);
    expect(await listed()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
