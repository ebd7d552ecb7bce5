import { scryptSync, timingSafeEqual } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { instant, isBusinessDay } from '../../src/domain/calendar/calendar.ts';
import { belongsTo } from '../../src/domain/calendar/rehearsal.ts';
import { isIsin } from '../../src/domain/isin.ts';
import { type FixtureChoice, FixturesRefused, loadFixtures, rehearsalIds } from '../../src/loading/loading.ts';
import { seedChanges } from '../../src/loading/seed.ts';

const MARKET = join(import.meta.dirname, '..', '..', 'fixtures', 'market');
type FileContent = { readonly [key: string]: string | readonly object[] };
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'fixtures-'));
  folders.push(made);
  return made;
}
/** A folder with one market file as `change` leaves it. */
async function market(name: string, change: (content: FileContent) => unknown): Promise<string> {
  const made = await folder();
  const content = JSON.parse(await readFile(join(MARKET, name), 'utf8')) as FileContent;
  await writeFile(join(made, name), JSON.stringify(change(content)));
  return made;
}
async function refused(choice: FixtureChoice): Promise<FixturesRefused> {
  const error = await loadFixtures(choice).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FixturesRefused)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

const IDS = await rehearsalIds();

describe('the fixtures of the package', () => {
  it.each(IDS)('load with rehearsal %s', async (rehearsal) => {
    expect((await loadFixtures({ rehearsal })).rehearsal.id).toBe(rehearsal);
  });

  it('hold the market that issue 2 asks for', async () => {
    const {
      participants,
      users,
      accounts,
      stocks,
      subAccounts,
      moneyBalances,
      duePositions,
      holidays,
      hkdMicro,
      catalogue,
      layouts,
    } = await loadFixtures();
    const count = (type: string) => participants.filter((row) => row.type === type).length;
    expect(count('direct-clearing')).toBeGreaterThanOrEqual(2);
    for (const type of ['general-clearing', 'custodian', 'stock-lender']) expect(count(type)).toBeGreaterThanOrEqual(1);
    for (const { id, type } of participants) {
      const roles = (service?: string) =>
        users.flatMap((row) => (row.participant === id && row.service === service ? [row.role] : [])).sort();
      expect(roles()).toEqual(['checker', 'da-checker', 'da-maker', 'maker']);
      expect(roles('orp')).toEqual(belongsTo('clearing', type) ? ['da-checker', 'da-maker', 'risk'] : []);
      expect(accounts.some((row) => row.participant === id && row.id === '01')).toBe(true);
    }
    expect(stocks.length).toBeGreaterThanOrEqual(40);
    const codes = stocks.map((row) => row.code);
    for (const code of ['00001', '00005', '00388', '00700', '00883', '00941', '01299', '02318', '03988', '09988'])
      expect(codes).toContain(code);
    expect(stocks.every(({ isin }) => isIsin(isin))).toBe(true);
    expect(subAccounts).toHaveLength(6);
    expect(moneyBalances.length % 6).toBe(0);
    expect(duePositions.every(({ settlementDate }) => isBusinessDay(settlementDate, holidays))).toBe(true);
    expect(hkdMicro).toMatchObject({ HKD: 1_000_000 });
    expect(catalogue.map(({ id }) => id)).toEqual([
      'CCNAN05',
      'CFIPM01',
      'CRMMG01',
      'CSEMA08',
      'CSEMS08',
      'ZATCR01',
      'ZSBAL01',
      'ZSICR01',
      'ZSILS01',
      'ZSMOV01',
    ]);
    for (const { layout, formats } of catalogue) {
      if (formats.includes('data')) expect(layouts).toHaveProperty(layout ?? 'none');
      else expect(layout).toBeUndefined();
    }
  });

  it('add up: due positions of one stock and day come to nil', async () => {
    const { duePositions } = await loadFixtures();
    const sums = new Map<string, number>();
    for (const row of duePositions) {
      const key = `${row.stock} ${row.settlementDate}`;
      sums.set(key, (sums.get(key) ?? 0) + row.quantity);
    }
    expect([...sums.values()].every((sum) => sum === 0)).toBe(true);
  });

  it('take the demo password, and hold no password in clear', async () => {
    const { users } = await loadFixtures();
    for (const { passwordHash } of users) {
      const [scheme, N, r, p, salt = '', hash = ''] = passwordHash.split('$');
      expect([scheme, N, r, p]).toEqual(['scrypt', '16384', '8', '1']);
      const got = scryptSync('Rehearsal-2021', Buffer.from(salt, 'base64url'), 32, { N: 16_384, r: 8, p: 1 });
      expect(timingSafeEqual(got, Buffer.from(hash, 'base64url'))).toBe(true);
    }
    const clear = JSON.stringify((await loadFixtures()).users);
    expect(clear).not.toContain('Rehearsal-2021');
    expect(new Set(users.map((row) => row.passwordHash)).size).toBe(users.length);
  });

  it('are frozen to the last row', async () => {
    const fixtures = await loadFixtures();
    expect(Object.isFrozen(fixtures)).toBe(true);
    expect(Object.isFrozen(fixtures.stocks[0]?.name)).toBe(true);
    expect(Object.isFrozen(fixtures.rehearsal)).toBe(true);
  });

  it('give the first commit of the books, each row once', async () => {
    const fixtures = await loadFixtures();
    const at = instant('2021-07-24T16:25');
    const changes = seedChanges(fixtures, at);
    const keys = changes.map((change) => `${change.table} ${change.key}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(changes.filter(({ table }) => table === 'stock')).toHaveLength(fixtures.stocks.length);
    const user = changes.find(({ table, key }) => table === 'user' && key === 'B09901/MAKER01')?.row;
    expect(user).toMatchObject({ passwordSetAt: at, wrongPasswords: 0, lockedAt: null });
  });
});

describe('a market folder of the user', () => {
  it('replaces the files it has', async () => {
    const own = await market('fx.json', () => ({
      status: 'assumed',
      source: 'test',
      rates: [
        { currency: 'HKD', hkdMicro: 1_000_000 },
        { currency: 'CNY', hkdMicro: 1_100_000 },
      ],
    }));
    const { hkdMicro, stocks } = await loadFixtures({ market: own });
    expect(hkdMicro).toEqual({ HKD: 1_000_000, CNY: 1_100_000 });
    expect(stocks.length).toBeGreaterThan(0);
  });

  it('may give a password in clear, which is hashed and not kept', async () => {
    const own = await market('users.json', ({ status, source }) => ({
      status,
      source,
      users: [
        {
          participant: 'B09901',
          id: 'ME',
          name: 'Me',
          role: 'maker',
          password: 'my own word 1',
          passwordSetAt: '2021-07-01T09:00',
          inputLimitHkdCents: null,
        },
      ],
    }));
    const users = (await loadFixtures({ market: own })).users.filter(({ service }) => service === undefined);
    expect(users).toHaveLength(1);
    expect(users[0]?.passwordHash).toMatch(/^scrypt\$16384\$8\$1\$/);
    expect(users[0]?.passwordSetAt).toBe(instant('2021-07-01T09:00'));
    expect(JSON.stringify(users)).not.toContain('my own word');
  });

  it('may have other participants than the rehearsals of the package register', async () => {
    const own = await folder();
    await cp(MARKET, own, { recursive: true });
    for (const name of ['participants', 'users', 'accounts', 'holdings', 'money', 'due-positions']) {
      const file = join(own, `${name}.json`);
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll('B0990', 'B0980'));
    }
    // The folder of somebody who has never heard of ORP Online: the package's users of it stay out.
    await rm(join(own, 'orp-users.json'));
    const fixtures = await loadFixtures({ market: own, rehearsal: '2021-07-24' });
    expect(fixtures.participants.map((row) => row.id)).toContain('B09801');
    expect(fixtures.users.filter((row) => row.service === 'orp')).toEqual([]);
  });

  it('is refused with everything that is wrong at once: file, place, what came, what was expected (BAD_FILE)', async () => {
    const own = await folder();
    const broken = async (name: string, change: (text: string) => string) =>
      writeFile(join(own, name), change(await readFile(join(MARKET, name), 'utf8')));
    await broken('stocks.json', (text) =>
      text
        .replace('KYG217651051', 'KYG217651052')
        .replace('"priceMilli": 79500', '"priceMilli": "79.5"')
        .replace('"boardLot": 1000', '"boardLott": 1000'),
    );
    await broken('holidays.json', (text) => text.replace('"2021-01-01"', '"2021-02-30"'));
    await broken('fx.json', (text) => text.slice(0, -10));
    const { problems, refusal, message } = await refused({ market: own, rehearsal: '2021-07-25' });
    const told = problems.map(({ file, path }) => `${file.split('/').at(-1)} ${path}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'stocks.json stocks[1].priceMilli',
        'stocks.json stocks[2].boardLott',
        'stocks.json stocks[2].boardLot',
        'holidays.json holidays[0].date',
        'fx.json ',
        'rehearsal ',
      ]),
    );
    expect(refusal.refusal).toBe('BAD_FILE');
    expect(message).toContain('stocks[1].priceMilli: got "79.5", expected integer');
    expect(message).toContain('did you mean "boardLot"?');
    expect(message).toContain('did you mean "2021-07-24"?');
    expect(message).toContain('got "2021-02-30", expected a date such as 2021-07-24');
  });

  const cases: readonly (readonly [string, string, (content: FileContent) => unknown, string, RegExp])[] = [
    [
      'a wrong check digit',
      'stocks.json',
      (c) => edit(c, 'stocks', 0, { isin: 'KYG217651052' }),
      'stocks[0].isin',
      /check digit, 1/,
    ],
    [
      'a stock twice',
      'stocks.json',
      (c) => edit(c, 'stocks', 1, { code: '00001' }),
      'stocks[1]',
      /a unique key: stocks\[0\]/,
    ],
    [
      'a holding of an unknown stock',
      'holdings.json',
      (c) => edit(c, 'holdings', 0, { stock: '99999' }),
      'holdings[0].stock',
      /a stock of stocks\.json/,
    ],
    [
      'a holding in an unknown account',
      'holdings.json',
      (c) => edit(c, 'holdings', 0, { account: '77' }),
      'holdings[0].account',
      /an account of B09901/,
    ],
    [
      'a user of an unknown participant',
      'users.json',
      (c) => edit(c, 'users', 0, { participant: 'B09909' }),
      'users[0].participant',
      /did you mean "B0990/,
    ],
    [
      'a user with two passwords',
      'users.json',
      (c) => edit(c, 'users', 0, { password: 'x' }),
      'users[0]',
      /one of the two/,
    ],
    [
      'an account of an unknown participant',
      'accounts.json',
      (c) => edit(c, 'accounts', 0, { participant: 'X00000' }),
      'accounts[0].participant',
      /a participant of/,
    ],
    [
      'an unknown sub-account',
      'money.json',
      (c) => edit(c, 'ledgers', 0, { balancesCents: { setlement: 1 } }),
      'ledgers[0].balancesCents.setlement',
      /did you mean "settlement"/,
    ],
    [
      'a due position of a custodian',
      'due-positions.json',
      (c) => edit(c, 'duePositions', 0, { participant: 'C09901' }),
      'duePositions[0].participant',
      /only they have due positions/,
    ],
    [
      'a due position on a Saturday',
      'due-positions.json',
      (c) => edit(c, 'duePositions', 0, { settlementDate: '2021-07-24' }),
      'duePositions[0].settlementDate',
      /a business day/,
    ],
    [
      'a due position in another currency',
      'due-positions.json',
      (c) => edit(c, 'duePositions', 0, { currency: 'CNY' }),
      'duePositions[0].currency',
      /HKD, the currency of stock/,
    ],
    [
      'a currency without a rate',
      'fx.json',
      (c) => edit(c, 'rates', 1, { currency: 'USD' }),
      'rates',
      /a rate for every currency/,
    ],
    [
      'hours that end before they begin',
      'service-hours.json',
      (c) => edit(c, 'hours', 0, { to: '07:00' }),
      'hours[0].to',
      /a time after/,
    ],
    [
      'hours of an unknown operation',
      'service-hours.json',
      (c) => edit(c, 'hours', 0, { operations: ['log-on'] }),
      'hours[0].operations[0]',
      /did you mean "logon"/,
    ],
    [
      'a note about no rule',
      'access.json',
      (c) => edit(c, 'notes', 0, { about: 'idleMinute' }),
      'notes[0].about',
      /did you mean "idleMinutes"/,
    ],
    [
      'an unknown rule',
      'access.json',
      (c) => ({ ...c, maxWrongPassword: 5 }),
      'maxWrongPassword',
      /did you mean "maxWrongPasswords"/,
    ],
    [
      'a negative price',
      'stocks.json',
      (c) => edit(c, 'stocks', 0, { priceMilli: -1 }),
      'stocks[0].priceMilli',
      /at least 1/,
    ],
  ];
  it.each(cases)('names %s', async (_, name, change, path, expected) => {
    const own = await market(name, change);
    const { problems } = await refused({ market: own });
    const found = problems.find((problem) => problem.path === path);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(found?.expected).toMatch(expected);
    expect(found?.file).toContain(name);
  });

  it('names a file that no market has, an empty folder and a folder that is not there', async () => {
    const own = await folder();
    expect((await refused({ market: own })).message).toContain('no JSON file');
    await writeFile(join(own, 'stock.json'), '{}');
    expect((await refused({ market: own })).message).toContain('did you mean "stocks.json"?');
    expect((await refused({ market: join(own, 'none') })).message).toContain('an unreadable folder (ENOENT)');
  });
});

