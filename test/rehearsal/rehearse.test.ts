import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remoteControl } from '../../src/client/remote-control.ts';
import type { Rehearsal } from '../../src/domain/calendar/rehearsal.ts';
import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { rehearse } from '../../src/rehearsal/rehearse.ts';
import { customMarket } from '../support/custom-market.ts';
import { optionsFor, played } from '../support/rehearsed.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A rehearsal's sessions with CCASS alone, for what has nothing to do with RAP and ORP Online: those take the longer part. */
function ccassOnly(rehearsal: Rehearsal): Rehearsal {
  const sessions = rehearsal.sessions.map(({ services: { ccass }, ...session }) => ({
    ...session,
    services: ccass ? { ccass } : {},
  }));
  return { ...rehearsal, sessions };
}

/** The circular's rehearsal with something changed in its text. */
function editedFile(name: string, change: (text: string) => string): string {
  const file = join(folder, `${name}.json`);
  const text = readFileSync(new URL('../../fixtures/rehearsals/2021-07-24.json', import.meta.url), 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`${name}: nothing was changed`);
  writeFileSync(file, changed);
  return file;
}

describe('the reference participant', () => {
  it("plays the circular's days, every task of them", async () => {
    const { done, failures, steps, printed, state } = await played('2021-07-24');
    expect(failures).toEqual([]);
    expect(done).toBe(steps.filter((step) => step.outcome === 'OK').length);
    const told = steps.map(
      ({ hongKong, session, centre, what, came }) => `${hongKong} ${session} ${centre} ${what}: ${came}`,
    );
    const hostKey = /SHA256:\S{43}/.exec(told.find((line) => line.includes('known host key')) ?? '')?.[0];
    for (const part of [
      '2021-07-24 16:25:00 HKT null primary CCASS is closed: B09901 logs on by C3T: refused NOT_OPEN, opens 2021-07-24 16:30 HKT',
      '2021-07-24 16:30:00 HKT session-1 backup L09901, not registered, logs on by C3T: refused NOT_REGISTERED, opens 2021-07-26 07:15 HKT',
      '2021-07-24 16:30:00 HKT session-1 backup B09901 logs on by C3T: certificate backup ccass-harness, release upgraded',
      '2021-07-24 16:30:00 HKT session-1 backup B09903 logs on by PG: certificate backup ccass-harness, release upgraded',
      '2021-07-24 16:30:00 HKT session-1 backup the batch is processed: processed, 2 accepted, 0 refused',
      '2021-07-24 16:30:00 HKT session-1 backup B09901 downloads ZSICR01_B09901_HKMK_20210724163000_U00000000001.TXT: 648 bytes, 2 records, integrity and SHA-256 in order',
      '2021-07-24 16:30:00 HKT session-1 backup B09901 lists the reports and data files that came before 2021-07-24: CFIPM01 text of 2021-07-23, CSEMA08 text of 2021-07-23, CRMMG01 text of 2021-07-23, ZSMOV01 text of 2021-07-22, ZSMOV01 data of 2021-07-22, ZSILS01 text of 2021-07-22, ZSILS01 data of 2021-07-22, ZSBAL01 text of 2021-07-22, ZSBAL01 data of 2021-07-22, CSEMS08 text of 2021-07-22, CCNAN05 data of 2021-07-22, CFIPM01 text of 2021-07-22, CSEMA08 text of 2021-07-22, CRMMG01 text of 2021-07-22',
      '2021-07-24 16:25:00 HKT null primary RAP is closed: B09901 logs on by SFTP: refused NOT_OPEN, opens 2021-07-24 16:30 HKT',
      '2021-07-24 16:25:00 HKT null primary ORP Online is closed: B09901 logs on: refused NOT_OPEN, opens 2021-07-24 16:30 HKT',
      '2021-07-24 16:30:00 HKT session-1 backup L09901, not registered, logs on to RAP by SFTP: refused NOT_ENTITLED',
      '2021-07-24 16:30:00 HKT session-1 backup C09901 logs on to RAP by SFTP: refused NOT_ENTITLED',
      `2021-07-24 16:30:00 HKT session-1 backup B09901 logs on to RAP by SFTP: by key, known host key ${hostKey}, the backup centre, release upgraded`,
      '2021-07-24 16:30:00 HKT session-1 backup B09901 lists the ORP reports of 2021-07-23 in RAP: INBOX 10, COMMON 2, RPF 1 reports',
      '2021-07-24 16:30:00 HKT session-1 backup B09903 downloads them all through RAP: 13 reports, each as its control file says',
      '2021-07-24 16:30:00 HKT session-1 backup C09901 logs on to ORP Online: refused NOT_ENTITLED',
      '2021-07-24 16:30:00 HKT session-1 backup B09903 logs on to ORP Online: certificate backup ccass-harness, release upgraded, role risk',
      '2021-07-24 18:30:00 HKT session-1 backup RAP is closed: B09901 lists over its connection of session-1: refused NOT_OPEN, opens 2021-07-24 20:30 HKT',
      '2021-07-24 20:30:00 HKT session-2 null the SFTP connection of B09901 of session-1 is gone: closed by the switch',
      `2021-07-24 20:30:00 HKT session-2 primary B09901 logs on to RAP by SFTP: by key, known host key ${hostKey}, the primary centre, release upgraded`,
      '2021-07-24 20:30:00 HKT session-2 primary B09901 is no longer logged on to ORP Online: refused SESSION_ENDED (switch)',
      '2021-07-25 10:00:00 HKT verification primary ORP Online is closed: B09901 logs on: refused NOT_OPEN, opens 2021-07-26 08:00 HKT',
      '2021-07-25 10:00:00 HKT verification primary RAP is closed: B09903 logs on by SFTP: refused NOT_OPEN, opens 2021-07-26 07:00 HKT',
      '2021-07-24 18:30:00 HKT session-1 backup CCASS is closed: B09901 enquires with the token of session-1: refused NOT_OPEN, opens 2021-07-24 20:30 HKT',
      '2021-07-24 20:30:00 HKT session-2 primary B09901 is no longer logged on: refused SESSION_ENDED (switch)',
      '2021-07-24 20:30:00 HKT session-2 primary B09901 looks for the instructions of batch U00000000001: D00000003 unmatched, D00000004 unmatched',
      '2021-07-24 22:30:00 HKT session-2 primary the books return to their state of 2021-07-24 16:30 HKT: the 3 SIs of the rehearsal were taken back',
      '2021-07-25 10:00:00 HKT verification primary B09901 logs on by PG: refused NOT_OPEN, opens 2021-07-26 07:15 HKT',
      '2021-07-25 10:00:00 HKT verification primary B09902 logs on by C3T: refused NOT_ENTITLED, opens 2021-07-26 07:15 HKT',
      '2021-07-25 10:00:00 HKT verification primary B09901 logs on by C3T: certificate primary ccass-harness, release rolled back',
      '2021-07-25 10:00:00 HKT verification primary not open in this session: enquiries: refused NOT_OPEN, opens 2021-07-26 07:15 HKT',
      '2021-07-26 08:00:00 HKT null primary B09901 lists the reports of 2021-07-24: ZSBAL01 text, ZSBAL01 data, ZSICR01 text, ZSICR01 data',
      '2021-07-26 08:00:00 HKT null primary B09901 finds its books as they were before the rehearsal: all 25 balances, and no SI of the rehearsal',
    ]) {
      expect(told).toContain(part);
    }
    const files = told.filter((line) =>
      /session-1 .*B09901 downloads .* through RAP: \d+ records, .* SHA-256 as/.test(line),
    );
    expect(files).toHaveLength(13);
    expect(told).toContainEqual(
      expect.stringMatching(
        /session-2 primary B09901 enquires .*: HK B09901 MA1, run of 2021-07-23 2030: margin \d+, total requirement \d+, MTM requirement \d+, \d+ positions, as in RAP$/,
      ),
    );
    expect(printed).toContain(
      'Session 1 / 時段 1: 2021-07-24 16:30 HKT to 2021-07-24 18:30 HKT, backup centre, upgraded',
    );
    expect(printed).toContain('  - Connect to CCASS by C3T or PG through the backup data centre');
    expect(printed.slice(-3)).toEqual([
      expect.stringMatching(/^Session 1: \d+ done, 0 failed, 4 empty$/),
      expect.stringMatching(/^Session 2: \d+ done, 0 failed$/),
      expect.stringMatching(/^Verification after the test: \d+ done, 0 failed$/),
    ]);
    expect(state).toMatchObject({ market: { hongKong: '2021-07-26 08:00:00 HKT', mode: 'frozen' } });
  });

  it.each(['2021-07-31', '2021-08-14'])('plays %s too, with titles, tasks and summary in Chinese', async (id) => {
    const { failures, printed, steps } = await played(id, { language: 'zh' });
    expect(failures).toEqual([]);
    expect(steps.filter(({ what }) => /B09901 logs on to (RAP by SFTP|ORP Online)/.test(what))).toHaveLength(4);
    expect(new Set(steps.map((step) => step.session))).toEqual(
      new Set([null, 'session-1', 'session-2', ...(id === '2021-07-31' ? ['verification'] : [])]),
    );
    for (const line of [
      '「時段 1」開始之前',
      `Session 2 / 時段 2：${id} 20:30 HKT 至 ${id} 22:30 HKT，主數據中心，提升後的版本`,
      '  - 結算參與者：通過 RAP 下載 ORP 報表／資料檔',
    ])
      expect(printed).toContain(line);
    expect(printed).toContainEqual(expect.stringMatching(/^時段 1：完成 \d+ 項，失敗 0 項，\d 項並無內容$/));
  });

  it('plays from afar as in process', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options } = await optionsFor(harness, '2021-07-24');
    const { rehearsal } = options;
    const result = await rehearse({
      ...options,
      rehearsal: { ...rehearsal, sessions: rehearsal.sessions.slice(0, 2), reports: [] },
      control: remoteControl({ url: harness.addresses.admin, token: harness.token }),
    });
    expect(result).toMatchObject({ failed: 0 });
  });

  it("plays a user's own rehearsal", async () => {
    const warn = editedFile('warn', (text) => text.replace('"policy": "deny"', '"policy": "warn"'));
    const { rehearsal } = await loadFixtures({ rehearsal: warn });
    const warned = await played(warn, { rehearsal: ccassOnly(rehearsal) });
    expect(warned.failures).toEqual([]);
    expect(warned.steps.map((step) => `${step.session} ${step.what}: ${step.came}`)).toContainEqual(
      expect.stringMatching(
        /^verification L09901, not registered, logs on by C3T: .*release rolled back, warning: Participant L09901/,
      ),
    );

    const short = await played(
      editedFile('pg', (text) =>
        text
          .replaceAll('"channels": ["C3T", "PG"]', '"channels": ["PG"]')
          .replaceAll(
            '"ccass": { "audience": "all", "operations": "all" }',
            '"ccass": { "audience": "clearing", "operations": ["logon", "logoff", "enquire"] }',
          )
          .replace('"participants": ["B09901", "B09902", "B09903", "C09901"]', '"participants": ["C09901", "L09901"]'),
      ),
      {},
      { clock: 'running' },
    );
    expect(short.failures).toEqual([]);
    expect(
      short.steps.filter((step) => /logs on by PG: refused NOT_ENTITLED/.test(`${step.what}: ${step.came}`)),
    ).not.toEqual([]);
    expect(short.steps.map(({ what, came }) => `${what}: ${came}`)).toEqual(
      expect.arrayContaining([
        'B09901, not registered, logs on to RAP by SFTP: refused NOT_REGISTERED, opens 2021-07-26 07:00 HKT',
        'B09901, not registered, logs on to ORP Online: refused NOT_REGISTERED, opens 2021-07-26 08:00 HKT',
      ]),
    );
  });

  it('in a market of your own, clearing participants without a password at RAP come by key, without a user of ORP Online not at all', async () => {
    await using market = await customMarket({
      'rap.json': (content) => ({
        ...content,
        users: [],
        rules: { ...(content.rules as object), passwordLogon: false },
      }),
      'orp-users.json': (content) => ({
        ...content,
        users: (content.users as { participant: string }[]).filter(({ participant }) => participant === 'B09901'),
      }),
    });
    const { rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
    const first = { ...rehearsal, sessions: rehearsal.sessions.slice(0, 1), reports: [], rollBack: null };
    const { failures, steps } = await played('2021-07-24', { rehearsal: first }, { market: market.folder });
    expect(failures).toEqual([]);
    const logons = steps
      .filter(({ what }) => /^B0990\d logs on to (RAP|ORP)/.test(what))
      .map(({ what, came }) => [what, came.split(',')[0]]);
    expect(logons).toEqual([
      ['B09901 logs on to RAP by SFTP', 'by key'],
      ['B09903 logs on to RAP by SFTP', 'by key'],
      ['B09901 logs on to ORP Online', 'certificate backup ccass-harness'],
    ]);
  });

  it('leaves out what market time is past already', async () => {
    const at = Date.parse('2021-07-24T19:00:00+08:00');
    const { rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
    const { failures, printed, steps } = await played('2021-07-24', { rehearsal: ccassOnly(rehearsal) }, { at });
    expect(failures).toEqual([]);
    expect(printed).toContain('session-1 is skipped: market time is past it');
    expect(steps.map((step) => `${step.session} ${step.what}`)).toContain('session-2 the batch is processed');
  });
});

