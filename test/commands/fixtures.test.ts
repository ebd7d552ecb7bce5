import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGURATION, USAGE } from '../../src/commands/exit-codes.ts';
import { run } from '../../src/commands/program.ts';
import { progressReporter } from '../../src/commands/progress.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fixtures-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const generate = (...words: readonly string[]) => ['fixtures', 'generate', '--participants', '6', ...words];

describe('fixtures generate', () => {
  it('writes the folder and says how to start it', async () => {
    const context = fakeCliContext();
    expect(await run(generate('--instructions', '10', '--stocks', '60', '--seed', '3', folder), context)).toBe(0);
    expect(context.out).toEqual([
      `${folder}: 6 participants, 60 stocks, 10 instructions of seed 3`,
      `start it: harness up --market ${folder} --at 2021-07-26T09:00`,
    ]);
    expect(readFileSync(join(folder, 'instructions.ndjson'), 'utf8').split('\n')).toHaveLength(11);
  });

  it('refuses a folder that holds something, without --force', async () => {
    const context = fakeCliContext();
    const words = generate('--instructions', '10', folder);
    expect(await run(words, context)).toBe(0);
    expect(await run(words, context)).toBe(CONFIGURATION);
    expect(context.errors.at(-1)).toContain('choose an empty folder, or add --force');
    expect(await run([...words, '--force'], context)).toBe(0);
  });

  it.each([
    [['--instructions', 'many'], 'Expected a whole number from 0 to 10000000.'],
    [['--instructions', '10', '--stocks', '9001'], 'Expected a whole number from 0 to 9000.'],
    [['--instructions', '10', '--date', '2021-02-30'], 'Expected a date such as 2021-07-26.'],
    [[], "required option '--instructions <number>' not specified"],
  ])('says what is allowed: %j', async (words, says) => {
    const context = fakeCliContext();
    expect(await run(generate(...words, join(folder, 'new')), context)).toBe(USAGE);
    expect(context.errors.join('\n')).toContain(says);
  });
});

describe('progress', () => {
  it('is a line at each quarter where nobody watches', () => {
    const context = fakeCliContext();
    const tell = progressReporter(context);
    for (let n = 1; n <= 100; n++) tell('loading', n / 100);
    expect(context.errors).toEqual(['loading: 25 %', 'loading: 50 %', 'loading: 75 %', 'loading: 100 %']);
  });

  it('is one bar on a terminal, drawn again only when it grows', () => {
    const drawn: string[] = [];
    const tell = progressReporter({ ...fakeCliContext(), redraw: (text) => drawn.push(text) });
    for (let n = 1; n <= 1_000; n++) tell('loading', n / 1_000);
    expect(drawn).toHaveLength(100);
    expect(drawn[49]).toBe('loading [###############               ] 50 %');
    expect(drawn[99]).toBe('loading [##############################] 100 %\n');
  });

  it('says nothing of what is done at once', () => {
    const context = fakeCliContext();
    progressReporter(context)('loading', 1);
    expect(context.errors).toEqual([]);
  });
});
