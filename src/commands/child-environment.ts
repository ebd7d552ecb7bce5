import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Harness } from '../harness/options.ts';
import { variableOf } from './config.ts';
import { dashed } from './ports.ts';

/** Calls `use` with the environment variables of a child process; the files that they name exist until it is done. */
export async function withChildEnvironment<T>(
  harness: Harness,
  use: (extra: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ccass-harness-'));
  try {
    const ca = harness.caPath ?? join(folder, 'ca.pem');
    if (harness.caPath === null) await writeFile(ca, harness.ca);
    const { keyPath, knownHostsPath, privateKey } = harness.rap;
    const key = keyPath ?? join(folder, `rap-${harness.rap.user}`);
    if (keyPath === null) await writeFile(key, privateKey, { mode: 0o600 });
    const hosts = knownHostsPath ?? join(folder, 'known_hosts');
    if (knownHostsPath === null) await writeFile(hosts, await harness.rap.knownHosts());
    return await use(childEnvironment(harness, { ca, key, hosts }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that a client needs: addresses, trust, and a demo user of each service. */
function childEnvironment(
  { addresses, demo, orp, token }: Harness,
  { ca, key, hosts }: { readonly ca: string; readonly key: string; readonly hosts: string },
): Record<string, string> {
  const sftp = new URL(addresses.sftp);
  const variables = {
    ...Object.fromEntries(Object.entries(addresses).map(([name, url]) => [dashed(name), url])),
    'sftp-host': sftp.hostname.replace(/^\[|\]$/g, ''),
    'sftp-port': sftp.port,
    'known-hosts': hosts,
    'rap-key': key,
    ca,
    token,
    // One password opens CCASS, ORP Online and RAP, whose user is the participant.
    participant: demo.participant,
    user: demo.user,
    password: demo.password,
    ...(orp?.participant === demo.participant && { 'orp-user': orp.user }),
  };
  return {
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [variableOf(name), value])),
    // Node adds it to its CA list; other stacks would replace theirs, so that is up to the caller.
    NODE_EXTRA_CA_CERTS: ca,
  };
}
