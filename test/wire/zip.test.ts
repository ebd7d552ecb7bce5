import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { zipOfOne } from '../../src/wire/zip.ts';
import { entriesOf } from '../support/zips.ts';

const AT = instant('2021-07-23T20:30:14');

test('a reader of another hand finds one deflated entry with its name, content and time', async () => {
  const text = 'A,B\r\n1,香港\r\n'.repeat(500);
  const [entry, ...others] = await entriesOf(await buffer(zipOfOne('RMAMR01.csv', AT, [text])));
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ name: 'RMAMR01.csv', compressionMethod: 8 });
  expect(entry?.content.toString('utf8')).toBe(text);
  expect(entry?.modified).toBe(AT);
  expect(entry?.wallClock).toBe('2021-07-23 20:30:14');
});

test('the bytes do not depend on how the content came in pieces', async () => {
  const text = Buffer.from(Array.from({ length: 30_000 }, (_, n) => `row,${(n * n) % 9973}\r\n`).join(''));
  const whole = await buffer(zipOfOne('X.csv', AT, [text]));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 12 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((to, n) => text.subarray(places[n], to));
      expect((await buffer(zipOfOne('X.csv', AT, pieces))).equals(whole)).toBe(true);
    }),
    { numRuns: 12 },
  );
});

test('an empty content is an entry too', async () => {
  const [entry] = await entriesOf(await buffer(zipOfOne('X.csv', AT, [])));
  expect(entry?.content).toHaveLength(0);
});

test('it fails with what its content fails with, and lets the content go if nobody reads on', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield 'A,B\r\n';
    throw new Error('the disk is gone');
  }
  await expect(buffer(zipOfOne('X.csv', AT, broken()))).rejects.toThrow('the disk is gone');

  const released = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(64 * 1024);
    } finally {
      released.resolve();
    }
  }
  for await (const _piece of zipOfOne('X.csv', AT, endless())) break;
  await released.promise;
});

// A zip's wall clock comes from the machine's time zone; New York had no 02:30 on 14 March 2021.
test.each(['America/New_York', 'Pacific/Kiritimati', 'UTC'])('it is the same under TZ=%s', async (TZ) => {
  const at = instant('2021-03-14T02:30');
  const script = `
    const { zipOfOne } = await import(${JSON.stringify(import.meta.resolve('../../src/wire/zip.ts'))});
    const { buffer } = await import('node:stream/consumers');
    process.stdout.write(await buffer(zipOfOne('X.csv', ${at}, ['A\\r\\n'])));`;
  const made = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, TZ } });
  const [entry] = await entriesOf(made);
  expect(entry).toMatchObject({ modified: at, wallClock: '2021-03-14 02:30:00' });
  const here = await buffer(zipOfOne('X.csv', at, ['A\r\n']));
  expect(createHash('sha256').update(made).digest('hex')).toBe(createHash('sha256').update(here).digest('hex'));
});

const READERS = [
  ['unzip', ['-p']],
  [
    'python3',
    [
      '-c',
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.testzip(); sys.stdout.buffer.write(z.read(z.infolist()[0]))',
    ],
  ],
] as const;
for (const [program, args] of READERS) {
  test.skipIf(spawnSync(program, ['-v']).error !== undefined)(`${program} reads it`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zip-'));
    try {
      const text = 'A,B\r\n1,2\r\n'.repeat(10_000);
      const file = join(dir, 'X.zip');
      writeFileSync(file, await buffer(zipOfOne('X.csv', AT, [text])));
      expect(execFileSync(program, [...args, file]).toString()).toBe(text);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
}
