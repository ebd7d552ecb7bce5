import { expect, test } from 'vitest';
import { instant, parseInstant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { batchFile } from '../support/batch-files.ts';
import type { Batch, Rows } from '../support/client.ts';
import { answered, batchesDone, onTheLine } from '../support/rehearsal.ts';

const CLIENTS = [
  { participant: 'B09901', user: 'MAKER01' },
  { participant: 'B09901', user: 'CHECK01' },
  { participant: 'B09902', user: 'MAKER01' },
  { participant: 'B09902', user: 'CHECK01' },
  { participant: 'B09903', user: 'MAKER01' },
  { participant: 'B09903', user: 'CHECK01' },
] as const;

/** Uploads one file after the other, without a pause, until it is told to stop. */
async function uploads(harness: Harness, place: number, goesOn: () => boolean, uploaded: () => void): Promise<void> {
  const { participant, user } = CLIENTS[place] as (typeof CLIENTS)[number];
  using client = onTheLine(harness);
  await client.logon({ participant, user });
  for (let n = 1; goesOn(); n++) {
    const file = batchFile(1, {
      participant,
      businessDate: '2021-07-26',
      sequence: String((place % 2) * 5000 + n).padStart(4, '0'),
    });
    let answer = await client.upload(file);
    // A move of the clock by hours ends a session that saw no request for so long.
    while (answer.status === 401) {
      await client.logon({ participant, user, takeOver: true });
      answer = await client.upload(file);
    }
    expect([200, 202]).toContain(answer.status);
    uploaded();
  }
}

/** All clients upload; resolves when the first 20 files are in. */
async function startUploading(harness: Harness) {
  let goesOn = true;
  let count = 0;
  let waiting = { count: 20, resolve: () => {} };
  const more = (files: number) =>
    new Promise<void>((resolve) => {
      waiting = { count: count + files, resolve };
    });
  const begun = more(20);
  const uploaded = () => {
    if (++count === waiting.count) waiting.resolve();
  };
  const all = Promise.all(CLIENTS.map((_, place) => uploads(harness, place, () => goesOn, uploaded)));
  await Promise.race([begun, all]);
  return {
    /** Resolves when that many further files are in. */
    more: (files: number) => Promise.race([more(files), all]),
    async stop() {
      goesOn = false;
      await all;
    },
  };
}

test('a move of the clock over hours ends although clients never stop uploading, and what they upload has the time at which it came', {
  timeout: 60_000,
}, async () => {
  const from = instant('2021-07-26T10:00');
  await using harness = await startHarness({ at: from, clock: 'frozen', lagMs: 1_000, seed: 1 });
  const { control } = harness;
  const uploading = await startUploading(harness);
  const moves = [];
  for (const hours of [1, 1]) moves.push(answered(await control.clock({ advanceMs: hours * 3_600_000 })));
  await uploading.stop();
  await batchesDone(control);

  const stood = new Set([from, ...moves.flatMap(({ at, fired }) => [at, ...fired.map((alarm) => alarm.at)])]);
  for (const { participant, user } of CLIENTS.slice(1, 3)) {
    using client = onTheLine(harness);
    await client.logon({ participant, user, takeOver: true });
    const { rows } = (await client.ask('/ccass/v1/batches')).json<Rows<Batch>>();
    expect(rows.length).toBeGreaterThan(0);
    for (const batch of rows) {
      expect(batch.status).toBe('processed');
      expect(stood).toContain(parseInstant(batch.receivedAt));
    }
  }
  answered(await control.lag({ lagMs: 0 }));
  expect(answered(await control.books({})).equal).toBe(true);
});

test('freeze, rate and advance are answered at the fastest rate while six clients never stop uploading, and count from when they come', {
  timeout: 60_000,
}, async () => {
  await using harness = await startHarness({ at: instant('2021-07-26T10:00'), clock: 'frozen', lagMs: 1_000, seed: 1 });
  const { control } = harness;
  const uploading = await startUploading(harness);
  const began = Date.now();
  answered(await control.clock({ rate: 100_000 }));
  const start = answered(await control.state({})).market.at;
  await uploading.more(60);
  const advanced = answered(await control.clock({ advanceMs: 60_000 }));
  await uploading.more(20);
  const frozen = answered(await control.clock({ freeze: true }));
  const latest = start + (Date.now() - began) * 100_000 + 60_000;
  await uploading.more(20);
  const { market } = answered(await control.state({}));
  const slow = answered(await control.clock({ rate: 1 }));
  await uploading.stop();
  expect(advanced.at).toBeLessThan(frozen.at);
  expect(frozen.at).toBeLessThanOrEqual(latest);
  expect(market).toMatchObject({ at: frozen.at, mode: 'frozen' });
  for (const { fired, at } of [advanced, frozen]) for (const alarm of fired) expect(alarm.at).toBeLessThanOrEqual(at);
  expect(slow).toMatchObject({ mode: 'running', rate: 1, behindMs: 0 });
  await batchesDone(control);
});
