/** A host key as SSH sends it, and the address of the server. */
export interface ShownKey {
  readonly host: string;
  readonly port: number;
  readonly key: Uint8Array;
}

/**
 * Whether a known_hosts file has this key for this address: plain names only, as the harness writes them. Patterns, hashed
 * names and markers (`@revoked`, `@cert-authority`) are for OpenSSH; a line with one never matches here.
 */
export function isKnownHost(knownHosts: string, { host, port, key }: ShownKey): boolean {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const shown = Buffer.from(key).toString('base64');
  return knownHosts.split('\n').some((line) => {
    const [hosts = '', , listed] = line.trim().split(/\s+/);
    return listed === shown && hosts.split(',').includes(name);
  });
}

/** `SHA256:` and the digest, as OpenSSH prints it. */
export async function fingerprintOf(key: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(key));
  return `SHA256:${Buffer.from(digest).toString('base64').replace(/=+$/, '')}`;
}
