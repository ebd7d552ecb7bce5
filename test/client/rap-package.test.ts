import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readRapPackage } from '../../src/client/rap-package.ts';
import { zipOfOne } from '../../src/wire/zip.ts';

const NAME = 'ZTEST01_B09901_20210723_2030_D.zip';
const CSV = 'A,B\r\n1,"x,\r"\r\n3,4\r\n';

async function packed({
  csv = CSV,
  inside = 'ZTEST01.csv',
  id = 'ZTEST01',
  control = {} as Readonly<Record<string, string>>,
  ctl = undefined as string | undefined,
} = {}) {
  const fields = {
    ...{ ReportID: id, ParticipantID: 'B09901', BusinessDate: '20210723', RunTime: '2030', DataFile: NAME },
    ...{ Records: '2', Bytes: String(csv.length), SHA256: createHash('sha256').update(csv).digest('hex') },
    ...control,
  };
  const text = ctl ?? `${Object.keys(fields).join()}\r\n${Object.values(fields).join()}\r\n`;
  const [data, beside] = [zipOfOne(inside, 0, [csv]), zipOfOne(`${id}.ctl`, 0, [text])];
  return readRapPackage({ name: NAME, bytes: await buffer(data) }, await buffer(beside));
}

test('a package that agrees with its control file', async () => {
  const { control, csv, faults } = await packed();
  expect(faults).toEqual([]);
  expect(control).toMatchObject({ reportId: 'ZTEST01', participantId: 'B09901', runTime: '2030', records: 2 });
  expect(csv.toString()).toBe(CSV);
});

test("a risk parameter file's records are counted below its header row", async () => {
  const csv = 'Valuation_DT,23/07/2021\r\nRounding,10000\r\nInstrumentId,FieldType,1\r\n700,1,0.5\r\n1,1,0\r\n';
  expect((await packed({ csv, id: 'RPF01', inside: 'RPF01.csv' })).faults).toEqual([]);
});

test.each([
  ['more rows', { control: { Records: '3' } }, '2 records, the control file says 3'],
  ['another size', { control: { Bytes: '1' } }, `${CSV.length} bytes, the control file says 1`],
  ['other bytes', { control: { SHA256: 'ab' } }, 'the control file says ab'],
  ['another file', { control: { DataFile: 'other.zip' } }, 'the control file belongs to other.zip'],
  ['another content', { inside: 'OTHER.csv' }, 'the data zip holds OTHER.csv, not ZTEST01.csv'],
  ['no control file', { ctl: 'nothing\r\n' }, 'control file: expected one header row and one row of'],
])('%s: the fault names it', async (_what, how, says) => {
  expect((await packed(how)).faults.join()).toContain(says);
});

test('the fault names the file that is not a zip, or is damaged', async () => {
  const zip = await buffer(zipOfOne('ZTEST01.csv', 0, ['A\r\n'.repeat(1000)]));
  const bad = Buffer.from(zip);
  bad.fill(0xff, 45, 60);
  const nothing = new Uint8Array();
  expect((await readRapPackage({ name: NAME, bytes: bad }, zip)).faults).toEqual(['data file: it cannot be unpacked']);
  expect((await readRapPackage({ name: NAME, bytes: zip }, nothing)).faults.join()).toContain(
    'control file: it is not a zip file',
  );
});