describe('layouts and reports of the user', () => {
  it('are laid over those of the package by ID', async () => {
    const own = await folder();
    await writeFile(join(own, 'ZSIUP01.json'), '{ "id": "ZSIUP01", "mine": true }');
    const { layouts } = await loadFixtures({ layouts: own });
    expect(layouts.ZSIUP01).toEqual({ id: 'ZSIUP01', mine: true });
    expect(layouts).toHaveProperty('ZSICR01');
  });

  it('are refused if the ID is not that of the file, or the layout does not exist', async () => {
    const own = await folder();
    const report = JSON.parse(await readFile(join(MARKET, '..', 'reports', 'ZSBAL01.json'), 'utf8'));
    await writeFile(join(own, 'ZSBAL02.json'), JSON.stringify({ ...report, layout: 'ZSBAL02' }));
    const { problems } = await refused({ reports: own });
    expect(problems.map(({ path }) => path)).toEqual(['id', 'layout']);
  });

  it('are refused if nothing makes them, with the next step', async () => {
    const own = await folder();
    const report = JSON.parse(await readFile(join(MARKET, '..', 'reports', 'ZSBAL01.json'), 'utf8'));
    await writeFile(join(own, 'ZSBAL02.json'), JSON.stringify({ ...report, id: 'ZSBAL02' }));
    const { problems } = await refused({ reports: own });
    expect(problems).toEqual([
      expect.objectContaining({ path: 'made', expected: expect.stringContaining('docs/adding-a-report.md') }),
    ]);
  });

  it('say how the times may be written', async () => {
    const own = await folder();
    const report = JSON.parse(await readFile(join(MARKET, '..', 'reports', 'ZSBAL01.json'), 'utf8'));
    await writeFile(
      join(own, 'ZSBAL01.json'),
      JSON.stringify({ ...report, made: { daily: '8:30' }, available: 'soon' }),
    );
    const { problems } = await refused({ reports: own });
    expect(problems.map(({ path, expected }) => [path, expected])).toEqual([
      [
        'made',
        '"at once", { "daily": "20:30" } or { "daily": [{ "at": "11:00" }, { "at": "14:00", "on": "before long holidays" }] }',
      ],
      ['available', '"at once", { "sameDay": "11:45" } or { "nextDay": "08:00" }'],
    ]);
  });
});

