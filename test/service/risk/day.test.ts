import { describe, expect, it } from 'vitest';
import { formatHkt, instant } from '../../../src/domain/calendar/calendar.ts';
import type { DuePosition } from '../../../src/domain/nouns/market.ts';
import { riskSetup } from '../../../src/harness/risk-setup.ts';
import type { Fixtures } from '../../../src/loading/loading.ts';
import { imrpfInForce } from '../../../src/service/risk/imrpf-in-force.ts';
import { clearingParticipants } from '../../../src/service/risk/margin-figures.ts';
import { ofKind } from '../../support/of-kind.ts';
import { type Platform, platform } from '../../support/risk-platform.ts';

const packages = ({ books }: Platform) => [...books.all('rapFile')];
const lineOf = ({ books }: Platform, key: string, instrument: string) =>
  books.get('marginRun', key)?.positions.find((line) => line.instrument === instrument);

describe('the packages of Friday', () => {
  it('are there on Saturday, with their own times, control file last', async () => {
    await using orp = await platform('2021-07-24T16:25', { rehearsal: '2021-07-24' });
    await orp.centre.service.riskRuns.pending();
    const files = packages(orp);
    const days = new Set(files.map(({ folder, businessDate }) => `${folder} ${businessDate}`));
    expect([...days].sort()).toEqual(['COMMON 2021-07-23', 'INBOX 2021-07-23', 'RPF 2021-07-22', 'RPF 2021-07-23']);
    const summary = files.filter(({ reportId, participant }) => reportId === 'RMAMR03' && participant === 'B09901');
    expect(summary.map(({ name, publishedAt }) => `${name} ${formatHkt(publishedAt)}`)).toEqual(
      [
        ['1100', '11:30'],
        ['1645', '17:15'],
        ['2030', '21:00'],
      ].flatMap(([snapshot, time]) =>
        ['D', 'C'].map((part) => `RMAMR03_B09901_20210723_${snapshot}_${part}.zip 2021-07-23 ${time} HKT`),
      ),
    );
    // A custodian has no part in it.
    expect(files.filter(({ participant }) => participant.startsWith('C0') && participant !== 'COMMON')).toEqual([]);
  });

  it('are the same bytes from the same seed and commands, others from another seed', async () => {
    const made = async (seed: number) => {
      await using orp = await platform('2021-07-23T09:00', { seed });
      await orp.trade({ participant: 'B09901', side: 'buy', stock: '5', quantity: 4_000, price: '43.5' });
      await orp.at('2021-07-24T09:00');
      return packages(orp).map(({ name, sha256 }) => `${name} ${sha256}`);
    };
    const [first, again, other] = [await made(1), await made(1), await made(2)];
    expect(first.length).toBeGreaterThan(60);
    expect(again).toEqual(first);
    const differing = other.filter((row, n) => row !== first[n]).map((row) => row.split('_')[0]);
    expect(new Set(differing)).toEqual(new Set(['RPF01', 'RMAMR01', 'RMAMR03']));
  });

  it('are made once, however often they are requested', async () => {
    await using orp = await platform('2021-07-23T12:00');
    const { riskRuns } = orp.centre.service;
    await Promise.all([riskRuns.pending(), riskRuns.pending(), riskRuns.pending()]);
    const before = orp.centre.store.head().index;
    await riskRuns.pending();
    expect(orp.centre.store.head().index).toBe(before);
    expect(new Set(packages(orp).map(({ name }) => name)).size).toBe(packages(orp).length);
  });
});

it('a large risk parameter file notes its progress in the journal', async () => {
  await using orp = await platform('2021-07-23T20:00', {
    setup: (fixtures, since) => riskSetup(fixtures, 1, since, { imrpfInstruments: 250 }),
  });
  await orp.centre.service.riskRuns.pending();
  const noted = ofKind(await orp.journal.query({ kinds: ['run'] }), 'run').map(({ detail }) => detail);
  expect(noted.filter(({ run }) => run === 'RPF01').slice(0, 5)).toEqual([
    ...[0, 25, 50, 75].map((percent) => ({
      ...{ run: 'RPF01', date: '2021-07-21', percent, done: { records: expect.any(Number) } },
    })),
    expect.objectContaining({ run: 'RPF01', date: '2021-07-21', done: { packages: 1 } }),
  ]);
});

