import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { imrpfText } from '../support/imrpf-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imrpf-command-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command line; its exit code and what it printed. */
async function said(...words: string[]): Promise<{ code: number; out: string; errors: string[] }> {
  const context = fakeCliContext();
  const code = await run(['imrpf', ...words], context);
  return { code, out: context.out.join('\n'), errors: context.errors };
}
const small = (name: string, ...more: string[]) => said('generate', '--instruments', '20', ...more, join(folder, name));

describe('imrpf generate', () => {
  it('writes a file that imrpf check finds in order, and tells progress apart from the answer', async () => {
    const { code, out, errors } = await small('one.csv', '--seed', '7');
    expect(code).toBe(0);
    expect(out).toMatch(/one\.csv: 0\.4 MB, 20 instruments, 2021-07-23, seed 7$/);
    expect(errors).toContain('made: 100 %');
    expect(errors.at(-1)).toBe('written: 100 %');
    const checked = await said('check', join(folder, 'one.csv'));
    expect(checked).toMatchObject({ code: 0, errors: [] });
    expect(checked.out).toMatch(/is valid: valuation date 2021-07-23/);
    expect(checked.out).toMatch(/^1 +HVaR scenario returns +19$/m);
    const json = JSON.parse((await said('check', join(folder, 'one.csv'), '--json')).out);
    expect(json).toMatchObject({ parameters: { hvarCount: 1000 }, records: { 1: 19, 3: 1, 5: 9 }, warnings: [] });
  });

  it('gives the same bytes for the same seed and date, and others for another', async () => {
    const written = async (...more: string[]) => {
      expect((await small('again.csv', ...more)).code).toBe(0);
      return readFile(join(folder, 'again.csv'), 'latin1');
    };
    const first = await written('--seed', '7');
    expect(await written('--seed', '7')).toBe(first);
    expect(await written('--seed', '8')).not.toBe(first);
    expect(await written('--seed', '7', '--date', '2021-07-26')).not.toBe(first);
  });

  it('knows the holidays that come', async () => {
    await small('new-year.csv', '--date', '2022-01-31');
    const text = await readFile(join(folder, 'new-year.csv'), 'latin1');
    expect(text).toContain('Valuation_DT,31/01/2022\r\n');
    expect(text).toContain('Holiday_Factor,0.7320508075\r\n');
  });

  it('refuses a day without a file, a number that is none and a place where nothing can be, and leaves nothing', async () => {
    const saturday = await small('none.csv', '--date', '2021-07-24');
    expect(saturday.code).toBe(23);
    expect(saturday.errors.join()).toContain('--date 2021-07-23');
    expect((await small('none.csv', '--seed', '1.5')).code).toBe(2);
    expect((await small('none.csv', '--date', '2021-02-30')).code).toBe(2);
    const nowhere = await said('generate', '--instruments', '1', join(folder, 'no', 'where.csv'));
    expect(nowhere.code).toBe(3);
    expect(nowhere.errors.at(-1)).toMatch(/where\.csv cannot be written \(ENOENT\)/);
    await writeFile(join(folder, 'file'), '');
    expect((await said('generate', '--instruments', '1', `${folder}/file/x.csv`)).code).toBe(3);
    expect((await readdir(folder)).filter((name) => /none|part/.test(name))).toEqual([]);
  });
});

describe('imrpf check', () => {
  it('names every fault up to a bound, and ends with 3', async () => {
    const file = join(folder, 'bad.csv');
    await writeFile(file, imrpfText(['1,1,0,0,x', '2,3,', '3,4,0,0,0.5,0'], { Rounding: '0' }));
    const { code, out } = await said('check', file);
    expect(code).toBe(3);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/bad\.csv: line 11, column 2 \(Rounding\): got "0", expected a whole number above 0$/),
      expect.stringMatching(/line 14, column 5 \(scenario 3\): got "x"/),
      expect.stringMatching(/line 15, column 3 \(flat rate\): got nothing/),
      expect.stringMatching(/line 16, column 5 \(delta-equivalent/),
    ]);
    const bounded = await said('check', file, '--most', '2');
    expect(bounded.out.split('\n')).toHaveLength(3);
    expect(bounded.out).toContain('--most 20');
    const json = await said('check', file, '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({ more: false, findings: [{ line: 11, column: 2 }, {}, {}, {}] });
  });

  it('warns of what will be missed, and says if there is no file', async () => {
    const file = join(folder, 'short.csv');
    await writeFile(file, imrpfText(['1,1,0,0', '2,8,1']));
    const { code, out } = await said('check', file);
    expect(code).toBe(0);
    expect(out).toContain('warning: 1 has only 2 scenarios');
    expect(out).toContain('warning: FieldType 8');
    const nowhere = await said('check', join(folder, 'nowhere.csv'));
    expect(nowhere.code).toBe(3);
    expect(nowhere.errors.join()).toContain('cannot be read (ENOENT)');
  });
});

it.each(['', 'generate', 'check'])('imrpf %s --help shows what there is', async (word) => {
  const { code, out } = await said(...(word ? [word] : []), '--help');
  expect(code).toBe(0);
  expect(out).toMatch(word === '' ? /generate.*check/s : /Examples:\n {2}imrpf/);
});
