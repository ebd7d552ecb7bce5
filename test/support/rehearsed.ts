import { isRefusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import { loadFixtures } from '../../src/loading/loading.ts';
import { clientUsersOf } from '../../src/rehearsal/client-users.ts';
import { type RehearseOptions, rehearse } from '../../src/rehearsal/rehearse.ts';

/** Everything that the driver needs of a harness and its fixtures; what is printed is kept. */
export async function optionsFor(harness: Harness, choice: string, market?: string) {
  const fixtures = await loadFixtures({ rehearsal: choice, ...(market === undefined ? {} : { market }) });
  const { rehearsal, holidays, layouts } = fixtures;
  const printed: string[] = [];
  const { control, addresses, ca, demo, rap } = harness;
  const options: RehearseOptions = {
    ...{ control, line: addresses.line, sftp: addresses.sftp, ca, knownHosts: await rap.knownHosts() },
    ...{ rehearsal, holidays, layouts, clientUsers: clientUsersOf(fixtures, { password: demo.password, rap }) },
    print: (line) => void printed.push(line),
  };
  return { options, printed };
}

/** Plays a rehearsal at a harness of its own. */
export async function played(choice: string, over: Partial<RehearseOptions> = {}, start: HarnessOptions = {}) {
  await using harness = await startHarness({ rehearsal: choice, ...start });
  const { options, printed } = await optionsFor(harness, choice, start.market);
  const result = await rehearse({ ...options, ...over });
  if (isRefusal(result)) throw new Error(result.detail.en);
  const state = await harness.control.state({});
  const failures = result.steps.filter((step) => step.outcome === 'FAIL').map((step) => `${step.what}: ${step.came}`);
  return { ...result, printed, failures, state };
}
