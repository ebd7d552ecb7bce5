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

test('a move of the clock over hours ends although clients never stop uploading, and what they upload has the time at which it came', {
  timeout: 60_000,
}, async () => {
  const from = instant('2021-07-26T10:00');
  await using harness = await startHarness({ at: from, clock: 'frozen', lagMs: 1_000, seed: 1 });
  const { control } = harness;
  let goesOn = true;
  let count = 0;
  const begun = Promise.withResolvers<void>();
  const clients = CLIENTS.map((_, place) =>
    uploads(
      harness,
      place,
      () => goesOn,
      () => void (++count === 20 && begun.resolve()),
    ),
  );
  await Promise.race([begun.promise, Promise.all(clients)]);
  const moves = [];
  for (const hours of [1, 1]) moves.push(answered(await control.clock({ advanceMs: hours * 3_600_000 })));
  goesOn = false;
  await Promise.all(clients);
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
