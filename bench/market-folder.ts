import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMarket } from '../src/loading/generate/generate.ts';

/** Where a market of so many SIs was generated; it goes with this process. */
export async function marketFolder(instructions: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-market-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const size = { participants: 600, stocks: 2_000, instructions, date: '2021-07-26' };
  await generateMarket({
    ...size,
    seed: 1,
    folder,
    force: false,
    password: 'Rehearsal-2021',
    onShare: () => undefined,
  });
  return folder;
}
