/** Starts a harness, prints what was loaded for it, one address a line, and ends. */
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { startHarness } = await import('../../src/harness/harness.ts');
const harness = await startHarness({ log: 'error' });
// Node's own list; no hook tells of the parts of Node.
const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
console.log([...loaded, ...moduleLoadList].join('\n'));
await harness.stop();
