/** The floor of a batch: the file read, each line cut into its fields, and nothing done with them. */
import { createReadStream } from 'node:fs';
import { answering, argument } from '../answering.ts';

const { path, records } = argument<{ readonly path: string; readonly records: number }>();
const CUTS = [1, 17, 18, 23, 35, 47, 53, 61, 64, 67, 82, 90, 91, 111, 125, 160];

answering(null, {
  async measure() {
    const before = process.cpuUsage();
    let [rest, sum, lines] = ['', 0, 0];
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
      rest += chunk;
      let from = 0;
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n', from)) {
        let cut = from;
        for (const to of CUTS) {
          sum += rest.slice(cut, from + to).length;
          cut = from + to;
        }
        lines++;
        from = end + 2;
      }
      rest = rest.slice(from);
    }
    if (lines !== records + 2 || sum === 0) throw new Error(`${lines} lines came`);
    const { user, system } = process.cpuUsage(before);
    return { rate: records / ((user + system) / 1e6) };
  },
});
