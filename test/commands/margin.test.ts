import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'fixtures', 'orp', 'example-margin.json');
const example = () => JSON.parse(readFileSync(EXAMPLE, 'utf8'));
const imrpf = readFileSync(join(EXAMPLE, '..', 'example-imrpf.csv'), 'utf8');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'margin-test-'));
  writeFileSync(join(folder, 'example-imrpf.csv'), imrpf);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file beside the example's IMRPF. */
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function margin(...words: string[]) {
  const context = fakeCliContext();
  const code = await run(['margin', ...words], context);
  return { code, out: context.out.join('\n'), err: context.errors.join('\n') };
}

describe('margin FILE', () => {
  it('shows every component up to the total, which for the shipped example is the one of the guide', async () => {
    const { code, out, err } = await margin(EXAMPLE);
    expect([code, err]).toEqual([0, '']);
    for (const row of [
      /^SIMULATED/,
      /^portfolio margin +10,000,000 .*floor 10,000,000$/m,
      /^flat rate margin +15,180,000$/m,
      /^liquidation risk add-on +266,865 +instrument 176,827, portfolio 90,038$/m,
      /^rounded up +46,930,000$/m,
      /^position limit add-on +487,169$/m,
      /^total +67,717,169$/m,
      /^NON_IPO .* of 1 \(scenario \d+\) .* of 3 .* 700 1299 2823 26883 60954$/m,
    ])
      expect(out).toMatch(row);
  });

  it('prints the whole result as JSON', async () => {
    const { code, out } = await margin(EXAMPLE, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ valuationDate: '2019-04-01', rounded: 46_930_000, total: 67_717_169 },
      detail: { unmatched: [], groups: { 1876: ['1876'] }, hvarTails: { 1876: { tailCount: 1 } } },
    });
  });

  it('takes the amount that was reported in place of its own', async () => {
    const { params, ...rest } = example();
    const path = file('reported.json', { ...rest, params: { ...params, positionLimitAddOnGiven: 487_332 } });
    expect(JSON.parse((await margin(path, '--json')).out).total).toBe(67_717_332);
  });

  it('shows what was unmatched, and why', async () => {
    const positions = [{ instrument: 'DSP9', quantity: 1, contractValue: 0, marketValue: '0.5' }];
    const { code, out } = await margin(file('unmatched.json', { ...example(), positions }));
    expect(code).toBe(0);
    expect(out).toMatch(/^warning: DSP9: .*FieldType 7/m);
    expect(out).not.toContain('group');
  });

  it('names all that is wrong at once, and ends with 3', async () => {
    const path = file('wrong.json', { imrpf: 7, positions: [{ instrument: '5' }], params: {}, note: '' });
    const { code, out, err } = await margin(path);
    expect([code, out]).toEqual([3, '']);
    for (const fault of [
      'wrong.json:',
      'note: unknown member, expected one of imrpf, positions, params',
      'imrpf: got 7, expected the path of an IMRPF csv',
      'positions[0].marketValue: got nothing, expected a number',
      'params.minimumMarginRate: got nothing, expected a number not below zero',
      'Correct it and run',
    ])
      expect(err).toContain(fault);
    const asJson = await margin(path, '--json');
    expect(asJson.code).toBe(3);
    expect(JSON.parse(asJson.out)).toMatchObject({
      code: 'BAD_FILE',
      faults: expect.arrayContaining([expect.anything()]),
    });
  });

  it.each([
    ['no JSON', '{"imrpf": ', /not-json.*expected JSON: /s],
    ['no object', '[]', /FILE: got \[\], expected an object with imrpf, positions, params/],
  ])('says that a file is %s', async (_, content, said) => {
    const { code, err } = await margin(file('not-json.json', content));
    expect(code).toBe(3);
    expect(err).toMatch(said);
    expect(err).not.toContain('imrpf: got nothing');
  });

  it('says which file is not there', async () => {
    const missing = await margin(join(folder, 'nowhere.json'));
    expect(missing.code).toBe(3);
    expect(missing.err).toMatch(/nowhere\.json:\n +cannot be read \(ENOENT\)/);
    const without = await margin(file('without.json', { ...example(), imrpf: 'nowhere.csv' }));
    expect(without.code).toBe(3);
    expect(without.err).toContain(`${join(folder, 'nowhere.csv')}:\n    cannot be read (ENOENT)`);
  });

  it('says what is wrong with the IMRPF, by line, as for a person so for a machine (BAD_FILE)', async () => {
    file('bad.csv', imrpf.replace('HVaR_Measure,4', 'HVaR_Measure,3'));
    const path = file('bad-imrpf.json', { ...example(), imrpf: 'bad.csv' });
    const { code, err } = await margin(path);
    expect(code).toBe(3);
    expect(err).toMatch(/line 9.*HVaR_Measure.*"3"/);
    expect(JSON.parse((await margin(path, '--json')).out)).toMatchObject({ code: 'BAD_FILE', line: 9 });
  });

  it('says what the IMRPF lacks for these positions', async () => {
    const { params, ...rest } = example();
    const path = file('hedge.json', { ...rest, params: { ...params, hedgingInstrument: '5' } });
    const { code, err } = await margin(path);
    expect(code).toBe(3);
    expect(err).toContain(
      'params.hedgingInstrument: got 5, expected an instrument with a FieldType 4 record in the IMRPF',
    );
  });

  it('takes a byte order mark, and tells the progress of a large IMRPF on standard error', async () => {
    file('large.csv', `${imrpf}${`${' '.repeat(1024 * 1024)}\n`.repeat(8)}`);
    const { code, out, err } = await margin(
      file('large.json', `\uFEFF${JSON.stringify({ ...example(), imrpf: 'large.csv' })}`),
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out).total).toBe(67_717_169);
    expect(err.split('\n')).toEqual([25, 50, 75, 100].map((done) => `reading the IMRPF: ${done} % of 8 MiB`));
  });

  it('has help with an example', async () => {
    const { code, out } = await margin('--help');
    expect(code).toBe(0);
    for (const part of ['"minimumMarginRate"', '--json', 'Examples:', 'margin ./my-margin.json'])
      expect(out).toContain(part);
  });
});