describe('runs of a day', () => {
  it('of a report are each at a time of their own', async () => {
    const own = await folder();
    const report = JSON.parse(await readFile(join(MARKET, '..', 'reports', 'CRMMG01.json'), 'utf8'));
    await writeFile(
      join(own, 'CRMMG01.json'),
      JSON.stringify({ ...report, made: { daily: [{ at: '11:00' }, { at: '11:00', on: ['2021-07-26'] }] } }),
    );
    const { problems } = await refused({ reports: own });
    expect(problems).toMatchObject([{ path: 'made.daily[1].at', came: '"11:00"' }]);
  });

  it('before a long holiday are on business days, each named once', async () => {
    const own = await folder();
    const file = JSON.parse(await readFile(join(MARKET, 'holidays.json'), 'utf8'));
    const name = { en: 'A long one', zh: '長假' };
    const longHolidays = ['2021-02-12', '2021-02-10', '2021-02-10'].map((day) => ({ name, lastFullTradingDay: day }));
    await writeFile(join(own, 'holidays.json'), JSON.stringify({ ...file, longHolidays }));
    const { problems } = await refused({ market: own });
    expect(problems.map(({ path }) => path).sort()).toEqual(['longHolidays[0].lastFullTradingDay', 'longHolidays[2]']);
  });

  it('need no list of long holidays', async () => {
    const own = await folder();
    const { longHolidays: _, ...file } = JSON.parse(await readFile(join(MARKET, 'holidays.json'), 'utf8'));
    await writeFile(join(own, 'holidays.json'), JSON.stringify(file));
    expect((await loadFixtures({ market: own })).beforeLongHolidays.size).toBe(0);
  });
});

/** The file with some members of one row replaced. */
function edit(content: FileContent, rows: string, index: number, members: object): unknown {
  const list = content[rows];
  if (!Array.isArray(list)) throw new Error(`no rows at ${rows}`);
  return { ...content, [rows]: list.map((row, i) => (i === index ? { ...row, ...members } : row)) };
}
