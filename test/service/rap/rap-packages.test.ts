import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { keepRapPackage, type RapPackageDraft } from '../../../src/service/rap/rap-packages.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';
import type { Store } from '../../../src/store/store.ts';
import { entriesOf } from '../../support/zips.ts';

const AT = instant('2021-07-23T21:00');
const CSV = 'InstrumentId,Quantity\r\n00005,400\r\n00700,-200\r\n';
const draft = (more: Partial<RapPackageDraft> = {}): RapPackageDraft => ({
  reportId: 'RMAMP01',
  participant: 'B09901',
  folder: 'INBOX',
  businessDate: '2021-07-23',
  snapshot: '2030',
  publishedAt: AT,
  records: 2,
  csv: [CSV],
  ...more,
});

function setUp() {
  const blobs = new MemoryBlobs();
  return { context: { store: { blobs } as unknown as Store }, blobs, read: (sha: string) => buffer(blobs.open(sha)) };
}

test('a report becomes a data file and then a control file that describes it', async () => {
  const { context, read } = setUp();
  const [data, control] = await keepRapPackage(context, draft());
  expect(data).toMatchObject({
    folder: 'INBOX',
    participant: 'B09901',
    businessDate: '2021-07-23',
    name: 'RMAMP01_B09901_20210723_2030_D.zip',
    reportId: 'RMAMP01',
    part: 'data',
    publishedAt: AT,
  });
  expect(control).toMatchObject({ name: 'RMAMP01_B09901_20210723_2030_C.zip', part: 'control', publishedAt: AT });

  const zip = await read(data.sha256);
  expect(zip).toHaveLength(data.sizeBytes);
  const [csv] = await entriesOf(zip);
  expect(csv).toMatchObject({ name: 'RMAMP01.csv', modified: AT, wallClock: '2021-07-23 21:00:00' });
  expect(csv?.content.toString()).toBe(CSV);

  const [ctl] = await entriesOf(await read(control.sha256));
  expect(ctl).toMatchObject({ name: 'RMAMP01.ctl', modified: AT });
  const text = ctl?.content.toString() ?? '';
  expect(text.split('\r\n')).toHaveLength(3);
  expect(text.split('\r\n')[0]).toBe('ReportID,ParticipantID,BusinessDate,RunTime,DataFile,Records,Bytes,SHA256');
  expect(parse(text, { columns: true })).toEqual([
    {
      ReportID: 'RMAMP01',
      ParticipantID: 'B09901',
      BusinessDate: '20210723',
      RunTime: '2030',
      DataFile: data.name,
      Records: '2',
      Bytes: String(CSV.length),
      SHA256: createHash('sha256').update(CSV).digest('hex'),
    },
  ]);
});

test('the same draft gives the same bytes; bytes and texts, at once or as they come, are the same csv', async () => {
  const { context } = setUp();
  async function* asTheyCome() {
    yield CSV.slice(0, 10);
    yield Buffer.from(CSV.slice(10));
  }
  const first = await keepRapPackage(context, draft());
  expect(await keepRapPackage(context, draft({ csv: asTheyCome() }))).toEqual(first);
  const later = await keepRapPackage(context, draft({ publishedAt: AT + 60_000 }));
  expect(later[0].sha256).not.toBe(first[0].sha256);
});

test('records may be counted while the csv is made', async () => {
  const { context, read } = setUp();
  let rows = 0;
  function* counting() {
    yield 'A\r\n';
    for (; rows < 7; rows++) yield `${rows}\r\n`;
  }
  const [, control] = await keepRapPackage(context, draft({ csv: counting(), records: () => rows }));
  const [ctl] = await entriesOf(await read(control.sha256));
  expect(parse(ctl?.content ?? '', { columns: true })).toMatchObject([{ Records: '7' }]);
});

test('a csv that fails leaves no package', async () => {
  const { context } = setUp();
  function* broken(): Generator<string> {
    yield 'A\r\n';
    throw new Error('no figures');
  }
  await expect(keepRapPackage(context, draft({ csv: broken() }))).rejects.toThrow('no figures');
});