describe('a trade', () => {
  it('is a due position at once and margined from the next run on, an SI never', async () => {
    await using orp = await platform('2021-07-26T10:30');
    await orp.trade(
      { participant: 'B09901', side: 'buy', stock: '16', quantity: 5_000, price: '115.2' },
      { participant: 'B09901', side: 'sell', stock: '16', quantity: 1_500, price: '115' },
    );
    const due = orp.books.duePositionsOf('B09901').find(({ stock }) => stock === '00016');
    expect(due).toMatchObject({ quantity: 3_500, amountCents: 40_350_000, settlementDate: '2021-07-28', kind: 'CNS' });
    // The runs of Friday were done before it, and do not include it.
    expect(lineOf(orp, 'B09901/2021-07-23/2030', '16')).toBeUndefined();
    await orp.at('2021-07-26T11:00');
    expect(lineOf(orp, 'B09901/2021-07-26/1100', '16')).toEqual({
      ...{ instrument: '16', quantity: 3_500, contractValue: 403_500, marketValue: 402_500 },
    });
  });

  it('is entered with all the others or not at all (BAD_REQUEST)', async () => {
    await using orp = await platform('2021-07-26T10:30');
    const before = orp.books.size('trade');
    const good = { participant: 'B09901', side: 'buy', stock: '16', quantity: 5_000, price: '115.2' } as const;
    const answer = await orp.centre.service.addTrades([good, { ...good, stock: '99999' }, { ...good, price: 'x' }]);
    expect(answer).toMatchObject({ refusal: 'BAD_REQUEST', more: { rows: [{ row: 2 }, { row: 3 }] } });
    expect(orp.books.size('trade')).toBe(before);
  });
});

describe('what a run uses', () => {
  it('is the risk parameter file of the previous business day, also at 20:30', async () => {
    await using orp = await platform('2021-07-24T16:25');
    await orp.at('2021-07-26T20:59');
    for (const snapshot of ['1100', '1645', '2030'])
      expect(orp.books.get('marginRun', `B09901/2021-07-26/${snapshot}`)?.imrpf.businessDate).toBe('2021-07-23');
    const context = { store: orp.centre.store, risk: orp.risk };
    expect((await imrpfInForce(context, orp.clock.now()))?.businessDate).toBe('2021-07-23');
    await orp.at('2021-07-26T21:00');
    const now = await imrpfInForce(context, orp.clock.now());
    expect([now?.businessDate, now?.imrpf.parameters.valuationDate]).toEqual(['2021-07-26', '2021-07-26']);
  });

  it('is read back from its package as it was made', async () => {
    await using orp = await platform('2021-07-24T16:25');
    await orp.centre.service.riskRuns.pending();
    const made = await imrpfInForce({ store: orp.centre.store, risk: orp.risk }, orp.clock.now());
    const emptied = { ...orp.risk, imrpfCache: orp.emptyCache() };
    const read = await imrpfInForce({ store: orp.centre.store, risk: emptied }, orp.clock.now());
    expect(read?.imrpf).not.toBe(made?.imrpf);
    expect(read).toEqual(made);
  });

  it('are pledges from the first run after them, and corporate actions from their ex-date', async () => {
    await using orp = await platform('2021-07-24T16:25');
    await orp.centre.service.riskRuns.pending();
    // SSC of 1,000 shares of 9988, made on Friday at 10:00; SCC on 5 at 12:00.
    expect(lineOf(orp, 'B09901/2021-07-23/1100', '9988')?.quantity).toBe(-2_000);
    expect(lineOf(orp, 'B09903/2021-07-23/1100', '5')?.quantity).toBe(12_000);
    expect(lineOf(orp, 'B09903/2021-07-23/2030', '5')?.quantity).toBeLessThan(12_000);
    // The dividend of 5 and the rights of 2318 go ex on Friday.
    expect(lineOf(orp, 'B09903/2021-07-23/1100', 'DIV5')).toMatchObject({ quantity: 0, contractValue: -6_600 });
    expect(lineOf(orp, 'B09902/2021-07-23/1100', 'SRI2318')).toMatchObject({ quantity: 1_000, marketValue: 4_500 });
  });
});

describe('a run that cannot be done', () => {
  it('is in the journal once, and does not stop the others', async () => {
    const noReport = (fixtures: Fixtures) => ({
      ...fixtures,
      riskCatalogue: fixtures.riskCatalogue.filter(({ id }) => id !== 'RMAMR01'),
    });
    await using orp = await platform('2021-07-24T16:25', { change: noReport });
    await orp.centre.service.riskRuns.pending();
    await orp.centre.service.riskRuns.pending();
    const faults = ofKind(await orp.journal.query({ kinds: ['error'] }), 'error').map(({ detail }) => detail.what);
    expect(faults).toEqual(['11:00', '16:45', '20:30'].map((at) => `the run margin ${at} of 2021-07-23 failed`));
    expect(orp.books.get('run', 'RPF01/2021-07-23')).toBeDefined();
  });

  it('for some participants, here without the rate of a currency, is done for all others', async () => {
    const noRates = (fixtures: Fixtures) => ({ ...fixtures, riskRules: { ...fixtures.riskRules, currencies: {} } });
    await using orp = await platform('2021-07-24T16:25', { change: noRates });
    await orp.centre.service.riskRuns.pending();
    const run = orp.books.get('run', 'margin 20:30/2021-07-23');
    const lacking = Object.keys(run?.notMade?.reasons ?? {});
    const clearing = clearingParticipants(orp.centre).map(({ id }) => id);
    const others = clearing.filter((id) => !lacking.includes(id));
    expect([lacking.length > 0, others.length > 0]).toEqual([true, true]);
    for (const id of lacking) {
      expect(run?.notMade?.reasons[id]?.en).toContain('HKD for one CNY and its haircut');
      expect(orp.books.get('marginRun', `${id}/2021-07-23/2030`)).toBeUndefined();
    }
    for (const id of others) expect(orp.books.get('marginRun', `${id}/2021-07-23/2030`)).toBeDefined();
    const entries = ofKind(await orp.journal.query({ kinds: ['report'] }), 'report');
    expect(new Set(entries.map(({ participant }) => participant))).toEqual(new Set(lacking));
  });
});

