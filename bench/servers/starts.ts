/** Starts and stops a harness in this process, each time it is asked. */
import { startHarness } from '../../src/harness/harness.ts';
import { answering } from '../answering.ts';

answering(null, {
  async measure() {
    const from = performance.now();
    const harness = await startHarness({ log: 'error' });
    const ms = performance.now() - from;
    await harness.stop();
    return { ms };
  },
});
