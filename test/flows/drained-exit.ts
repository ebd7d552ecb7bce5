/** Run as a process of its own: a kept-alive connection is drained, then the harness stops, then the process must end. */
import https from 'node:https';
import { startHarness } from '../../src/harness/harness.ts';

const harness = await startHarness();
const agent = new https.Agent({ keepAlive: true, ca: harness.ca });
await new Promise<void>((resolve, reject) => {
  https
    .get(`${harness.addresses.line}/centre`, { agent }, (answer) => answer.resume().once('end', resolve))
    .once('error', reject);
});
await harness.control.failover({ to: 'backup', mode: 'drain' });
agent.destroy();
await harness.stop();
process.stdout.write('stopped\n');
