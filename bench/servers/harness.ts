/** Us: a whole harness in a process of its own. */
import type { CentreName } from '../../src/domain/nouns.ts';
import { startHarness } from '../../src/harness.ts';
import type { HarnessOptions } from '../../src/harness-options.ts';
import { answering, argument } from '../answering.ts';

// A load generator is one address that opens more connections than a participant does.
const limits = { handshakesPerAddress: 1_000_000, connectionsPerAddress: 100_000 };
const harness = await startHarness({ limits, log: 'error', ...argument<HarnessOptions>() });
const { addresses, ca, demo } = harness;
answering(
  { url: addresses.line, ca, addresses, demo },
  {
    /** Resolves when every batch is done: a move of the clock waits for them. */
    idle: async () => void (await harness.control.clock({ advanceMs: 0 })),
    switchTo: (to: CentreName) => harness.control.failover({ to, mode: 'drain' }),
  },
  () => harness.stop(),
);
