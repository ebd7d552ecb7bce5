import { expect, test } from 'vitest';
import { startHarness } from '../../src/harness/harness.ts';

test('a participant that the market does not have is refused with the nearest, by every filter (NOT_FOUND)', async () => {
  await using harness = await startHarness({ clock: 'frozen', log: 'silent' });
  const { control } = harness;
  const participant = 'b09901';
  for (const answer of [
    await control.reports({ participant }),
    await control.trades({ participant }),
    await control.rapKeys({ participant }),
    await control.rapFiles({ participant }),
    await control.journal({ participant }),
    await control.register({ participant, registered: true }),
  ]) {
    expect(answer).toMatchObject({ refusal: 'NOT_FOUND' });
    expect(JSON.stringify(answer)).toContain('Nearest: B09901');
  }
  expect(await control.register({ participant: 'COMMON', registered: true })).toMatchObject({ refusal: 'NOT_FOUND' });
  expect(await control.rapFiles({ participant: 'COMMON' })).toMatchObject({ files: expect.any(Array) });
  expect(await control.journal({ participant: 'L09901' })).toMatchObject({ entries: [] });
});
