/** Us: a whole harness in a process of its own. */
import { startHarness } from '../../src/harness.ts';
import type { HarnessOptions } from '../../src/harness-options.ts';
import { answering, argument } from '../answering.ts';

// A load generator is one address that opens more connections than a participant does.
const limits = { handshakesPerAddress: 1_000_000, connectionsPerAddress: 100_000 };
const harness = await startHarness({ limits, log: 'error', ...argument<HarnessOptions>() });
const { addresses, ca, demo } = harness;
answering({ url: addresses.line, ca, addresses, demo }, {}, () => harness.stop());