describe('at 14:00 before a long holiday', () => {
  it('what is due that day is left out, and at 11:00 a prepayment offsets it', async () => {
    const before = '2021-04-01';
    const due: DuePosition = {
      ...{ participant: 'B09901', stock: '00005', market: 'HKMK', settlementDate: before, quantity: 1_000 },
      ...({ currency: 'HKD', amountCents: 4_400_000, kind: 'CNS' } as const),
    };
    const prepaid = { reference: 'P1', participant: 'B09901', kind: 'prepayment', from: instant(`${before}T09:30`) };
    await using orp = await platform(`${before}T09:00`, {
      change: (fixtures) => ({
        ...fixtures,
        duePositions: [due, { ...due, settlementDate: '2021-04-07', quantity: 500, amountCents: 2_200_000 }],
        trades: [],
        // Half of what is payable today.
        pledges: [{ ...prepaid, kind: 'prepayment', currency: 'HKD', amountCents: 2_200_000 }],
      }),
    });
    await orp.at(`${before}T22:00`);
    const quantity = (snapshot: string) => lineOf(orp, `B09901/${before}/${snapshot}`, '5')?.quantity;
    expect(['1100', '1400', '1645', '2030'].map(quantity)).toEqual([1_000, 500, 500, 500]);
  });
});

describe('from the first seeded day on', () => {
  it('the market has positions at any date: those of the two business days before, and then each day’s', async () => {
    await using orp = await platform('2024-03-06T09:00', { seed: 5 });
    const days = () => [...new Set([...orp.books.all('trade')].map(({ tradeDate }) => tradeDate))].sort().slice(-3);
    expect(days().slice(-2)).toEqual(['2024-03-04', '2024-03-05']);
    await orp.at('2024-03-06T11:00');
    expect(days()).toEqual(['2024-03-04', '2024-03-05', '2024-03-06']);
    const runs = [...orp.books.all('marginRun')].filter(({ businessDate }) => businessDate === '2024-03-06');
    expect(runs.map(({ positions }) => positions.length > 3)).toEqual([true, true, true]);
    // Every buyer has a seller.
    const sum = (side: string) =>
      [...orp.books.all('trade')].reduce((all, trade) => all + (trade.side === side ? trade.amountCents : 0), 0);
    expect(sum('buy')).toBe(sum('sell'));
    // A run that is done late leaves out later trades, though the books have them by then.
    await using late = await platform('2024-03-06T12:00', { seed: 5 });
    expect([...late.books.all('trade')].some(({ tradeDate }) => tradeDate === '2024-03-06')).toBe(true);
    await late.centre.service.riskRuns.pending();
    const ofTheDayBefore = ({ books }: Platform) => books.get('marginRun', 'B09901/2024-03-05/2030')?.positions;
    expect(ofTheDayBefore(late)).toEqual(ofTheDayBefore(orp));
  });
});

describe('RMADF01', () => {
  it('comes on the first business day of the month, with the collateral of an expected loss above the limit', async () => {
    const change = (fixtures: Fixtures) => {
      const members = new Map(fixtures.riskRules.members);
      const rules = members.get('B09902') ?? fixtures.riskRules.otherMembers;
      members.set('B09902', { ...rules, dailyEul: '3650000001.5' });
      return { ...fixtures, riskRules: { ...fixtures.riskRules, members } };
    };
    await using orp = await platform('2021-07-02T09:00', { change });
    await orp.at('2021-07-02T10:30');
    const row = async (participant: string) =>
      (await orp.csv('RMADF01', participant, '2021-07-02', '1030')).split('\r\n')[1];
    expect(await row('B09901')).toBe('02/07/2021,B09901,12500000,3650000000,0');
    expect(await row('B09902')).toBe('02/07/2021,B09902,3650000001.5,3650000000,1.5');
  });
});
