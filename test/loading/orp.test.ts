import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FixturesRefused, loadFixtures } from '../../src/loading/loading.ts';

const ORP = join(import.meta.dirname, '..', '..', 'fixtures', 'orp');
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
/** A market folder with these files; those of the risk platform stand in `orp/`. */
async function market(files: Readonly<Record<string, unknown>>): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'own-orp-'));
  folders.push(made);
  await mkdir(join(made, 'orp'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(made, name), JSON.stringify(content));
  return made;
}
const shipped = async (name: string) => JSON.parse(await readFile(join(ORP, name), 'utf8'));
async function refused(folder: string): Promise<string> {
  const error = await loadFixtures({ market: folder }).catch((reason: unknown) => reason);
  if (!(error instanceof FixturesRefused)) throw new Error(`not refused: ${String(error)}`);
  return error.message;
}

const ORIGIN = { status: 'assumed', source: 'of one’s own' };
const STOCK = {
  ...{ code: '00005', isin: 'GB0005405286', name: { en: 'HSBC', zh: '滙豐' }, market: 'HKMK', currency: 'HKD' },
  ...{ boardLot: 400, priceMilli: 43_500 },
};
const OWN_MARKET = {
  'participants.json': {
    ...ORIGIN,
    participants: [{ id: 'B00001', name: { en: 'A', zh: '甲' }, type: 'direct-clearing' }],
  },
  'stocks.json': { ...ORIGIN, stocks: [STOCK] },
  'users.json': {
    ...ORIGIN,
    users: [{ participant: 'B00001', id: 'M', name: 'M', role: 'maker', password: 'p', inputLimitHkdCents: null }],
  },
  'orp-users.json': { ...ORIGIN, users: [] },
  'accounts.json': { ...ORIGIN, accounts: [] },
  'holdings.json': { ...ORIGIN, holdings: [] },
  'due-positions.json': { ...ORIGIN, duePositions: [] },
};

describe('a market folder of one’s own', () => {
  it('without files of the risk platform has the package’s, less what names participants and stocks it lacks', async () => {
    const money = JSON.parse(await readFile(join(ORP, '..', 'market', 'money.json'), 'utf8'));
    const folder = await market({ ...OWN_MARKET, 'money.json': { ...money, ledgers: [] } });
    const { trades, pledges, announcements, riskRules, riskSchedule } = await loadFixtures({ market: folder });
    expect([trades, pledges, riskRules.securities, riskRules.structuredProducts, riskRules.newListings.stocks]).toEqual(
      [...[[], [], [], [], []]],
    );
    expect(announcements.map(({ stock }) => stock)).toEqual(['00005']);
    expect(riskRules.members.size).toBe(0);
    expect(riskRules.otherMembers.flatRateMultiplier).toBe('1');
    expect(riskSchedule.margin).toHaveLength(4);
  });

  it('has in orp/ what takes the package’s place, file by file', async () => {
    const folder = await market({ 'orp/schedule.json': { ...(await shipped('schedule.json')), holds: '2025' } });
    const { riskSchedule, trades } = await loadFixtures({ market: folder });
    expect(riskSchedule.holds).toBe('2025');
    expect(trades.length).toBeGreaterThan(0);
  });

  it.each([
    ['trades.json', 'trades', { stock: '99999' }, /orp\/trades\.json: trades\[0\]: got "99999", expected a stock/],
    ['trades.json', 'trades', { participant: 'C09901' }, /got "C09901", expected a clearing participant/],
    ['trades.json', 'trades', { account: '09951+' }, /trades\[0\]\.account: got "09951\+", expected no account/],
    ['trades.json', 'trades', { account: '9951' }, /account: got "9951", expected a non-clearing participant/],
    ['trades.json', 'trades', { tradeDate: '2021-07-24' }, /trades\[0\]\.tradeDate: .*a business day/],
    ['pledges.json', 'pledges', { kind: 'SCC' }, /pledges\[0\]\.tradeDate: got nothing/],
    [
      'announcements.json',
      'announcements',
      { cashDividend: 'much' },
      /cashDividend: got "much", expected a decimal text/,
    ],
  ])('is refused where %s does not fit', async (name, list, over, words) => {
    const content = await shipped(name);
    const rows = [{ ...content[list][0], ...over }, ...content[list].slice(1)];
    expect(await refused(await market({ [`orp/${name}`]: { ...content, [list]: rows } }))).toMatch(words);
  });

  it('is refused where a schedule lacks the time of a run, or names report times that are not there', async () => {
    const schedule = await shipped('schedule.json');
    const [first, ...others] = schedule.reportTimes;
    const lacking = { ...first, times: first.times.slice(1) };
    const folder = await market({
      'orp/schedule.json': { ...schedule, holds: '2020', reportTimes: [lacking, ...others] },
    });
    expect(await refused(folder)).toMatch(/holds: got "2020"[\s\S]*the time for 11:00/);
  });

  it('may list runs of the risk platform in a rehearsal of its own, by their names', async () => {
    const rehearsal = (run: string) => ({
      ...{
        ...ORIGIN,
        id: 'ours',
        title: { en: 'Ours', zh: '自訂' },
        suspended: { dates: ['2021-07-24'], status: 'assumed' },
      },
      runs: [{ run, at: '2021-07-24T17:00', status: 'assumed' }],
    });
    const file = join(await market({ 'ours.json': rehearsal('margin 20:30') }), 'ours.json');
    expect((await loadFixtures({ rehearsal: file })).rehearsal.runs).toMatchObject([{ run: 'margin 20:30' }]);
    await writeFile(file, JSON.stringify(rehearsal('margin 20:00')));
    await expect(loadFixtures({ rehearsal: file })).rejects.toThrow(/did you mean "margin 20:30"/);
  });
});
