import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addDays, instant, marketDate } from '../../src/domain/calendar/calendar.ts';
import {
  checkRehearsal,
  checkRehearsalFile,
  loadFixtures,
  problemText,
  rehearsalIds,
} from '../../src/loading/loading.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'rehearsals');
const KNOWN = { participants: new Set(['B09901', 'B09902', 'B09903', 'C09901', 'L09901']), runs: new Set(['ZSBAL01']) };
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
async function file(id: string): Promise<Record<string, Json>> {
  return JSON.parse(await readFile(join(FOLDER, `${id}.json`), 'utf8')) as Record<string, Json>;
}
const IDS = await rehearsalIds();
const circular = await file('2021-07-24');

/** A copy with what stands at `path` (`sessions[0].to`) replaced; undefined takes it out. */
function changed(json: Json, path: string, change: (old: Json) => Json | undefined): Json {
  const [, key = '', rest = ''] = /^\[?(\w+)\]?\.?(.*)$/.exec(path) ?? [];
  if (path === '' || typeof json !== 'object' || json === null) throw new Error(`nothing to change at ${path}`);
  const old = (json as { readonly [key: string]: Json })[key] ?? null;
  const value = rest === '' ? change(old) : changed(old, rest, change);
  if (Array.isArray(json))
    return json.flatMap((one, i) => (String(i) === key ? (value === undefined ? [] : [value]) : [one]));
  return Object.fromEntries([
    ...Object.entries(json).filter(([name]) => name !== key),
    ...(value === undefined ? [] : [[key, value] as const]),
  ]);
}
const to = (value: Json) => () => value;
const gone = () => undefined;
const list = (old: Json) => (Array.isArray(old) ? (old as readonly Json[]) : []);
const reversed = (old: Json) => list(old).toReversed();
const twice = (old: Json) => [...list(old), ...list(old).slice(0, 1)];

