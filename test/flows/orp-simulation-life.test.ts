import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { PASSWORD } from '../support/client.ts';
import { has, run } from '../support/foreign.ts';
import { type OrpClient, orpUser, type RunMargin, simulated } from '../support/orp.ts';
import { answered, noted } from '../support/rehearsal.ts';

/** Whose a simulation is, where it lives, what it leaves behind; and the sets that it is stressed with. */
const A = { path: 'A', account: 'HK B09901 MA1' };
const STRESS = { type: 'Margin and Stress Test', stressedScenarioSet: 'ZINDEX' };
const start = (options: HarnessOptions = {}) =>
  startHarness({ at: instant('2021-07-26T09:00'), clock: 'frozen', seed: 1, ...options });

let harness: Harness;
let orp: OrpClient;
beforeAll(async () => {
  harness = await start();
  orp = await orpUser(harness);
});
afterAll(async () => {
  orp[Symbol.dispose]();
  await harness.stop();
});

it('nobody sees another’s simulation, positions or margin (NOT_FOUND)', async () => {
  const mine = await simulated(orp, A);
  using other = await orpUser(harness, { participant: 'B09902', takeOver: true });
  const path = `/simulations/${mine.reference}`;
  expect(await other.outcome(path)).toEqual([404, 'NOT_FOUND']);
  expect(await other.outcome(path, { method: 'DELETE' })).toEqual([404, 'NOT_FOUND']);
  expect((await other.ask('/simulations')).json()).toEqual({ rows: [] });
  const theirs = (await other.ask('/positions')).json<{ account: string; rows: unknown[] }>();
  expect(theirs.account).toBe('HK B09902 MA1');
  expect(theirs.rows).not.toEqual(mine.inputs.rows);
  expect(await orp.outcome(path, { method: 'DELETE' })).toEqual([204, null]);
  expect(await orp.outcome(path)).toEqual([404, 'NOT_FOUND']);
});

it('the journal tells what was asked for and came of it, with the service', async () => {
  using third = await orpUser(harness, { participant: 'B09903' });
  const { reference } = await simulated(third, { ...A, account: 'HK B09903 MA1' });
  const entries = await noted(harness.control, { kinds: ['simulation'], participant: 'B09903' }, 2);
  expect(entries).toMatchObject([
    { service: 'orp', detail: { reference, what: 'requested', path: 'A', type: 'Margin' } },
    { service: 'orp', detail: { reference, what: 'done' } },
  ]);
});

it('a fail-over loses simulations, and says so; the enquiries are the same there', async () => {
  await using own = await start();
  using user = await orpUser(own);
  const { reference, result } = await simulated(user, A);
  answered(await own.control.failover({ to: 'backup' }));
  expect(await user.outcome('/simulations')).toEqual([401, 'SESSION_ENDED']);
  await user.logon();
  const answer = (await user.ask(`/simulations/${reference}`)).json();
  expect([answer.code, answer.detail]).toEqual(['NOT_FOUND', expect.stringMatching(/stay at their centre.*again/)]);
  expect((await user.ask('/margin')).json<RunMargin>().margin).toEqual(result?.margin);
  const again = await user.ask('/simulations', { method: 'POST', body: A });
  expect(again.headers.location).toMatch(/SB000001$/);
});

it('stress sets: those of the package and of one’s own folder, which is checked at the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-stress-'));
  const shipped = JSON.parse(await readFile('fixtures/orp/stress/ZINDEX.json', 'utf8'));
  const own = { ...shipped, id: 'MINE', scenarios: [{ ...shipped.scenarios[0], index: '-0.5' }] };
  await writeFile(join(folder, 'MINE.json'), JSON.stringify(own));
  {
    await using mine = await start({ stress: folder });
    using user = await orpUser(mine);
    const { rows } = (await user.ask('/stress-sets')).json<{ rows: { id: string }[] }>();
    expect(rows.map(({ id }) => id)).toEqual(['MINE', 'ZINDEX', 'ZSINGLE']);
    const told = await simulated(user, { ...A, path: 'B', type: 'Stress Test', stressedScenarioSet: 'MINE' });
    expect(told.result?.stress?.scenarios).toHaveLength(1);
  }
  await writeFile(
    join(folder, 'MINE.json'),
    JSON.stringify({ ...own, scenarios: [{ ...own.scenarios[0], index: '-2' }] }),
  );
  await expect(start({ stress: folder })).rejects.toThrow(/scenarios\[0\]\.index: got "-2"/);
  await rm(folder, { recursive: true });
});

it('what the verbs answer is what the OpenAPI document says', async () => {
  interface Document {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
    readonly components: object;
  }
  type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
  const { paths, components } = (await orp.ask('/openapi.json')).json<Document>();
  const ajv = new Ajv2020({ strict: false });
  const { reference } = await simulated(orp, { ...A, path: 'B', ...STRESS });
  const asked = ['profile', 'margin-runs', 'positions', 'margin', 'mtm', 'stress-sets', 'simulations'];
  for (const path of [...asked, 'simulations/{reference}']) {
    const answer = await orp.ask(`/${path.replace('{reference}', reference)}`);
    const schema = paths[`/orp/v1/${path}`]?.get?.responses['200']?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`no schema for the answer of ${path}`);
    const fits = ajv.validate({ ...schema, components }, answer.json());
    expect(fits ? [] : ajv.errors, path).toEqual([]);
  }
  expect(Object.keys(paths['/orp/v1/simulations']?.post?.responses ?? {})).toEqual(
    '202 400 401 403 404 413 415 422 423 429 500 503'.split(' '),
  );
});

describe.skipIf(!has('curl', '--version'))('curl (skipped only where there is none)', () => {
  it('simulates with a csv in a form, as a script would', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ccass-orp-curl-'));
    const file = (name: string) => join(folder, name);
    await writeFile(file('ca.pem'), harness.ca);
    await writeFile(file('trades.csv'), 'instrument,side,quantity\n5,B,400\n');
    const curl = async (path: string, ...args: string[]) => {
      const ours = ['-sS', '--fail-with-body', '--cacert', file('ca.pem'), '-b', file('jar'), '-c', file('jar')];
      const { stdout, code } = await run('curl', [...ours, ...args, `${harness.addresses.line}/orp/v1${path}`]);
      return { code, json: stdout === '' ? null : JSON.parse(stdout) };
    };
    const logon = JSON.stringify({ participant: 'B09902', user: 'RISK01', password: PASSWORD, takeOver: true });
    await curl('/session', '-H', 'Content-Type: application/json', '-d', logon);
    const settings = 'settings={"path":"C","account":"HK B09902 MA1","positions":"hypothetical"}';
    const asked = await curl('/simulations', '-F', settings, '-F', `trades=@${file('trades.csv')}`);
    expect([asked.code, asked.json.positions]).toEqual([0, 'hypothetical']);
    let told = asked.json;
    while (told.status !== 'done') told = (await curl(`/simulations/${asked.json.reference}`)).json;
    expect(told.inputs.rows).toMatchObject([{ instrument: '5', quantity: 400 }]);
    expect((await curl(`/simulations/${asked.json.reference}`, '-X', 'DELETE')).code).toBe(0);
    await rm(folder, { recursive: true });
  });
});
