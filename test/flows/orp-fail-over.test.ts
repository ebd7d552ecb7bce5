import { describe, expect, test } from 'vitest';
import { formatHkt, instant } from '../../src/domain/calendar/calendar.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness } from '../../src/harness/options.ts';
import { ofKind } from '../support/of-kind.ts';
import { good } from '../support/rap-day.ts';

const LAG_MS = 3_600_000;
const at = (time: string) => instant(`2021-07-26T${time}`);

/** The packages of the run of 11:00, by name: what they are and when they are there. */
async function packages({ control }: Harness) {
  const { files } = good(await control.rapFiles({}));
  return files
    .filter(({ businessDate, name }) => businessDate === '2021-07-26' && name.includes('_1100_'))
    .map(({ name, sha256, publishedAt }) => `${name} ${sha256} ${formatHkt(publishedAt)}`)
    .toSorted();
}
/** Which centres did the run, in order. */
async function doneAt({ control }: Harness) {
  const { entries } = good(await control.journal({ kinds: 'run' }));
  const ours = ofKind(entries, 'run').filter(
    ({ detail }) => detail.run === 'margin 11:00' && detail.date === '2021-07-26',
  );
  return ours.map(({ centre }) => centre);
}

describe.each([
  // Drained, the backup has all that the run made; cut, it never heard of it and makes the very same packages.
  ['drain', ['primary']],
  ['cut', ['primary', 'backup']],
] as const)('a %s between snapshot and publication', (mode, centres) => {
  test('publishes each package once, at the new centre, and both books are equal', async () => {
    await using harness = await startHarness({ at: at('10:50'), clock: 'frozen', lagMs: LAG_MS, seed: 7 });
    const { control } = harness;
    const moved = good(await control.clock({ set: '2021-07-26T11:05' }));
    expect(moved.fired.map(({ name }) => name)).toContain('margin 11:00 run');
    const before = await packages(harness);
    // Three reports of three participants, two files each.
    expect(before).toHaveLength(18);
    expect(before.every((row) => row.endsWith('2021-07-26 11:30 HKT'))).toBe(true);

    good(await control.failover({ to: 'backup', mode }));
    const there = good(await control.clock({ set: '2021-07-26T11:30' }));
    expect(there.fired.map(({ name }) => name)).toContain('margin 11:00 of 2021-07-26 is in RAP');
    expect(await packages(harness)).toEqual(before);
    expect(await doneAt(harness)).toEqual(centres);

    good(await control.failover({ to: 'primary', mode: 'drain' }));
    expect(await packages(harness)).toEqual(before);
    expect(await doneAt(harness)).toEqual(centres);
    await control.lag({ lagMs: 0 });
    expect(good(await control.books({}))).toMatchObject({ equal: true });
  });
});
