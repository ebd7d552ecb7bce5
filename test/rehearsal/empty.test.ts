import { describe, expect, it } from 'vitest';
import { isBusinessDay } from '../../src/domain/calendar/calendar.ts';
import { belongsTo } from '../../src/domain/calendar/rehearsal.ts';
import { seededTrades } from '../../src/domain/risk/seeded-trades.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { createRandom } from '../../src/testbed/random.ts';
import { customMarket, withRules } from '../support/custom-market.ts';
import { played } from '../support/rehearsed.ts';

/** A count or a figure that says that nothing came. `0 failed` and the like are no answers. */
const NOTHING =
  /(^|[ :,;])(0 (accounts|balances|positions|records|rows|SIs|bytes|reports|messages|accepted))|: none\b|margin 0\b|total requirement 0\b/;

describe('an answer without anything in it is no success', () => {
  it.each(['2021-07-24', '2021-07-31', '2021-08-14'])(
    '%s has a week of trades before it: every figure comes, no OK is for an empty answer, and what is empty says why',
    async (day) => {
      const { steps, failures, empty } = await played(day);
      expect(failures).toEqual([]);
      expect(steps.filter(({ outcome, came }) => outcome === 'OK' && NOTHING.test(came))).toEqual([]);
      const without = steps.filter(({ outcome }) => outcome === 'EMPTY');
      expect(without).toHaveLength(empty);
      for (const { what, came } of without)
        expect([what, came]).toEqual([
          expect.stringMatching(/downloads (ZSMOV01|ZSILS01|DWH0303)_/),
          expect.stringMatching(
            /0 (rows|records), .*(no shares of it moved on|it had no settlement instruction on|no instrument is newly listed)/,
          ),
        ]);
      const said = steps.map(({ session, what, came }) => `${session} ${what}: ${came}`);
      for (const session of ['session-1', 'session-2'])
        for (const id of ['B09901', 'B09903']) {
          expect(said).toContainEqual(
            expect.stringMatching(
              new RegExp(`^${session} ${id} enquires its due and overdue positions: [1-9]\\d* positions`),
            ),
          );
          expect(said).toContainEqual(
            expect.stringMatching(
              new RegExp(
                `^${session} ${id} enquires the margin .*: margin [1-9]\\d*, total requirement [1-9]\\d*, (MTM requirement|favourable MTM) [1-9]\\d*, [1-9]\\d* positions, as in RAP$`,
              ),
            ),
          );
        }
      for (const report of ['CFIPM01', 'CRMMG01', 'CSEMA08', 'CSEMS08'])
        expect(said).toContainEqual(
          expect.stringMatching(new RegExp(`downloads ${report}_.*: \\d+ bytes, [1-9]\\d* rows, SHA-256`)),
        );
      for (const report of ['RMAMP01', 'RMAMR01', 'RMAMR03', 'RPF01', 'ZCAPA01', 'DWH0081C'])
        expect(said).toContainEqual(
          expect.stringMatching(new RegExp(`downloads ${report}_.* through RAP: [1-9]\\d* records`)),
        );
    },
  );

  it('in a market without trades, shares, money and stocks to margin, each task that expects figures fails and names the next step', async () => {
    await using market = await customMarket({
      'due-positions.json': (file) => ({ ...file, duePositions: [] }),
      'orp/trades.json': (file) => ({ ...file, trades: [] }),
      'holdings.json': (file) => ({ ...file, holdings: [] }),
      'money.json': (file) => ({ ...file, ledgers: [] }),
    });
    const { failures, steps } = await played('2021-07-24', await firstSession(), { market: market.folder });
    const failed = (what: RegExp, came: RegExp) =>
      expect(failures).toContainEqual(expect.stringMatching(new RegExp(`${what.source}: .*${came.source}`)));
    for (const id of ['B09901', 'B09903']) {
      failed(
        new RegExp(`${id} enquires its profile and stock balances`),
        /expected shares: add some to holdings\.json/,
      );
      failed(new RegExp(`${id} enquires its money ledger`), /expected balances: add some to money\.json/);
      failed(new RegExp(`${id} enquires its due and overdue positions`), /expected figures: enter trades/);
      failed(
        new RegExp(`${id} enquires the margin of its latest run.*`),
        /margin 0, .*0 positions.*; expected figures: enter trades/,
      );
    }
    failed(/B09901 types settlement instructions/, /it needs 200 shares of a stock and a counterparty/);
    failed(/B09901 makes a ZSIUP01.*/, /the lead needs a stock balance/);
    for (const report of ['CFIPM01', 'CRMMG01', 'CSEMA08', 'CSEMS08'])
      failed(new RegExp(`B09901 downloads ${report}_\\S+`), /0 rows, .*expected figures/);
    failed(/B09901 downloads ZSBAL01_\S+TXT/, /0 records, .*expected figures/);
    for (const report of ['RMAMP01', 'RMAMR01', 'RMAMR03'])
      failed(new RegExp(`B09901 downloads ${report}_\\S+ through RAP`), /expected figures: enter trades/);
    failed(/B09903 downloads them all through RAP/, /RMAMP01_B09903_\S+: 0 records, .*expected figures/);
    expect(steps.filter(({ outcome, came }) => outcome === 'OK' && NOTHING.test(came))).toEqual([]);
  });

  it('the trades of the weeks are those that the seed 2021 draws, as the file says, but for two days written by hand', async () => {
    const { trades, participants, stocks, holidays } = await loadFixtures({});
    const dates = [...new Set(trades.map(({ tradeDate }) => tradeDate))];
    const week = (from: number, month = '07') =>
      Array.from({ length: 5 }, (_, n) => `2021-${month}-${String(from + n).padStart(2, '0')}`);
    expect(dates).toEqual([...week(19), ...week(26), ...week(9, '08')]);
    const market = {
      clearing: participants
        .filter(({ type }) => belongsTo('clearing', type))
        .toSorted((x, y) => (x.id < y.id ? -1 : 1)),
      stocks: stocks.toSorted((x, y) => (x.code < y.code ? -1 : 1)),
      isBusinessDay: (date: string) => isBusinessDay(date, holidays),
    };
    const rules = { from: '2021-07-19', at: '10:30', trades: 4, largest: 400_000_000 };
    for (const date of dates) {
      const ofDay = trades.filter(({ tradeDate }) => tradeDate === date);
      // Every buyer has a seller.
      const signed = ofDay.map(
        ({ side, quantity, amountCents }) => (side === 'buy' ? 1 : -1) * (quantity + amountCents),
      );
      expect(signed.reduce((sum, one) => sum + one, 0)).toBe(0);
      if (date === '2021-07-22' || date === '2021-07-23') continue;
      let own = 0;
      const drawn = seededTrades(rules, market, date, createRandom(2021).stream(`trades ${date}`)).map((trade) => {
        const account = trade.participant === 'B09903' ? [undefined, '09951+', '09952+'][own++ % 3] : undefined;
        return account === undefined ? trade : { ...trade, account };
      });
      expect(ofDay).toEqual(drawn);
    }
  });
});

