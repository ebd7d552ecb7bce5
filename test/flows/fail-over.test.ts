import { describe, expect, test } from 'vitest';
import { instant } from '../../src/domain/calendar/calendar.ts';
import type { LostChange } from '../../src/domain/change.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { createRandom } from '../../src/testbed/random.ts';
import { batchFile } from '../support/batch-files.ts';
import { type Batch, type Client, clientOf, type Instruction } from '../support/client.ts';
import { answered, batchesDone, everyNoted, FULL, noted, onTheLine } from '../support/rehearsal.ts';

const SWITCHES = FULL ? 100 : 12;
const CLIENTS = [
  { participant: 'B09901', user: 'MAKER01' },
  { participant: 'B09901', user: 'CHECK01' },
  { participant: 'B09902', user: 'MAKER01' },
  { participant: 'C09901', user: 'CHECK01' },
] as const;

/** What one client was told of one file. */
interface Told {
  readonly participant: string;
  readonly reference: string;
  readonly rows: number;
}

/** Numbers the files of each participant, whoever of its users sends them: 9,999 a day. */
function numbering() {
  const last = new Map<string, number>();
  return (participant: string) => {
    last.set(participant, (last.get(participant) ?? 0) + 1);
    return String(last.get(participant)).padStart(4, '0');
  };
}

/**
 * A client that never stops: uploads small files and enquires, by the one address it knows, and does what its refusals
 * say. What it was told of each file is its memory; it sends none again that was acknowledged.
 */
async function worker(
  harness: Harness,
  { place, seed, sequence }: { place: number; seed: number; sequence: (participant: string) => string },
  busy: () => boolean,
  told: (one: Told) => void,
) {
  const { participant, user } = CLIENTS[place] as (typeof CLIENTS)[number];
  const chance = createRandom(seed).stream(`client ${place}`);
  using client = onTheLine(harness);
  const errors: string[] = [];
  let loggedOn = false;

  /** Again and again, until there is a whole answer that is neither a session's end nor a switch. */
  async function insist(what: () => Promise<{ status: number; json<T>(): T }>) {
    for (;;) {
      try {
        if (!loggedOn) {
          const answer = await client.tryLogon({ participant, user, takeOver: true });
          if (answer.status === 201) {
            client.token = answer.json<{ token: string }>().token;
            loggedOn = true;
          } else if (answer.status !== 503) throw new Error(`log-on: ${answer.status} ${answer.body}`);
          continue;
        }
        const answer = await what();
        if (answer.status === 401) loggedOn = false;
        else if (answer.status !== 503) return answer;
      } catch (error) {
        const { code = String(error) } = error as NodeJS.ErrnoException;
        errors.push(code);
        if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
      }
    }
  }

  while (busy()) {
    const rows = chance.integer(1, 4);
    const details = Array.from({ length: rows }, () => ({ counterparty: 'L09901' }));
    const file = batchFile(details, { participant, sequence: sequence(participant) });
    const answer = await insist(() => client.upload(file));
    if (answer.status !== 202 && answer.status !== 200)
      throw new Error(`${answer.status} ${JSON.stringify(answer.json())}`);
    told({ participant, reference: answer.json<Batch>().reference, rows });
    if (chance.integer(0, 1) === 0) await insist(() => client.ask('/ccass/v1/settlement-instructions?limit=5'));
  }
  return errors;
}

/** All that a participant can see at the centre that is active. */
async function everything(client: Client) {
  const batches = (await client.ask('/ccass/v1/batches')).json<{ rows: Batch[] }>().rows;
  const balances = (await client.ask('/ccass/v1/stock-balances?limit=1000')).body.toString();
  const reports = (await client.ask('/ccass/v1/reports')).body.toString();
  return { batches, balances, reports, instructions: await client.instructions() };
}

async function atTheActive(harness: Harness) {
  const seen: Record<string, Awaited<ReturnType<typeof everything>>> = {};
  for (const participant of new Set(CLIENTS.map((one) => one.participant))) {
    using client = onTheLine(harness);
    await client.logon({ participant, takeOver: true });
    seen[participant] = await everything(client);
  }
  return seen;
}

