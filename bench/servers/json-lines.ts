/** The floor of loading a market: every line of the file parsed, and forgotten. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { jsonLines } from '../../src/loading/json-lines.ts';
import { answering, argument } from '../answering.ts';

const { folder } = argument<{ readonly folder: string }>();
answering(null, {
  async measure() {
    const [from, before] = [performance.now(), process.cpuUsage()];
    let count = 0;
    const file = createReadStream(join(folder, 'instructions.ndjson'), { highWaterMark: 1 << 18 });
    for await (const lines of jsonLines(file)) count += lines.length;
    if (count === 0) throw new Error('no lines');
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - from) / 1000, cpu: (user + system) / 1e6 };
  },
});
