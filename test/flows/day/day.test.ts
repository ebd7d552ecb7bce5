import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../../src/harness/harness.ts';
import type { Harness } from '../../../src/harness/options.ts';
import { loadFixtures } from '../../../src/loading/loading.ts';
import { type Client, clientOf, type Rows } from '../../support/client.ts';
import { customMarket, withRules } from '../../support/custom-market.ts';
import { answered, FULL } from '../../support/rehearsal.ts';
import { temporary } from '../../support/up.ts';
import { curl, type DriverMaker, java, reference } from './drivers.ts';
import { DAY, type Place, playDay } from './scenario.ts';

const PLACES: readonly Place[] = ['primary', 'backup', 'fail-over'];
/** A fail-over in the middle is a day at both centres; the other places for those that take long are of test:full. */
const placesOf = (maker: DriverMaker) => (FULL || maker === reference ? PLACES : PLACES.slice(-1));

/** The one expectation that every driver is held to, wherever it was: what the books come to. */
const EXPECTED = {
  statuses: {
    B09901: { 'DAY-1': 'settled', 'DAY-2': 'settled', 'UP-1': 'settled', 'UP-2': 'unmatched' },
    B09902: { 'R-1': 'settled', 'R-2': 'settled', 'UR-1': 'settled' },
  },
  /** Shares that came or went since the morning, by account and stock. */
  moved: {
    B09901: { '01/00005': -600, '03/00005': 200, '01/00002': 1000, '01/00700': -1000 },
    B09902: { '01/00005': 400, '01/00002': -1000, '01/00700': 1000 },
  },
  /** Cents that came or went. */
  paid: {
    B09901: { 'HKD settlement': 36_740_000 },
    B09902: { 'HKD settlement': -36_740_000 },
  },
  authorisedBy: ['CHECK01'],
} as const;

describe('a whole day', () => {
  let market: Awaited<ReturnType<typeof customMarket>>;
  /** By place: the digest that the first driver's day came to, and who that was. */
  const digests = new Map<Place, readonly [digest: string, driver: string]>();
  /** Report by report, the SHA-256 that the first day came to; the same at every place. */
  let reports: readonly string[] | undefined;

  beforeAll(async () => {
    market = await customMarket({
      'settlement-day.json': withRules({ makerChecker: true }),
      // One that looks on, with the hash of another: a password in clear would be salted anew at each start.
      'users.json': (file) => {
        const users = file.users as readonly { participant: string; id: string }[];
        const like = users.find(({ participant, id }) => participant === 'B09901' && id === 'CHECK01');
        return { ...file, users: [...users, { ...like, id: 'CHECK02' }] };
      },
    });
  });
  afterAll(async () => {
    await market[Symbol.asyncDispose]();
    for (const maker of [curl, java, reference]) maker.end();
  });

  for (const maker of [curl, java, reference]) {
    describe.skipIf(!maker.here)(`by ${maker.name} (skipped only where there is none)`, () => {
      test.each(placesOf(maker))('at %s: the books come to the same', { timeout: 120_000 }, (place) =>
        oneDay(maker, place),
      );
    });
  }

  async function oneDay(maker: DriverMaker, place: Place): Promise<void> {
    await using folder = await temporary('ccass-day-');
    const start = { at: instant(`${DAY}T09:00`), clock: 'frozen', seed: 1, market: market.folder } as const;
    await using harness = await startHarness(start);
    const driver = await maker.on(harness, folder.path);
    try {
      await playDay(harness, driver, place, folder.path);
    } finally {
      driver[Symbol.dispose]?.();
    }

    const books = answered(await harness.control.books({}));
    expect(books.equal).toBe(true);
    const first = digests.get(place) ?? [books.centres.primary.digest, maker.name];
    digests.set(place, first);
    expect([books.centres.primary.digest, maker.name], `as by ${first[1]}`).toEqual([first[0], maker.name]);

    const made = answered(await harness.control.reports({}))
      // The printed control report names the centre that received the batch.
      .reports.filter(({ id, format }) => id !== 'ZSICR01' || format === 'data')
      .map(({ id, participant, format, businessDate, sha256 }) =>
        [businessDate, participant, id, format, sha256].join(' '),
      )
      .sort();
    reports ??= made;
    expect(made).toEqual(reports);

    for (const participant of ['B09901', 'B09902'] as const)
      expect(await endOf(harness, participant)).toEqual(endExpected(participant));
  }

  const endExpected = (participant: 'B09901' | 'B09902') => ({
    statuses: EXPECTED.statuses[participant],
    moved: EXPECTED.moved[participant],
    paid: EXPECTED.paid[participant],
    authorisedBy: EXPECTED.authorisedBy,
  });

  /** What an observer of its own sees at the end, against what the fixtures held in the morning. */
  async function endOf(harness: Harness, participant: string) {
    using observer: Client = clientOf({ url: harness.addresses.line, ca: harness.ca });
    await observer.logon({ participant, takeOver: true });
    const { holdings, moneyBalances } = await loadFixtures();
    const instructions = await observer.instructions();
    const balances = (await observer.ask('/ccass/v1/stock-balances?limit=1000')).json<
      Rows<{ account: string; stock: string; quantity: number }>
    >();
    const ledger = (await observer.ask('/ccass/v1/money-ledger')).json<
      Rows<{ currency: string; subAccount: string; balance: string }>
    >();
    return {
      statuses: Object.fromEntries(instructions.map((row) => [row.reference, row.status])),
      moved: difference(
        holdings
          .filter((row) => row.participant === participant)
          .map((row) => [`${row.account}/${row.stock}`, row.quantity]),
        balances.rows.map((row) => [`${row.account}/${row.stock}`, row.quantity]),
      ),
      paid: difference(
        moneyBalances
          .filter((row) => row.participant === participant)
          .map((row) => [`${row.currency} ${row.subAccount}`, Number(row.balanceCents)]),
        ledger.rows.map((row) => [`${row.currency} ${row.subAccount}`, Math.round(Number(row.balance) * 100)]),
      ),
      authorisedBy: [...new Set(instructions.map((row) => row.authorisedBy))],
    };
  }
});

/** What is another figure afterwards, and by how much. */
function difference(before: readonly (readonly [string, number])[], after: readonly (readonly [string, number])[]) {
  const was = new Map(before);
  const changes = after.map(([key, figure]) => [key, figure - (was.get(key) ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