describe.each([
  ['lag 0', 0],
  ['a lag of 5 s', 5000],
] as const)('switching to and fro under load, %s', (_, lagMs) => {
  test(`${SWITCHES} times, drained and cut`, { timeout: 300_000 }, async () => {
    const seed = 20210724 + lagMs;
    const chance = createRandom(seed).stream('switches');
    await using harness = await startHarness({ seed, lagMs, at: instant('2021-07-24T10:00'), clock: 'frozen' });
    const { control } = harness;
    const acknowledged: Told[] = [];
    const waiting = new Set<() => void>();
    const sequence = numbering();
    let busy = true;
    const workers = CLIENTS.map((__, place) =>
      worker(
        harness,
        { place, seed, sequence },
        () => busy,
        (one) => {
          acknowledged.push(one);
          for (const look of waiting) look();
        },
      ),
    );
    const failed = Promise.all(workers).then(() => undefined);
    /** Load goes on: so many more files are acknowledged. */
    const more = (count: number) => {
      const goal = acknowledged.length + count;
      const reached = new Promise<void>((resolve) => {
        const look = () => {
          if (acknowledged.length < goal) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
      return Promise.race([reached, failed]);
    };

    const lost: LostChange[] = [];
    const lostBatches = new Set<string>();
    for (let n = 0; n < SWITCHES; n++) {
      await more(chance.integer(1, 12));
      if (lagMs > 0 && chance.integer(0, 2) > 0) answered(await control.clock({ advanceMs: chance.integer(0, lagMs) }));
      const to = n % 2 === 0 ? 'backup' : 'primary';
      const mode = chance.integer(0, 1) === 0 ? 'drain' : 'cut';
      const report = answered(await control.failover({ to, mode }));
      expect(report).toMatchObject({ to, mode, epoch: n + 2 });
      if (mode === 'drain') expect([report.lost, report.lostBatches]).toEqual([[], []]);
      else expect(report.shipped).toBe(0);
      lost.push(...report.lost);
      for (const reference of report.lostBatches) lostBatches.add(reference);
      using stranger = clientOf({ url: harness.addresses.line, ca: harness.ca });
      const answer = await stranger.ask('/centre');
      expect([answer.certificate.split(' ')[0], answer.json().centre]).toEqual([to, to]);
    }
    await more(5);
    busy = false;
    const errors = (await Promise.all(workers)).flat();
    await batchesDone(control);

    const here = await atTheActive(harness);
    const { active } = answered(await control.state({}));
    const drained = answered(
      await control.failover({ to: active === 'primary' ? 'backup' : 'primary', mode: 'drain' }),
    );
    expect([drained.lost, drained.lostBatches]).toEqual([[], []]);
    const { centres, behind } = answered(await control.state({}));
    expect([centres.primary.position, behind]).toEqual([centres.backup.position, 0]);
    const there = await atTheActive(harness);
    expect(there, `seed ${seed}`).toEqual(here);

    // What was acknowledged and not reported lost is there whole; what was reported lost is not there at all.
    const instructions = new Map<string, Instruction[]>();
    for (const { instructions: rows } of Object.values(there)) {
      for (const row of rows) instructions.set(row.batch ?? '', [...(instructions.get(row.batch ?? '') ?? []), row]);
    }
    expect(acknowledged.length).toBeGreaterThan(SWITCHES);
    for (const { participant, reference, rows } of acknowledged) {
      const where = `batch ${reference}, seed ${seed}`;
      const batch = there[participant]?.batches.find((one) => one.reference === reference);
      if (lostBatches.has(reference)) {
        expect(batch, where).toBeUndefined();
        expect(instructions.get(reference), where).toBeUndefined();
      } else {
        if (batch) expect(batch, where).toMatchObject({ status: 'processed', records: rows, accepted: rows });
        expect(instructions.get(reference), where).toHaveLength(rows);
      }
    }
    const numbers = [...instructions.values()].flat().map((row) => row.number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const gone = lost.filter(({ table, row }) => table === 'instruction' && row !== null).map(({ key }) => key);
    expect(
      gone.filter((number) => numbers.includes(number)),
      `lost and there, seed ${seed}`,
    ).toEqual([]);
    if (lagMs === 0) {
      expect(
        acknowledged.filter(({ reference }) => lostBatches.has(reference)),
        'acknowledged and lost at lag 0',
      ).toEqual([]);
    } else {
      expect(
        acknowledged.some(({ reference }) => lostBatches.has(reference)),
        'the lag cost something',
      ).toBe(true);
    }
    expect(errors.every((code) => code === 'ECONNRESET' || code === 'EPIPE')).toBe(true);
    const losses = await everyNoted(control, 'loss');
    // One for each thing that a participant lost, whatever it took in the log.
    const keysOf = (table: string) => new Set(lost.filter((one) => one.table === table).map(({ key }) => key));
    const idsOf = (what: string) => losses.filter(({ detail }) => detail.what === what).map(({ detail }) => detail.id);
    expect(idsOf('batch').toSorted()).toEqual([...lostBatches].toSorted());
    expect(idsOf('instruction').toSorted()).toEqual([...keysOf('instruction')].toSorted());
    expect(losses.every(({ participant }) => participant !== null)).toBe(true);
    expect(answered(await control.journal({ kinds: 'error' })).entries).toEqual([]);
  });
});

test('the same client, the same address, another centre: kept-alive connections are led over by a drain', async () => {
  await using harness = await startHarness();
  using client = clientOf({ url: harness.addresses.line, ca: harness.ca }, { maxSockets: 1 });
  const first = await client.ask('/centre');
  expect([first.certificate, first.json().centre]).toEqual([expect.stringMatching(/^primary/), 'primary']);
  answered(await harness.control.failover({ to: 'backup' }));
  const second = await client.ask('/centre');
  expect([second.certificate, second.json().centre]).toEqual([expect.stringMatching(/^backup/), 'backup']);
  const [entry] = await noted(harness.control, { kinds: ['switch'] });
  expect(entry?.detail).toMatchObject({ from: 'primary', to: 'backup', mode: 'drain', lost: { changes: 0 } });
});

test('a cut resets what is connected, and says in the journal what it lost', async () => {
  await using harness = await startHarness({ lagMs: 60_000, at: instant('2021-07-24T10:00'), clock: 'frozen' });
  const { control } = harness;
  using client = onTheLine(harness);
  await client.logon();
  const kept = await client.upload(batchFile(2));
  await batchesDone(control);
  const state = answered(await control.state({}));
  expect(state.behind).toBeGreaterThan(0);
  const { lost, lostBatches } = answered(await control.failover({ to: 'backup', mode: 'cut' }));
  expect(lostBatches).toEqual([kept.json<Batch>().reference]);
  expect(lost.filter(({ table }) => table === 'instruction').map(({ row }) => row?.reference)).toEqual([
    '0001-1',
    '0001-2',
  ]);
  await client.logon();
  expect((await client.ask(`/ccass/v1/batches/${lostBatches[0]}`)).json().detail).toMatch(
    /A fail-over may have lost it: send the file again/,
  );
  // Sent again it is a new batch: its first was lost with its number.
  const again = await client.upload(batchFile(2));
  expect([again.status, again.json<Batch>().repeat]).toEqual([202, false]);
  expect(again.json<Batch>().reference > (lostBatches[0] ?? '')).toBe(true);
});
