import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerOf, maker, outcome, rehearsalDay, riskUser } from '../support/circular-day.ts';
import { clientOf } from '../support/client.ts';

const NOT_OPEN = '423 NOT_OPEN';

test.each(['2021-07-24', '2021-07-31'])('circular row 31: on %s only the two sessions are open', async (saturday) => {
  await using day = await rehearsalDay({ rehearsal: saturday, at: Date.parse(`${saturday}T00:00:00+08:00`) });
  const client = day.tooling();
  const found: [string, string][] = [];
  const expected: [string, string][] = [
    ['00:00', NOT_OPEN],
    ['07:15', NOT_OPEN],
    ['08:00', NOT_OPEN],
    ['15:44', NOT_OPEN],
    ['16:25', NOT_OPEN],
    ['16:29:59', NOT_OPEN],
    ['16:29:59.999', NOT_OPEN],
    ['16:30:00', '201'],
    ['17:30:00', '201'],
    ['18:29:59.999', '201'],
    ['18:30:00', NOT_OPEN],
    ['19:30:00', NOT_OPEN],
    ['20:29:59.999', NOT_OPEN],
    ['20:30:00', '201'],
    ['22:29:59.999', '201'],
    ['22:30:00', NOT_OPEN],
    ['23:59:59.999', NOT_OPEN],
  ];
  for (const [time] of expected) {
    await day.at(`${saturday}T${time}`);
    found.push([time, outcome(await client.logOn(maker('B09901', { takeOver: true })))]);
  }
  expect(found).toEqual(expected);
});

test.each(['2021-07-24', '2021-07-31'])(
  'circular row 31: on %s each service says that it is suspended, in both languages (NOT_OPEN)',
  async (saturday) => {
    await using day = await rehearsalDay({ rehearsal: saturday });
    const refusals = [await day.tooling().logOn(maker('B09901')), await day.orpUser().logOn(riskUser('B09901'))];
    for (const answer of refusals) {
      if (answer.ok) throw new Error('it is suspended');
      expect(answer.code).toBe('NOT_OPEN');
      expect(answer.refusal.detail.en).toContain('suspended today');
      expect(answer.refusal.detail.zh).toContain('暫停服務');
    }
    await (await day.rapUser('B09901')).logOn();
    expect((await day.journal('refusal')).at(-1)).toMatchObject({
      ...{ service: 'rap', protocol: 'sftp' },
      detail: { code: 'NOT_OPEN', says: { zh: expect.stringContaining('暫停服務') } },
    });
  },
);

test('circular row 31: normal hours are suspended too: a day that would be open is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'suspended-'));
  try {
    const file = join(folder, 'friday.json');
    const session = {
      ...{ id: 'only', name: { en: 'Only', zh: '唯一' }, from: '2021-07-23T16:30', to: '2021-07-23T18:30' },
      ...{ centre: 'primary', release: 'upgraded', channels: ['C3T'], status: 'assumed' },
      services: { ccass: { audience: 'all', operations: 'all' } },
    };
    const suspended = { dates: ['2021-07-23'], status: 'assumed', source: 'a test' };
    const rehearsal = {
      id: 'friday',
      title: { en: 'Friday', zh: '星期五' },
      status: 'assumed',
      source: 'a test',
      suspended,
      sessions: [session],
    };
    writeFileSync(file, JSON.stringify(rehearsal));
    await using day = await rehearsalDay({ rehearsal: file, at: Date.parse('2021-07-22T10:00:00+08:00') });
    const client = day.tooling();
    answerOf(await client.logOn(maker('B09901')));
    await day.at('2021-07-23T10:00');
    const refused = await client.logOn(maker('B09901'));
    expect(outcome(refused)).toBe(NOT_OPEN);
    if (refused.ok) throw new Error('it is suspended');
    expect(refused.refusal.retryAt).toBe(Date.parse('2021-07-23T16:30:00+08:00'));
    await day.at('2021-07-23T16:30');
    answerOf(await client.logOn(maker('B09901')));
    await day.at('2021-07-23T18:30');
    expect(outcome(await client.profile())).toBe(NOT_OPEN);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['2021-07-24', '2021-07-31'])(
  'circular row 31: on %s every route of every service is suspended outside the sessions, with and without a token (NOT_OPEN)',
  async (saturday) => {
    await using day = await rehearsalDay({ rehearsal: saturday, at: Date.parse(`${saturday}T00:00:00+08:00`) });
    using client = clientOf({ url: day.harness.addresses.line, ca: day.harness.ca });
    const routes: (readonly [string, string])[] = [];
    for (const service of ['ccass', 'rap', 'orp']) {
      const { paths } = (await client.ask(`/${service}/v1/openapi.json`)).json<{ paths: Record<string, object> }>();
      for (const [path, verbs] of Object.entries(paths))
        for (const verb of Object.keys(verbs)) routes.push([verb.toUpperCase(), path.replace(/\{\w+\}/g, '1')]);
    }
    // A log-on is decided by its body: the test before tries those. The reasons of refused rows are a document, as OpenAPI is.
    const verbs = routes.filter(
      ([verb, path]) => (verb !== 'POST' || !path.endsWith('/session')) && !path.endsWith('/row-reasons'),
    );
    expect(verbs.length).toBeGreaterThan(30);
    const open: string[] = [];
    const tryAll = async (headers: Record<string, string>) => {
      for (const [method, path] of verbs) {
        const { status, body } = await client.ask(path, { method, headers });
        const told = body.toString();
        // HEAD is answered by GET's status, without its words.
        const isTold = method === 'HEAD' || (told.includes('suspended today') && told.includes('暫停服務'));
        if (status !== 423 || !isTold) open.push(`${method} ${path} ${status}`);
      }
    };
    for (const time of ['07:15', '10:00', '16:29:59.999']) {
      await day.at(`${saturday}T${time}`);
      await tryAll({});
    }
    await day.at(`${saturday}T16:30`);
    const { token } = answerOf(await day.tooling().logOn(maker('B09901')));
    for (const time of ['18:30', '20:29:59.999', '22:30']) {
      await day.at(`${saturday}T${time}`);
      await tryAll({ authorization: `Bearer ${token}` });
    }
    expect(open).toEqual([]);
  },
);

test('circular row 31: nothing is matched, settled or purged that day, and nothing is run but what the rehearsal lists', async () => {
  await using day = await rehearsalDay({ at: Date.parse('2021-07-23T23:59:00+08:00') });
  await day.at('2021-07-24T23:59');
  const runs = (await day.journal('run')).filter(({ detail }) => detail.date === '2021-07-24');
  expect(runs.map(({ detail }) => detail.run)).toEqual(['roll-back', 'ZSBAL01']);
});