describe('what does not come as the rehearsal file says', () => {
  const altered = async (change: (rehearsal: Rehearsal) => Partial<Rehearsal>, of = ccassOnly) => {
    const { rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
    const changed = of(rehearsal);
    return played('2021-07-24', { rehearsal: { ...changed, ...change(changed) } });
  };

  it('another centre, another release, other hours, other offers are failures', async () => {
    const centre = await altered(({ sessions }) => ({
      sessions: sessions.map((one) => ({ ...one, centre: 'primary' })),
    }));
    expect(centre.failures).toContainEqual(
      expect.stringContaining('right centre: the backup centre; expected the primary centre'),
    );
    expect(centre.failures).toContainEqual(expect.stringContaining('expected a certificate of the primary centre'));

    const release = await altered(({ sessions }) => ({
      sessions: sessions.map((one) => ({ ...one, release: 'upgraded' })),
    }));
    expect(release.failures).toEqual([
      expect.stringContaining('expected release upgraded'),
      expect.anything(),
      expect.anything(),
    ]);

    const hours = await altered(({ sessions }) => ({
      sessions: sessions.map((one) => ({ ...one, to: one.to - 60_000 })),
    }));
    expect(hours.failures.filter((failure) => failure.includes('got a success, expected NOT_OPEN'))).toHaveLength(5);

    const offers = await altered(({ sessions }) => ({
      sessions: sessions.map((one) => ({
        ...one,
        services: { ccass: { audience: 'all', operations: ['logon', 'logoff'] } },
      })),
    }));
    expect(offers.failures).toContainEqual('not open in this session: enquiries: got a success, expected NOT_OPEN');
    expect(offers.printed.filter((line) => line.startsWith('FAIL'))).toHaveLength(offers.failed);
  });

  it('at RAP and ORP Online too', async () => {
    const everyone = { audience: 'all', operations: 'all' } as const;
    const { failures } = await altered(
      ({ sessions }) => ({
        sessions: sessions.slice(0, 1).map((one) => ({
          ...one,
          centre: 'primary',
          services: { ...one.services, rap: everyone, orp: everyone },
        })),
        reports: [],
      }),
      (rehearsal) => rehearsal,
    );
    expect(failures).toContainEqual(
      expect.stringMatching(/^B09901 logs on to RAP by SFTP: by key, .*; expected the primary centre$/),
    );
    expect(failures).toContainEqual(
      expect.stringMatching(/^B09901 logs on to ORP Online: .*; expected a certificate of the primary centre$/),
    );
    for (const what of ['RAP by SFTP', 'ORP Online']) {
      expect(failures).toContainEqual(
        expect.stringContaining(`L09901, not registered, logs on to ${what}: NOT_ENTITLED: `),
      );
    }
  });

  it('a host key that is not known keeps the client away from RAP', async () => {
    const { rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
    const [session] = rehearsal.sessions;
    const own = { ...rehearsal, sessions: session ? [session] : [], reports: [], rollBack: null };
    const { failures } = await played('2021-07-24', { knownHosts: '', rehearsal: own });
    expect(failures).toContainEqual(
      expect.stringMatching(
        /^B09901 logs on to RAP by SFTP: .* has the host key SHA256:\S+, which is not in known_hosts/,
      ),
    );
  });

  it('a notice that was not sent, books that did not go back, reports that are not there are failures', async () => {
    const { failures } = await altered(({ notices, runs, rollBack }) => ({
      notices: notices.map((one) => ({ ...one, subject: { en: 'Another', zh: '另一' } })),
      runs: runs.map((one) => ({ ...one, run: 'ZSXXX01' })),
      rollBack: rollBack && { ...rollBack, at: rollBack.at - 3_600_000 * 4 - 1 },
    }));
    expect(failures).toContainEqual(expect.stringContaining('"Another" is missing'));
    expect(failures).toContainEqual(expect.stringContaining('ZSXXX01 is missing'));
    expect(failures).toContainEqual(
      expect.stringContaining(
        'got 4 SIs at the primary centre, expected 0; got 4 SIs at the backup centre, expected 0',
      ),
    );
  });

  it('a user who cannot log on fails his steps, and the rest goes on', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options } = await optionsFor(harness, '2021-07-24');
    const clientUsers = options.clientUsers.map((one) =>
      one.participant === 'B09901' ? { ...one, password: 'wrong' } : one,
    );
    const result = await rehearse({ ...options, clientUsers });
    if (isRefusal(result)) throw new Error(result.detail.en);
    const failures = result.steps.filter((step) => step.outcome === 'FAIL').map((step) => step.came.split(':')[0]);
    expect(failures.slice(0, 2)).toEqual(['BAD_CREDENTIALS', 'BAD_CREDENTIALS']);
    expect(
      result.steps.filter((step) => step.what.startsWith('B09903 logs on by') && step.outcome === 'OK'),
    ).toHaveLength(3);
  });

  it('nobody at the line fails every step and throws nothing', async () => {
    const { failed, steps } = await played('2021-07-24', { line: 'https://127.0.0.1:1' });
    expect(failed).toBeGreaterThan(10);
    expect(steps.find((step) => step.outcome === 'FAIL')?.came).toContain('ECONNREFUSED');
  });
});

describe('nothing to play', () => {
  it.each([
    ['always-open', {}, /no sessions to play.*rehearse 2021-07-24/],
    ['2021-07-24', { at: Date.parse('2021-07-27T10:00:00+08:00') }, /past the start of every session.*--at/],
  ])('%s %o says so, with the next step', async (id, start, says) => {
    await using harness = await startHarness({ rehearsal: id, ...start });
    const { options, printed } = await optionsFor(harness, id);
    const result = await rehearse(options);
    expect(result).toMatchObject({
      refusal: 'BAD_REQUEST',
      detail: { en: expect.stringMatching(says), zh: expect.stringMatching(/\p{Script=Han}/u) },
    });
    expect(printed).toEqual([]);
  });

  it('nobody who can be played', async () => {
    await using harness = await startHarness({ rehearsal: '2021-07-24' });
    const { options } = await optionsFor(harness, '2021-07-24');
    expect(await rehearse({ ...options, clientUsers: [] })).toMatchObject({ refusal: 'BAD_REQUEST' });
  });
});
