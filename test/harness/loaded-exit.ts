/** Starts a harness, prints the URLs of the modules loaded for it, one per line, and exits. */
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
// Node's own list, since no hook reports its built-in modules.
const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
console.log([...loaded, ...moduleLoadList].join('\n'));
await harness.stop();
