import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MarginRun } from '../../../src/domain/risk/margin-run.ts';
import type { SimulationRequest } from '../../../src/service/orp/simulation-request.ts';
import type { Simulation } from '../../../src/service/orp/simulations.ts';
import { ofKind } from '../../support/of-kind.ts';
import { aTurn, CALLER, type OrpCentre, orpCentre, taken } from '../../support/orp-centre.ts';

const ACCOUNT = 'HK B09901 MA1';
const A: SimulationRequest = { path: 'A', account: ACCOUNT };
/** So many scenarios that it takes a while. */
const LONG = {
  id: 'ZLONG',
  name: { en: 'Long', zh: '長' },
  scenarios: Array.from({ length: 400 }, (_, i) => ({
    ...{ number: i + 1, name: { en: String(i), zh: String(i) }, index: `-0.${i + 100}` },
  })),
};
const long: SimulationRequest = { path: 'B', account: ACCOUNT, type: 'Stress Test', stressedScenarioSet: 'ZLONG' };

let at: OrpCentre;
beforeAll(async () => {
  at = await orpCentre({ stressSets: [LONG] });
});
afterAll(() => at[Symbol.asyncDispose]());

async function ended(simulation: Simulation): Promise<Simulation> {
  while (simulation.status === 'waiting' || simulation.status === 'running') await aTurn();
  return simulation;
}
const noted = async (reference: string) => {
  const entries = await at.journal.query({ kinds: ['simulation'] });
  return ofKind(entries, 'simulation')
    .filter(({ detail }) => detail.reference === reference)
    .map(({ detail }) => detail.what);
};

describe('a long simulation', () => {
  it('reports its progress, and lets other work run between its steps', async () => {
    const session = at.session();
    const simulation = taken(await at.orp.simulate(session, long, CALLER));
    expect([simulation.status, simulation.done, simulation.total]).toEqual(['waiting', 0, null]);
    const seen: number[] = [];
    while (simulation.status !== 'done') {
      await aTurn();
      seen.push(simulation.done);
    }
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
    expect([simulation.done, simulation.total]).toEqual([400, 400]);
    expect(simulation.result?.stress?.scenarios[0]?.number).toBe(400);
    expect(await noted(simulation.reference)).toEqual(['requested', 'done']);
  });

  it('is waited for by a move of market time', async () => {
    const simulation = taken(await at.orp.simulate(at.session(), long, CALLER));
    expect(simulation.status).toBe('waiting');
    await at.orp.idle();
    expect(simulation.status).toBe('done');
  });

  it('that is cancelled stops there and is gone (NOT_FOUND)', async () => {
    const session = at.session();
    const simulation = taken(await at.orp.simulate(session, long, CALLER));
    while (simulation.done === 0) await aTurn();
    taken(at.orp.cancelSimulation(session, simulation.reference, CALLER));
    const done = simulation.done;
    for (let turn = 0; turn < 20; turn++) await aTurn();
    expect([simulation.status, simulation.done]).toEqual(['running', done]);
    expect(at.orp.simulation(session, simulation.reference)).toMatchObject({ refusal: 'NOT_FOUND' });
    expect(await noted(simulation.reference)).toEqual(['requested', 'cancelled']);
  });

  it('is one of at most two of a user, counted for each user (TOO_MANY_SIMULATIONS)', async () => {
    const [session, colleague] = [at.session('RISK07'), at.session('RISK08')];
    const first = taken(await at.orp.simulate(session, long, CALLER));
    taken(await at.orp.simulate(session, long, CALLER));
    const third = await at.orp.simulate(session, long, CALLER);
    expect(third).toMatchObject({ refusal: 'TOO_MANY_SIMULATIONS', detail: { en: expect.stringMatching(/DELETE/) } });
    const theirs = taken(await at.orp.simulate(colleague, long, CALLER)).reference;
    expect(at.orp.simulation(session, theirs)).toMatchObject({ refusal: 'NOT_FOUND' });
    expect(at.orp.cancelSimulation(session, theirs, CALLER)).toMatchObject({ refusal: 'NOT_FOUND' });
    expect(at.orp.simulations(colleague).map(({ reference }) => reference)).toEqual([theirs]);
    taken(at.orp.cancelSimulation(session, first.reference, CALLER));
    taken(await at.orp.simulate(session, long, CALLER));
    at.orp.forgetSimulations();
    expect(at.orp.simulations(session)).toEqual([]);
  });
});

