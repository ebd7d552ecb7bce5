/** The protocols of a centre, each on its own port and line. */
export const PROTOCOLS = ['https', 'sftp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export type ByProtocol<T> = Readonly<Record<Protocol, T>>;

/** One value for each protocol. */
export function byProtocol<T>(make: (protocol: Protocol) => T): ByProtocol<T> {
  return Object.fromEntries(PROTOCOLS.map((protocol) => [protocol, make(protocol)])) as ByProtocol<T>;
}

/** The same, asynchronously, one after the other. */
export async function inTurnByProtocol<T>(make: (protocol: Protocol) => Promise<T>): Promise<ByProtocol<T>> {
  const made: [Protocol, T][] = [];
  for (const protocol of PROTOCOLS) made.push([protocol, await make(protocol)]);
  return Object.fromEntries(made) as ByProtocol<T>;
}
