import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';
import { riskSetup } from '../../src/harness/risk-setup.ts';
import { readUserImrpf } from '../../src/loading/user-imrpf.ts';
import { platform } from '../support/risk-platform.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'fixtures', 'orp', 'example-imrpf.csv');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-imrpf-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a risk parameter file of one’s own is every day’s RPF01, byte for byte, and what margin is computed with', async () => {
  const userImrpf = await readUserImrpf(EXAMPLE);
  await using orp = await platform('2021-07-23T09:00', {
    setup: (fixtures, since) => riskSetup(fixtures, 1, since, { userImrpf }),
  });
  await orp.at('2021-07-23T21:00');
  const content = await readFile(EXAMPLE, 'utf8');
  for (const date of ['2021-07-21', '2021-07-23']) expect(await orp.csv('RPF01', 'COMMON', date, '2030')).toBe(content);
  const rows = content.split(/\r?\n/).filter((line) => line !== '');
  expect(userImrpf.records).toBe(rows.length - 1 - rows.findIndex((line) => line.startsWith('InstrumentId')));
  expect(userImrpf.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  expect(orp.books.get('marginRun', 'B09901/2021-07-23/1100')?.result.valuationDate).toBe('2019-04-01');
});

test('one that is not in order ends the start, with the line and the next step', async () => {
  const path = join(folder, 'broken.csv');
  const content = await readFile(EXAMPLE, 'utf8');
  await writeFile(path, content.replace(/^HVaR_WGT,.*$/m, 'HVaR_WGT,much'));
  await expect(startHarness({ imrpf: path })).rejects.toThrow(/broken\.csv: .*2.*much[\s\S]*imrpf check/);
  await expect(startHarness({ imrpf: join(folder, 'none.csv') })).rejects.toThrow(/none\.csv: .*ENOENT/);
});

test('one that changes after the start is not published: figures would be of another', async () => {
  const path = join(folder, 'changing.csv');
  const content = await readFile(EXAMPLE, 'utf8');
  await writeFile(path, content);
  const userImrpf = await readUserImrpf(path);
  await writeFile(path, content.replace('Rounding,10000', 'Rounding,1000'));
  await using orp = await platform('2021-07-23T09:00', {
    setup: (fixtures, since) => riskSetup(fixtures, 1, since, { userImrpf }),
  });
  await orp.centre.service.riskRuns.pending();
  expect([...orp.books.all('rapFile')].filter(({ reportId }) => reportId === 'RPF01')).toEqual([]);
  const [error] = await orp.journal.query({ kinds: ['error'] });
  expect(error?.detail).toMatchObject({
    what: 'the run RPF01 of 2021-07-21 failed',
    says: expect.stringMatching(/changed since the start/),
  });
});

test('a generated one has as many instruments as asked for, the market’s among them', async () => {
  await using orp = await platform('2021-07-23T09:00', {
    setup: (fixtures, since) => riskSetup(fixtures, 1, since, { imrpfInstruments: 120 }),
  });
  await orp.centre.service.riskRuns.pending();
  const csv = await orp.csv('RPF01', 'COMMON', '2021-07-22', '2030');
  const ids = new Set([...csv.matchAll(/^(\d+),[1-6],/gm)].map(([, id]) => id));
  expect(ids.size).toBe(120);
  for (const id of ['700', '26883', '658', '2800']) expect(ids).toContain(id);
  expect(ids).not.toContain('80700');
});