describe('the rehearsals of the package', () => {
  it.each(IDS)('%s has no problem, also as a file', async (id) => {
    expect((await file(id)).id).toBe(id);
    expect(checkRehearsal(await file(id), id, KNOWN).map(problemText)).toEqual([]);
    expect(await checkRehearsalFile(join(FOLDER, `${id}.json`))).toEqual([]);
  });

  it('register all fixture participants but the stock lender', async () => {
    const { participants, rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
    const registered = rehearsal.registration?.participants ?? [];
    expect(participants.map((row) => row.id).filter((id) => !registered.includes(id))).toEqual(['L09901']);
    expect(rehearsal.registration).toMatchObject({ by: '2021-07-21', policy: 'deny' });
  });

  it('start at 16:25 on their day; always-open starts now', async () => {
    for (const id of IDS) {
      const { rehearsal } = await loadFixtures({ rehearsal: id });
      expect(rehearsal.start).toBe(id === 'always-open' ? null : instant(`${id}T16:25`));
    }
  });

  it('are the same a week later, but for the days', async () => {
    const [first, reserve] = await Promise.all(
      ['2021-07-24', '2021-07-31'].map((rehearsal) => loadFixtures({ rehearsal })),
    );
    const week = 7 * 86_400_000;
    expect(reserve?.rehearsal.sessions.map(({ from, to }) => [from - week, to - week])).toEqual(
      first?.rehearsal.sessions.map(({ from, to }) => [from, to]),
    );
    expect(
      reserve?.rehearsal.sessions.map(({ name, services, centre, release, requires }) => ({
        name,
        services,
        centre,
        release,
        requires,
      })),
    ).toEqual(
      first?.rehearsal.sessions.map(({ name, services, centre, release, requires }) => ({
        name,
        services,
        centre,
        release,
        requires,
      })),
    );
    expect(
      reserve?.rehearsal.reports.map(({ dated, available }) => [addDays(dated, -7), marketDate(available - week)]),
    ).toEqual([['2021-07-24', '2021-07-26']]);
  });

  it('mark the pre-launch test as assumed throughout', async () => {
    const text = await readFile(join(FOLDER, '2021-08-14.json'), 'utf8');
    expect(text).not.toContain('"documented"');
  });
});

describe('a broken rehearsal', () => {
  const OFFERS = { ccass: { audience: 'all', operations: 'all' } };
  // What it is, where, what is put there; where the problem is told, and the words of what was expected.
  const cases: readonly (readonly [string, string, (old: Json) => Json | undefined, string, RegExp])[] = [
    ['an unknown key', 'sesions', to([]), 'sesions', /did you mean "sessions"/],
    ['an unknown key in a session', 'sessions[1].center', to('primary'), 'sessions[1].center', /did you mean "centre"/],
    ['a missing key', 'sessions[0].to', gone, 'sessions[0].to', /required/],
    [
      'a time that is none',
      'sessions[0].from',
      to('2021-07-24 4:30 pm'),
      'sessions[0].from',
      /a Hong Kong time such as/,
    ],
    ['a day that is none', 'suspended.dates', to(['2021-06-31']), 'suspended.dates[0]', /a date such as/],
    [
      'releases that are not in order',
      'releases',
      to([
        { from: '2021-08-16', name: 'upgraded', status: 'assumed' },
        { from: '2021-08-16', name: 'later', status: 'assumed' },
      ]),
      'releases[1].from',
      /a date after 2021-08-16/,
    ],
    ['a wrong word', 'sessions[0].centre', to('bakcup'), 'sessions[0].centre', /did you mean "backup"/],
    [
      'an unknown operation',
      'sessions[2].services.ccass.operations',
      to(['log-off']),
      'sessions[2].services.ccass.operations',
      /"all" or a list of/,
    ],
    [
      'an unknown service',
      'sessions[0].services.orb',
      to(OFFERS.ccass),
      'sessions[0].services.orb',
      /did you mean "orp"/,
    ],
    [
      'a session that ends before it begins',
      'sessions[0].to',
      to('2021-07-24T16:00'),
      'sessions[0].to',
      /after its start/,
    ],
    ['sessions out of order', 'sessions', reversed, 'sessions[1].from', /in order/],
    [
      'an overlap at a centre',
      'sessions[2].from',
      to('2021-07-24T22:00'),
      'sessions[2].from',
      /session-2 is open there/,
    ],
    ['an ID twice', 'sessions[1].id', to('session-1'), 'sessions[1].id', /unique session ID/],
    [
      'a session at a centre that is not active',
      'switches[0]',
      gone,
      'sessions[0].centre',
      /a switch to the backup centre at 2021-07-24 16:30 HKT or before/,
    ],
    ['a switch away during a session', 'switches[1].at', to('2021-07-24T18:00'), 'switches[1].at', /outside session-1/],
    ['a switch to the active centre', 'switches[1].to', to('backup'), 'switches[1].to', /already active/],
    ['switches out of order', 'switches', reversed, 'switches[1].at', /in order/],
    ['a roll-back to an unknown session', 'rollBack.to', to('sesion-1'), 'rollBack.to', /did you mean "session-1"/],
    ['a roll-back during a session', 'rollBack.at', to('2021-07-24T22:00'), 'rollBack.at', /outside session-2/],
    ['a roll-back to the future', 'rollBack.to', to('2021-07-24T23:00'), 'rollBack.to', /before the roll-back/],
    ['an unknown table', 'rollBack.tables', to(['instructions']), 'rollBack.tables[0]', /did you mean "instruction"/],
    ['a start after the first session began', 'start', to('2021-07-24T17:00'), 'start', /not after the start/],
    [
      'an unknown participant',
      'registration.participants[1]',
      to('B0990'),
      'registration.participants[1]',
      /did you mean "B0990/,
    ],
    ['a participant twice', 'registration.participants', twice, 'registration.participants[4]', /once/],
    [
      'a registration after the day',
      'registration.by',
      to('2021-07-28'),
      'registration.by',
      /not after that of the first session/,
    ],
    [
      'reports before their day',
      'reports[0].available',
      to('2021-07-23T08:00'),
      'reports[0].available',
      /on 2021-07-24 or later/,
    ],
    ['an unknown run', 'runs[0].run', to('ZSBAL1'), 'runs[0].run', /did you mean "ZSBAL01"/],
    ['a run twice', 'runs', twice, 'runs[1].run', /once a day/],
    ['taking part in nothing', 'sessions[0].requires', to('took-part'), 'sessions[0].requires', /an earlier session/],
    ['always open with sessions', 'alwaysOpen', to(OFFERS), 'sessions', /none in a rehearsal that is always open/],
  ];

  it.each(cases)('names %s', (_, where, change, path, expected) => {
    const problems = checkRehearsal(changed(circular, where, change), 'mine.json', KNOWN);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.find((problem) => problem.path === path)?.expected).toMatch(expected);
    expect(problems.every(({ file: named }) => named === 'mine.json')).toBe(true);
  });

  it('is told every problem at once', () => {
    let copy = changed(circular, 'title', gone);
    copy = changed(copy, 'titel', to('Rehearsal'));
    copy = changed(copy, 'sessions[0].channels', to([]));
    copy = changed(copy, 'notices[0].kind', to('news'));
    expect(
      checkRehearsal(copy)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['notices[0].kind', 'sessions[0].channels', 'titel', 'title']);
  });

  it.each([null, [], 'text', 7])('may be no object at all: %j', (json) => {
    expect(checkRehearsal(json)).toHaveLength(1);
  });

  it('may be invalid JSON, or missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rehearsal-'));
    try {
      const path = join(folder, 'mine.json');
      expect((await checkRehearsalFile(path)).map(({ came }) => came)).toEqual(['an unreadable file (ENOENT)']);
      await writeFile(path, '{ "id": ');
      expect((await checkRehearsalFile(path))[0]?.came).toMatch(/^invalid JSON/);
      await writeFile(path, JSON.stringify({ ...circular, id: 'mine' }));
      expect(await checkRehearsalFile(path)).toEqual([]);
      expect((await loadFixtures({ rehearsal: path })).rehearsal.id).toBe('mine');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
