import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Progress } from '../../src/harness/options.ts';
import type { Instruction, Rows } from '../support/client.ts';
import { fakeCliContext } from '../support/fake-cli-context.ts';
import { answered, FULL, onTheLine } from '../support/rehearsal.ts';
import { temporary } from '../support/up.ts';

const INSTRUCTIONS = FULL ? 1_000_000 : 6_000;
const SIZE = FULL ? ['--participants', '600', '--stocks', '2000'] : ['--participants', '12', '--stocks', '60'];

test(`a market of ${INSTRUCTIONS} instructions: generated, loaded once, matched and settled`, {
  timeout: 900_000,
}, async () => {
  await using folder = await temporary('large-market-');
  const [market, data] = [join(folder.path, 'market'), join(folder.path, 'data')];
  const world = fakeCliContext();
  const words = ['fixtures', 'generate', '--seed', '7', ...SIZE, '--instructions', String(INSTRUCTIONS), market];
  expect(await run(words, world)).toBe(0);
  expect(world.out.at(-1)).toBe(`start it: harness up --market ${market} --at 2021-07-26T09:00`);

  const progress: Progress[] = [];
  const options = { market, clock: 'frozen', seed: 1, ...(FULL ? {} : { data }) } as const;
  const at = Date.parse('2021-07-26T09:00+08:00');
  const before = await (async () => {
    await using harness = await startHarness({ ...options, at, onProgress: (one) => progress.push(one) });
    expect(progress.map(({ what }) => what).filter((what, n, all) => what !== all[n - 1])).toEqual([
      'checking instructions',
      'loading instructions',
    ]);
    expect(progress.at(-1)).toEqual({ what: 'loading instructions', share: 1 });
    const { centres } = answered(await harness.control.state({}));
    expect([centres.primary.instructions, centres.backup.instructions]).toEqual([INSTRUCTIONS, INSTRUCTIONS]);

    using client = onTheLine(harness);
    await client.logon();
    const ofStatus = async (status: string) =>
      (await client.ask(`/ccass/v1/settlement-instructions?status=${status}&limit=1000`)).json<Rows<Instruction>>()
        .rows;
    expect((await ofStatus('unmatched')).length).toBeGreaterThan(100);
    expect(await ofStatus('matched')).toEqual([]);
    answered(await harness.control.clock({ set: '2021-07-26T13:00' }));
    await client.logon();
    const [unmatched, matched, settled] = [
      await ofStatus('unmatched'),
      await ofStatus('matched'),
      await ofStatus('settled'),
    ];
    expect(matched.length).toBeGreaterThan(unmatched.length);
    expect(unmatched.length).toBeGreaterThan(0);
    expect(settled.length).toBeGreaterThan(0);
    expect(settled.every(({ settlementDate }) => settlementDate === '2021-07-26')).toBe(true);
    return (await ofStatus('settled')).map(({ number }) => number);
  })();
  if (FULL) return;

  // The books have their instructions: what the file says now is not asked.
  await appendFile(join(market, 'instructions.ndjson'), 'no JSON\n');
  await using again = await startHarness(options);
  using client = onTheLine(again);
  await client.logon();
  const answer = await client.ask('/ccass/v1/settlement-instructions?status=settled&limit=1000');
  expect(answer.json<Rows<Instruction>>().rows.map(({ number }) => number)).toEqual(before);
  const { centres } = answered(await again.control.state({}));
  expect([centres.primary.instructions, centres.backup.instructions]).toEqual([INSTRUCTIONS, INSTRUCTIONS]);
});
