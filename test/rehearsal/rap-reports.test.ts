import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { openingIn } from '../../src/rehearsal/observe.ts';
import type { Client } from '../../src/rehearsal/participants.ts';
import { fetchReports } from '../../src/rehearsal/rap-reports.ts';
import { createResults } from '../../src/rehearsal/results.ts';
import type { Setting } from '../../src/rehearsal/setting.ts';
import { zipOfOne } from '../../src/wire/zip.ts';

const AT = instant('2021-07-24T16:30');
const DATA = 'ZTEST01_B09901_20210723_2030_D.zip';
const zip = (name: string, text: string) => buffer(zipOfOne(name, AT, [text]));
const CONTROL =
  'ReportID,ParticipantID,BusinessDate,RunTime,DataFile,Records,Bytes,SHA256\r\n' +
  `ZTEST01,B09901,20210723,2030,${DATA},1,9,`;

/** The steps of a client whose RAP has these files in INBOX; `listed` adds to the sizes that are listed. */
async function steps(files: Readonly<Record<string, Buffer>>, { listed = 0, lead = true, refuses = '' } = {}) {
  const refused = { ok: false, says: refuses, status: 4 } as const;
  const rap = {
    list: async (path: string) => {
      const names = path.startsWith('/INBOX') ? Object.entries(files) : [];
      const value = names.map(([name, { length }]) => ({
        name,
        isFolder: false,
        sizeBytes: length + listed,
        modifiedAt: AT,
      }));
      return refuses && listed ? refused : { ok: true, value };
    },
    fetch: async (path: string) => {
      const value = files[path.split('/').at(-1) ?? ''] ?? Buffer.alloc(0);
      return refuses ? refused : { ok: true, value };
    },
  };
  const client = { participant: 'B09901', rap, rapOn: null, rapFigures: new Map() } as unknown as Client;
  const results = createResults(
    () => undefined,
    'en',
    async () => AT,
  );
  const setting = {
    results,
    time: { now: async () => AT },
    holidays: new Set(),
    participants: { riskLead: lead ? client : null },
  };
  await fetchReports(setting as unknown as Setting, client);
  return results.steps().map(({ outcome, came }) => `${outcome} ${came}`);
}

const whole = async (sha256 = '') => ({
  [DATA]: await zip('ZTEST01.csv', 'A,B\r\n1\r\n'),
  [DATA.replace('_D', '_C')]: await zip('ZTEST01.ctl', `${CONTROL}${sha256}\r\n`),
});

test('a file without its counterpart fails the step', async () => {
  const { [DATA]: data = Buffer.alloc(0) } = await whole();
  expect(await steps({ [DATA]: data, 'notes.txt': data })).toEqual([
    `FAIL INBOX 0, COMMON 0, RPF 0 reports; ${DATA} has no counterpart; notes.txt has no counterpart; expected them from the start`,
  ]);
});

test('no report at all fails the step', async () => {
  expect(await steps({})).toEqual(['FAIL INBOX 0, COMMON 0, RPF 0 reports; expected them from the start']);
});

test('another digest, another size than listed, a refusal: each fails the step of its report, or the one of all', async () => {
  const files = await whole('ab');
  const [, bad = ''] = await steps(files);
  expect(bad).toMatch(
    /^FAIL 1 records, 8 bytes, .*; 8 bytes, the control file says 9; its SHA-256 is \w{64}, the control file says ab$/,
  );
  expect((await steps(files, { listed: 1 }))[1]).toMatch(/^FAIL .*_D\.zip: got \d+ bytes, the listing says \d+$/);
  expect((await steps(files, { refuses: 'RAP is closed' }))[1]).toBe('FAIL RAP is closed');
  expect((await steps(files, { refuses: 'RAP is closed', lead: false }))[1]).toBe(
    `FAIL 1 reports, each as its control file says; ${DATA}: RAP is closed`,
  );
  expect(await steps(files, { refuses: 'not now', listed: 1 })).toEqual(['FAIL INBOX: not now']);
});

test('the opening is read in the words of a refusal, not the present time beside it', () => {
  const says =
    'RAP is closed now (2021-07-24 16:25 HKT). It opens at the backup centre 2021-07-24 16:30 HKT (Session 1).';
  expect(openingIn(says)).toBe(AT);
  expect(openingIn('RAP is closed now (2021-07-24 16:25 HKT). Nothing further is timetabled.')).toBeUndefined();
});