it('of a user the twenty newest are kept, the newest first', async () => {
  const session = at.session('RISK09');
  const references: string[] = [];
  for (let n = 0; n < 22; n++) {
    references.push((await ended(taken(await at.orp.simulate(session, A, CALLER)))).reference);
  }
  expect(at.orp.simulations(session).map(({ reference }) => reference)).toEqual(references.slice(2).toReversed());
});

it('is not taken on by a centre that stopped leading while the body was read (CENTRE_STANDBY)', async () => {
  const session = at.session('RISK10');
  at.centre.admitting = false;
  expect(at.orp.simulate(session, A, CALLER)).toMatchObject({ refusal: 'CENTRE_STANDBY' });
  at.centre.admitting = true;
  expect(at.orp.simulations(session)).toEqual([]);
});

describe('a simulation that cannot be computed fails', () => {
  async function failed(change: Partial<MarginRun>, snapshot: string): Promise<Simulation> {
    const run = at.runs('B09903').at(-1);
    if (!run) throw new Error('Friday had no run');
    await at.keep({ ...run, businessDate: '2021-07-22', snapshot, ...change });
    const usedPosition = { businessDate: '2021-07-22', snapshot };
    const asked: SimulationRequest = { path: 'B', account: 'HK B09903 MA1', usedPosition, usedPrices: usedPosition };
    return ended(taken(await at.orp.simulate(at.session('RISK01', 'B09903'), asked, CALLER)));
  }

  it('naming the figure that is too large', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const position = (instrument: string) => ({ instrument, quantity: 1, contractValue: 0, marketValue: most });
    const { status, faults, result } = await failed({ positions: [position('5'), position('700')] }, '0800');
    expect([status, result]).toEqual(['failed', null]);
    expect(faults).toEqual([
      {
        en: expect.stringMatching(/: got .*, expected no more than/),
        zh: expect.stringMatching(/計算結果為 .*，不得大於/),
      },
    ]);
  });

  it('and after an internal error, the journal has it', async () => {
    const lost = { businessDate: '2021-07-21', sha256: 'f'.repeat(64) };
    const { status, faults, reference } = await failed({ imrpf: lost }, '0801');
    expect([status, faults[0]]).toEqual([
      'failed',
      {
        en: expect.stringMatching(/error in the harness/),
        zh: expect.stringMatching(/模擬系統本身/),
      },
    ]);
    const [error] = ofKind(await at.journal.query({ kinds: ['error'] }), 'error');
    expect(error?.detail.what).toContain(reference);
    expect(await noted(reference)).toEqual(['requested', 'failed']);
  });
});

describe('properties', () => {
  const stock = fc.constantFrom('5', '700', '80700', '1299', '26883', '1024', '17777', '2800');
  const trade = fc.record({ instrument: stock, quantity: fc.integer({ min: 1, max: 9_999_999 }) });

  it('path A gives the margin of the last run, for every clearing participant', async () => {
    for (const participant of ['B09901', 'B09902', 'B09903']) {
      const session = at.session('RISK01', participant);
      const account = `HK ${participant} MA1`;
      const simulation = await ended(taken(await at.orp.simulate(session, { path: 'A', account }, CALLER)));
      expect(simulation.result?.margin).toEqual(at.runs(participant).at(-1)?.result);
    }
  });

  it('hypothetical trades that offset each other change nothing', async () => {
    const session = at.session();
    const base = (await ended(taken(await at.orp.simulate(session, A, CALLER)))).result?.margin;
    const trades = fc.array(trade, { minLength: 1, maxLength: 8 });
    const runs = { numRuns: process.env.HARNESS_TEST_SIZE === 'full' ? 300 : 25 };
    await fc.assert(
      fc.asyncProperty(trades, async (bought) => {
        const rows = [...bought.map((one) => ['B', one] as const), ...bought.map((one) => ['S', one] as const)].map(
          ([side, { instrument, quantity }], i) => ({
            line: i + 1,
            cells: { instrument, side, quantity: String(quantity) },
          }),
        );
        const asked: SimulationRequest = { path: 'C', account: ACCOUNT, trades: { rows } };
        const simulation = await ended(taken(await at.orp.simulate(session, asked, CALLER)));
        expect(simulation.result?.margin).toEqual(base);
      }),
      runs,
    );
  });
});
