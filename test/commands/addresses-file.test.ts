import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { up } from '../support/up.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'addresses-test-'));
  path = join(folder, 'harness.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = () => JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;

describe('up --addresses FILE', () => {
  it('writes the variables of exec, whole and for the owner alone, once all listen, and removes them at the end', async () => {
    writeFileSync(path, '{"CCASS_HARNESS_LINE":"of a harness that was killed"}');
    const context = fakeCliContext();
    const { startHarness } = context;
    let before: readonly string[] = ['not started'];
    const looking = {
      ...context,
      startHarness: async (options: object) => {
        before = readdirSync(folder);
        return startHarness(options);
      },
      print: (line: string) => {
        context.print(line);
        expect(read()).toMatchObject({
          ...{ CCASS_HARNESS_LINE: 'https://127.0.0.1:7043', CCASS_HARNESS_TOKEN: 'token-of-the-harness' },
          ...{ CCASS_HARNESS_SFTP_PORT: '7022', CCASS_HARNESS_ORP_USER: 'RISK01' },
        });
        expect(statSync(path).mode & 0o777).toBe(0o600);
        expect(readdirSync(folder)).toEqual(['harness.json']);
      },
    };
    const done = run(['up', '--addresses', path], looking);
    await context.listening;
    context.signal('SIGTERM');
    expect([await done, before, readdirSync(folder)]).toEqual([0, [], []]);
  });

  it('leaves what another harness wrote since', async () => {
    const context = fakeCliContext();
    const other = '{"CCASS_HARNESS_LINE":"of another"}';
    const print = () => writeFileSync(path, other);
    const done = run(['up', '--addresses', path], { ...context, print });
    await context.listening;
    context.signal('SIGTERM');
    expect([await done, readFileSync(path, 'utf8')]).toEqual([0, other]);
  });

  it.each([
    ['a file that is something else', 'something else', () => writeFileSync(path, '{"name":"my-project"}')],
    ['a folder', 'a folder or a device', () => mkdirSync(path)],
    [
      'a place that does not exist',
      'a folder that exists',
      () => {
        path = join(folder, 'none', 'x.json');
      },
    ],
    [
      'a file as the folder',
      'a folder that exists',
      () => {
        writeFileSync(join(folder, 'f'), '');
        path = join(folder, 'f', 'x.json');
      },
    ],
  ])('refuses %s before it starts anything', async (_, words, make) => {
    make();
    const context = fakeCliContext();
    expect(await run(['up', '--addresses', path], context)).toBe(3);
    expect(context.errors.join('\n')).toMatch(new RegExp(`--addresses: got .*${words}`));
    expect(context.started).toEqual([]);
  });

  it('has what a process in any language needs: it logs on by the file alone', async () => {
    await using harness = await up('--addresses', path, '--certs', join(folder, 'certs'));
    const { CCASS_HARNESS_LINE, CCASS_HARNESS_CA = '', CCASS_HARNESS_PARTICIPANT, ...rest } = read();
    expect(CCASS_HARNESS_LINE).toBe(harness.info.addresses.line);
    expect(readFileSync(CCASS_HARNESS_CA, 'utf8')).toBe(harness.info.ca);
    expect([CCASS_HARNESS_PARTICIPANT, rest.CCASS_HARNESS_USER]).toEqual(['B09901', 'MAKER01']);
    expect((await harness.end('SIGTERM')).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['certs']);
  });
});

it('docs/testing.md and exec --help name every variable that exec sets', async () => {
  const context = fakeCliContext();
  const print = () => void context.out.push(readFileSync(path, 'utf8'));
  const done = run(['up', '--addresses', path], { ...context, print });
  await context.listening;
  context.signal('SIGTERM');
  await done;
  const names = Object.keys(JSON.parse(context.out.join('')) as object);
  const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'testing.md'), 'utf8');
  const help = fakeCliContext();
  expect(await run(['exec', '--help'], help)).toBe(0);
  const helped = help.out.join('\n');
  expect(names.length).toBeGreaterThan(17);
  for (const name of names) {
    expect(docs).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
    expect(helped.includes(name) || helped.includes(`${name.replace('CCASS_HARNESS', '')}`)).toBe(true);
  }
});
