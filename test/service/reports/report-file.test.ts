import { expect, test } from 'vitest';
import type { Context } from '../../../src/service/context.ts';
import { keepReportFile } from '../../../src/service/reports/report-file.ts';
import type { Blobs } from '../../../src/store/blobs/blobs.ts';
import { MemoryBlobs } from '../../../src/store/blobs/memory-blobs.ts';

const REPORT = { id: 'ZSBAL01', participant: 'B09901' };

function place(blobs: Blobs = new MemoryBlobs()) {
  const noted: unknown[] = [];
  const journal = { note: (...entry: unknown[]) => void noted.push(entry) };
  return { blobs, noted, context: { store: { blobs }, journal, centre: 'primary' } as unknown as Context };
}

function* breaking(): Generator<string> {
  yield 'a page\r\n';
  throw new TypeError('a maker is wrong');
}

test('a bug in the maker of one report costs this report: its reason says so, and the journal has the error', async () => {
  const { context, noted, blobs } = place();
  const kept = await keepReportFile(context, REPORT, breaking);
  expect(kept).toMatchObject({ sizeBytes: 0, tooWide: null, notMade: { en: expect.stringContaining('bug') } });
  // The centres copy what a report names, so the empty file is stored too.
  expect(await blobs.has(kept.sha256)).toBe(true);
  expect(noted).toEqual([
    [
      'error',
      { centre: 'primary', service: 'ccass', participant: 'B09901' },
      { what: 'report ZSBAL01 of B09901 was not made', says: 'TypeError: a maker is wrong' },
    ],
  ]);
});

test('an error of the store is none of the report: it rejects, so that the run is done again', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const blobs = { put: () => Promise.reject(full) } as unknown as Blobs;
  const { context, noted } = place(blobs);
  await expect(keepReportFile(context, REPORT, () => ['a page\r\n'])).rejects.toBe(full);
  expect(noted).toEqual([]);
});

test('printed figures that are too wide: the first is named, the others are counted', async () => {
  const { context } = place();
  const kept = await keepReportFile(context, REPORT, (onTooWide) => {
    for (const row of [3, 8]) onTooWide({ column: 'BALANCE', width: 5, row, figure: `-12345.${row}0` });
    return ['a page\r\n'];
  });
  expect(kept.notMade).toBeUndefined();
  expect(kept.sizeBytes).toBe(8);
  expect(kept.tooWide?.en).toContain('BALANCE -12345.30 in row 3 is wider than 5 characters');
  expect(kept.tooWide?.en).toContain('1 further');
  expect(kept.tooWide?.zh).toContain('第 3 行的 BALANCE -12345.30 超出 5 個字元');
});
