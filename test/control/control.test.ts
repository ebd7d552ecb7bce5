import { remoteControl } from '../../src/client/remote-control.ts';
import { startHarness } from '../../src/harness/harness.ts';
import { controlContract } from './control.contract.ts';

const start = () => startHarness({ rehearsal: '2021-07-24' });

controlContract('of a harness, in process', async () => {
  const harness = await start();
  return { control: harness.control, close: () => harness.stop() };
});

controlContract('of a harness, over HTTP', async () => {
  const harness = await start();
  return { control: remoteControl({ url: harness.addresses.admin }), close: () => harness.stop() };
});
