import { readdirSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HTTP_TIMEOUTS } from '../../src/centre/https/https.ts';
import { apiOf } from '../../src/centre/https/services.ts';
import { STANDARD_NAMES } from '../../src/centre/tls/issuing.ts';
import { EXIT_CODE } from '../../src/commands/exit-codes.ts';
import { JOURNAL_KINDS } from '../../src/domain/journal/journal.ts';
import { REFUSAL_CODES } from '../../src/domain/refusal.ts';
import { FILE_FAULT_CODES, ROW_REASON_CODES } from '../../src/domain/settlement/batch.ts';
import { TRANSFER_REASON_CODES } from '../../src/domain/settlement/transfer.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { openApi } from '../../src/http/openapi.ts';
import { HTTP_STATUS } from '../../src/http/problem.ts';
import { documentText, namesIn, REPOSITORY, rowsOf } from '../support/doc-tables.ts';

const fidelity = documentText('docs/fidelity.md');
const GRADES = /^(documented|observed|assumed)$/;
const json = (path: string) => JSON.parse(documentText(path));
const idsIn = (folder: string) =>
  readdirSync(join(REPOSITORY, 'fixtures', folder)).map((name) => name.replace(/\.json$/, ''));

/** The row whose first cell is this name in backticks. */
function rowFor(name: string, heading: string): string[] {
  const row = rowsOf(fidelity, heading).find(([first = '']) => namesIn(first).includes(name));
  expect(row, `docs/fidelity.md, "${heading}", lacks ${name}`).toBeDefined();
  return row ?? [];
}

type Available = string | { sameDay?: string; nextDay?: string };
type Daily = string | readonly { at: string; on?: string; available?: Available }[];
/** `11:00; 14:00 before long holidays` */
const dailyWords = (daily: Daily) =>
  typeof daily === 'string' ? daily : daily.map(({ at, on }) => (on ? `${at} ${on}` : at)).join('; ');

/** When the further runs of a day are available, where they say so themselves. */
const laterOf = (made: { daily?: Daily }) =>
  typeof made.daily === 'object' ? made.daily.flatMap(({ available }) => available ?? []) : [];

