import { type ByProtocol, byProtocol, type Protocol } from '../domain/access/protocol.ts';
import type { CentreName } from '../domain/nouns/market.ts';

/** Where a protocol is reached: at the line, or at a centre itself. */
const PLACES = ['line', 'primary', 'backup'] as const satisfies ('line' | CentreName)[];
export type Place = (typeof PLACES)[number];
export type ByPlace<T> = Readonly<Record<Place, T>>;

/** The public name of each address, in `Harness.addresses` and `HarnessOptions.ports`; flags and variables derive from it. */
export const ADDRESS_NAMES = {
  https: { line: 'line', primary: 'primary', backup: 'backup' },
  sftp: { line: 'sftp', primary: 'sftpPrimary', backup: 'sftpBackup' },
} as const satisfies ByProtocol<ByPlace<string>>;

type AddressName<P extends Protocol = Protocol> = (typeof ADDRESS_NAMES)[P][Place];
type Named<T> = Readonly<Record<AddressName | 'admin', T>>;

/** URLs; RAP's are such as `sftp://127.0.0.1:7022`. */
export type Addresses = Named<string>;

/** 0 = any free port; SFTP's may be left out, which means 0. */
export type Ports = Pick<Named<number>, AddressName<'https'> | 'admin'> & Partial<Named<number>>;

/** One value for each protocol and place. */
export function byAddress<T>(make: (protocol: Protocol, place: Place) => T): ByProtocol<ByPlace<T>> {
  return byProtocol((protocol) => ({
    line: make(protocol, 'line'),
    primary: make(protocol, 'primary'),
    backup: make(protocol, 'backup'),
  }));
}

/** The same values under their public names. */
export function named<T>(values: ByProtocol<ByPlace<T>>, admin: T): Named<T> {
  const { https, ...others } = byProtocol((protocol) =>
    Object.fromEntries(PLACES.map((place) => [ADDRESS_NAMES[protocol][place], values[protocol][place]])),
  );
  return Object.assign({}, https, { admin }, ...Object.values(others));
}

/** The URL for clients on this machine. Listening on all addresses gives localhost, a name that the certificates have. */
export function url(scheme: 'http' | Protocol, host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
