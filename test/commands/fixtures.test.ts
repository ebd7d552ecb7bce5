import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGURATION, USAGE } from '../../src/commands/exit-codes.ts';
import { run } from '../../src/commands/program.ts';
import { progressTeller } from '../../src/commands/progress.ts';
import { fakeWorld } from '../support/fake-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fixtures-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const generate = (...words: readonly string[]) => ['fixtures', 'generate', '--participants', '6', ...words];

describe('fixtures generate', () => {
  it('writes the folder and says how to start it', async () => {
    const world = fakeWorld();
    expect(await run(generate('--instructions', '10', '--stocks', '60', '--seed', '3', folder), world)).toBe(0);
    expect(world.out).toEqual([
      `${folder}: 6 participants, 60 stocks, 10 instructions of seed 3`,
      `start it: harness up --market ${folder} --at 2021-07-26T09:00`,
    ]);
    expect(readFileSync(join(folder, 'instructions.ndjson'), 'utf8').split('\n')).toHaveLength(11);
  });

  it('refuses a folder that holds something, without --force', async () => {
    const world = fakeWorld();
    const words = generate('--instructions', '10', folder);
    expect(await run(words, world)).toBe(0);
    expect(await run(words, world)).toBe(CONFIGURATION);
    expect(world.errors.at(-1)).toContain('name an empty folder, or add --force');
    expect(await run([...words, '--force'], world)).toBe(0);
  });

  it.each([
    [['--instructions', 'many'], 'Allowed: a whole number from 0 to 10000000.'],
    [['--instructions', '10', '--stocks', '9001'], 'Allowed: a whole number from 0 to 9000.'],
    [['--instructions', '10', '--date', '2021-02-30'], 'Allowed: a date such as 2021-07-26.'],
    [[], "required option '--instructions <number>' not specified"],
  ])('says what is allowed: %j', async (words, says) => {
    const world = fakeWorld();
    expect(await run(generate(...words, join(folder, 'new')), world)).toBe(USAGE);
    expect(world.errors.join('\n')).toContain(says);
  });
});

describe('progress', () => {
  it('is a line at each quarter where nobody watches', () => {
    const world = fakeWorld();
    const tell = progressTeller(world);
    for (let n = 1; n <= 100; n++) tell('loading', n / 100);
    expect(world.errors).toEqual(['loading: 25 %', 'loading: 50 %', 'loading: 75 %', 'loading: 100 %']);
  });

  it('is one bar on a terminal, drawn again only when it grows', () => {
    const drawn: string[] = [];
    const tell = progressTeller({ ...fakeWorld(), redraw: (text) => drawn.push(text) });
    for (let n = 1; n <= 1_000; n++) tell('loading', n / 1_000);
    expect(drawn).toHaveLength(100);
    expect(drawn[49]).toBe('loading [###############               ] 50 %');
    expect(drawn[99]).toBe('loading [##############################] 100 %\n');
  });

  it('says nothing of what is done at once', () => {
    const world = fakeWorld();
    progressTeller(world)('loading', 1);
    expect(world.errors).toEqual([]);
  });
});