const availableWords = (available: Available) => {
  if (typeof available === 'string') return available;
  return available.sameDay ? `same day ${available.sameDay}` : `next day ${available.nextDay}`;
};

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
/** Of every listener, and in no document. */
const FRONT = ['GET /', 'GET /favicon.ico'];
const routesOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`));

describe('docs/fidelity.md tells of', () => {
  it('every route of a centre, and no other', async () => {
    const documents = [
      await openApi(apiOf('ccass', '0')),
      await openApi(apiOf('rap', '0')),
      await openApi(apiOf('orp', '0')),
    ] as OpenApi[];
    const routes = documents.flatMap(routesOf);
    expect(routes.length).toBeGreaterThan(8);
    for (const route of routes) expect(rowFor(route, 'Endpoints of a centre')[2], route).toMatch(GRADES);
    const told = rowsOf(fidelity, 'Endpoints of a centre').flatMap(([first = '']) => namesIn(first));
    const pages = ['ccass', 'rap', 'orp'].flatMap((name) => [`GET /${name}/v1/openapi.json`, `GET /${name}/v1/docs`]);
    expect(told.toSorted()).toEqual([...FRONT, 'GET /centre', ...routes, ...pages].toSorted());
  });

  it('every route of the admin server, every header of an answer, and no other route', async () => {
    await using harness = await startHarness();
    const routes = routesOf((await (await fetch(`${harness.addresses.admin}/openapi.json`)).json()) as OpenApi);
    expect(routes.length).toBeGreaterThan(8);
    const told = rowsOf(fidelity, 'Endpoints of the admin server').flatMap(([first = '']) => namesIn(first));
    expect(told.toSorted()).toEqual([...FRONT, ...routes, 'GET /openapi.json', 'GET /docs'].toSorted());

    const named = rowsOf(fidelity, 'Headers, names, certificates').flatMap(([first = '']) => namesIn(first));
    for (const path of ['/', '/favicon.ico', '/centre', '/ccass/v1/profile', '/nowhere']) {
      const headers = await new Promise<string[]>((resolve, reject) => {
        const asked = get(`${harness.addresses.line}${path}`, { ca: harness.ca }, (answer) => {
          answer.resume().once('end', () => resolve(Object.keys(answer.headers)));
        });
        asked.once('error', reject);
      });
      expect(headers.filter((header) => !named.includes(header))).toEqual([]);
    }
  });

  it.each(REFUSAL_CODES)('refusal %s, with its status and exit code', (code) => {
    const [, status, exit, grade] = rowFor(code, 'Refusals');
    expect([Number(status), Number(exit)]).toEqual([HTTP_STATUS[code], EXIT_CODE[code]]);
    expect(grade).toMatch(GRADES);
  });

  it('every file fault and row reason, and no other', () => {
    const all = [...new Set([...FILE_FAULT_CODES, ...ROW_REASON_CODES, ...TRANSFER_REASON_CODES])];
    for (const code of all) expect(rowFor(code, 'Batches')[1], code).toMatch(GRADES);
    const codes = rowsOf(fidelity, 'Batches').flatMap(([first = '']) => namesIn(first));
    expect(codes.toSorted()).toEqual(all.toSorted());
  });

  it.each(idsIn('layouts'))('layout %s', (id) => {
    const rows = rowsOf(fidelity, 'Layouts and reports').filter(([first = '']) => namesIn(first).includes(id));
    const { status } = json(`fixtures/layouts/${id}.json`);
    expect(rows.some((row) => row.length === 5 && row[2] === status)).toBe(true);
  });

  it.each(idsIn('reports'))('report %s, when it is made and available', (id) => {
    const rows = rowsOf(fidelity, 'Layouts and reports').filter(([first = '']) => namesIn(first).includes(id));
    const { made, available, daysKept, status } = json(`fixtures/reports/${id}.json`);
    const row = rows.find((one) => one.length === 8) ?? [];
    expect(row.slice(2, 6)).toEqual([
      made === 'at once' ? made : dailyWords(made.daily),
      [available, ...laterOf(made)].map(availableWords).join('; '),
      `${daysKept} days`,
      status,
    ]);
  });

  it('every row of the normal hours', () => {
    interface Hours {
      service: string;
      operations: string[];
      on?: string;
      from: string;
      to: string;
      status: string;
    }
    const { hours } = json('fixtures/market/service-hours.json') as { hours: Hours[] };
    const told = rowsOf(fidelity, 'Times').map((row) => row.slice(0, 4));
    for (const { service, operations, on, from, to, status } of hours) {
      const times = `${on ? `${on} ` : ''}${from}-${to}`;
      expect(told).toContainEqual([service, operations.join(', '), times, status]);
    }
  });

  it('every run and rule of the settlement day', () => {
    interface Run {
      run: string;
      at: string;
      final?: boolean;
      status: string;
    }
    const { runs, rules, status } = json('fixtures/market/settlement-day.json') as {
      runs: Run[];
      rules: Record<string, unknown>;
      status: string;
    };
    const told = rowsOf(fidelity, 'Times').map((row) => row.slice(0, 3));
    for (const { run, at, final, status: grade } of runs)
      expect(told).toContainEqual([final ? `${run} (final)` : run, at, grade]);
    for (const [name, value] of Object.entries(rules))
      expect(rowFor(name, 'Times').slice(1, 3)).toEqual([JSON.stringify(value), status]);
  });

  it('every kind of broadcast message', () => {
    for (const kind of ['activation', 'extension', 'postponement', 'final-run', 'notice']) rowFor(kind, 'Times');
  });

  it('every access rule', () => {
    const { status, source: _source, notes, ...rules } = json('fixtures/market/access.json');
    for (const [name, value] of Object.entries(rules)) {
      const own = (notes as { about: string; status: string }[]).find(({ about }) => about === name);
      expect(rowFor(name, 'Times').slice(1, 3)).toEqual([String(value), own?.status ?? status]);
    }
  });

  it.each(readdirSync(join(REPOSITORY, 'fixtures', 'market')))('market data %s', (file) => {
    const { status } = json(`fixtures/market/${file}`);
    expect(rowFor(file, 'Market data')[2]).toBe(status);
  });

  it('every limit of a listener', () => {
    for (const [name, value] of Object.entries(HTTP_TIMEOUTS)) {
      expect(rowFor(name, 'Limits')[1], name).toBe(String(value));
    }
  });

  it('every name in the certificates', () => {
    for (const name of STANDARD_NAMES) expect(fidelity).toContain(`\`${name}\``);
  });

  it('every kind of journal entry, and no other', () => {
    expect(namesIn(fidelity.split('## Journal')[1] ?? '')).toEqual(JOURNAL_KINDS);
  });
});

describe('docs/fidelity.md tells of rehearsal', () => {
  interface Part {
    readonly status: string;
    readonly [member: string]: unknown;
  }
  const rows = rowsOf(fidelity, 'Rehearsals');

  it.each(idsIn('rehearsals'))('%s: each part, its times and grades', (id) => {
    const file = json(`fixtures/rehearsals/${id}.json`) as Record<string, unknown>;
    if (file.alwaysOpen) return expect(rowFor(id, 'Rehearsals')[1]).toBe(file.status);
    const ofFile = rows.filter(([rehearsal]) => rehearsal === id);
    const expectPart = (part: string, grade: unknown, ...values: unknown[]) => {
      const found = ofFile.filter(
        ([, name = '', value = '']) =>
          namesIn(name).includes(part) && values.every((one) => value.includes(String(one))),
      );
      expect(
        found.map((row) => row[3]),
        `${id} ${part} ${values.join(', ')}`,
      ).toEqual([grade]);
    };
    const { title: _title, source: _source, status: _status, id: _id, start, sessions, suspended, ...parts } = file;
    expectPart('start', 'assumed', start);
    const { dates, status } = suspended as { dates: string[]; status: string };
    expectPart('suspended', status, ...dates);
    for (const session of sessions as Part[])
      expectPart(String(session.id), session.status, session.from, session.to, session.centre);
    for (const [part, value] of Object.entries(parts)) {
      for (const one of [value].flat() as Part[]) {
        const members = ['at', 'to', 'run', 'kind', 'dated', 'available', 'by', 'policy', 'from', 'name'].filter(
          (member) => typeof one[member] === 'string' && !(part === 'rollBack' && member === 'to'),
        );
        expect(members.length).toBeGreaterThan(0);
        expectPart(part, one.status, ...members.map((member) => one[member]));
      }
    }
    expect(ofFile.length).toBe(
      2 + (sessions as Part[]).length + Object.values(parts).flatMap((value) => [value].flat()).length,
    );
    return undefined;
  });
});