async function firstSession() {
  const { rehearsal } = await loadFixtures({ rehearsal: '2021-07-24' });
  return { rehearsal: { ...rehearsal, sessions: rehearsal.sessions.slice(0, 1), reports: [], rollBack: null } };
}

describe('on-line operations (circular row 19)', () => {
  const didOf = (steps: Awaited<ReturnType<typeof played>>['steps']) =>
    steps
      .filter(({ what }) => /^B09901 (types|changes|holds|deletes|inputs)|^the checker/.test(what))
      .map(({ session, centre, outcome, what, came }) => `${session} ${centre} ${outcome} ${what}: ${came}`);

  it('the lead types, changes, holds and deletes instructions and inputs an account transfer; an enquiry shows each', async () => {
    const { steps, failures } = await played('2021-07-24', await firstSession());
    expect(failures).toEqual([]);
    expect(didOf(steps)).toEqual([
      'session-1 backup OK the checker CHECK01 of B09901 logs on by C3T: release upgraded',
      'session-1 backup OK B09901 types 2 settlement instructions: the enquiry shows D00000001 unmatched, D00000002 unmatched',
      'session-1 backup OK the checker CHECK01 authorises D00000001: nothing waits for it, since the market has no maker and checker: WRONG_STATUS; the enquiry shows unmatched',
      'session-1 backup OK B09901 changes D00000001: quantity 200, amount 11500.00; the enquiry shows D00000001 unmatched',
      'session-1 backup OK B09901 holds D00000001: hold true; the enquiry shows D00000001 unmatched',
      'session-1 backup OK B09901 deletes D00000002: the enquiry shows D00000002 deleted',
      'session-1 backup OK B09901 inputs an account transfer: 100 shares of 00001 from 01 to 03; the enquiry shows A00000001 done',
      'session-1 backup OK the checker CHECK01 logs off: logged off',
    ]);
  });

  it('where the rules ask for maker and checker, the checker authorises what was typed and each change of it; transfers wait for their run', async () => {
    await using market = await customMarket({
      'settlement-day.json': withRules({ makerChecker: true, transfers: { daily: '17:30' } }),
    });
    const { steps, failures } = await played('2021-07-24', await firstSession(), { market: market.folder });
    expect(failures).toEqual([]);
    const authorised =
      'session-1 backup OK the checker CHECK01 authorises D00000001: the enquiry shows D00000001 unmatched';
    expect(didOf(steps)).toEqual([
      'session-1 backup OK the checker CHECK01 of B09901 logs on by C3T: release upgraded',
      'session-1 backup OK B09901 types 2 settlement instructions: the enquiry shows D00000001 pending for authorisation, D00000002 pending for authorisation',
      authorised,
      'session-1 backup OK B09901 changes D00000001: quantity 200, amount 11500.00; the enquiry shows D00000001 pending for authorisation',
      authorised,
      'session-1 backup OK B09901 holds D00000001: hold true; the enquiry shows D00000001 pending for authorisation',
      authorised,
      'session-1 backup OK B09901 deletes D00000002: the enquiry shows D00000002 deleted',
      'session-1 backup OK B09901 inputs an account transfer: 100 shares of 00001 from 01 to 03; the enquiry shows A00000001 waiting',
      'session-1 backup OK the checker CHECK01 logs off: logged off',
    ]);
  });

  it('without a checker what waits for authorisation fails, with the next step', async () => {
    await using market = await customMarket({
      'settlement-day.json': withRules({ makerChecker: true }),
      'users.json': (file) => ({
        ...file,
        users: (file.users as { role: string }[]).filter(({ role }) => role !== 'checker'),
      }),
    });
    const { failures } = await played('2021-07-24', await firstSession(), { market: market.folder });
    expect(failures[0]).toBe(
      'the checker - authorises D00000001: D00000001 waits for authorisation, but B09901 has no checker who is logged on: add one to users.json',
    );
  });

  it('session 2 finds at the primary centre what was typed at the backup centre; after the roll-back none of it is left', async () => {
    const { steps, failures } = await played('2021-07-24');
    expect(failures).toEqual([]);
    expect(
      steps
        .filter(({ what }) => what === 'B09901 looks for what it typed')
        .map(({ hongKong, centre, came }) => `${hongKong} ${centre} ${came}`),
    ).toEqual([
      '2021-07-24 20:30:00 HKT primary D00000001 unmatched, A00000001 done',
      '2021-07-26 08:00:00 HKT primary the 2 were taken back',
    ]);
  });
});

it('every step is told in both languages, and printed in the one asked for', async () => {
  const { steps, printed } = await played('2021-07-31', { language: 'zh' });
  const LATIN = /[a-z]{3,}/;
  // Names that have no Chinese: certificates, releases, sessions, accounts, members of the interface, lines of known_hosts.
  const NAMES =
    /(backup|primary) ccass-harness|upgraded|rolled back|production|session-\d|verification|\(\w+(-\w+)?\)|SHA256:\S+|quantity|amount|hold true|role risk|角色 risk|orp\/trades\.json|\.zip|ORP Online/g;
  const untold = steps.flatMap(({ zh }) =>
    [zh.what, zh.came].map((text) => text.replaceAll(NAMES, '')).filter((text) => LATIN.test(text)),
  );
  expect(untold).toEqual([]);
  expect(steps.filter(({ zh }) => !/\p{Script=Han}/u.test(zh.what))).toEqual([]);
  const printedSteps = printed.filter((line) => / (OK|EMPTY) /.test(line));
  expect(printedSteps).toHaveLength(steps.length);
  for (const [place, { zh }] of steps.entries()) expect(printedSteps[place]).toContain(zh.what);
});
