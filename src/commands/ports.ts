import type { ByProtocol, Protocol } from '../domain/access/protocol.ts';
import { ADDRESS_NAMES, byAddress, named, type Place, type Ports } from '../harness/addresses.ts';

/** `port-base` of `up` and of every command that steers. */
export const DEFAULT_BASE = 7000;
/** The ports of one harness are a block of so many; what is not named here is kept free for what comes. */
export const BLOCK = 100;

/** The default ports, counted from `port-base`. */
const OFFSETS: ByProtocol<Readonly<Record<Place, number>>> = {
  https: { line: 43, primary: 44, backup: 45 },
  sftp: { line: 22, primary: 23, backup: 24 },
};
const ADMIN_OFFSET = 80;
const ALL_OFFSETS = [ADMIN_OFFSET, ...Object.values(OFFSETS).flatMap((places) => Object.values(places))];

/** The last base whose block has only valid ports. */
export const LAST_BASE = 65_535 - (BLOCK - 1);

/** The port where a harness with this base is steered. */
export const adminPort = (base: number) => base + ADMIN_OFFSET;

/** All ports that a harness with this base listens on. */
export const portsOf = (base: number): readonly number[] => ALL_OFFSETS.map((offset) => base + offset);

const { https, ...others } = OFFSETS;
export const PORT_BASE_HELP = [
  `admin at this + ${ADMIN_OFFSET}`,
  `HTTPS + ${https.line} (line), + ${https.primary}, + ${https.backup} (centres)`,
  ...Object.entries(others).map(
    ([protocol, { line, primary, backup }]) => `${protocol.toUpperCase()} + ${line}, + ${primary}, + ${backup}`,
  ),
].join(', ');

/** `sftp-primary` for `sftpPrimary`. */
type Dashed<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Dashed<Rest>}`
  : Name;

/** An address's name as flags and variables have it: `sftp-primary` for `sftpPrimary`. */
export function dashed<Name extends string>(name: Name): Dashed<Name> {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) as Dashed<Name>;
}

type PortFlag = `${Dashed<keyof Ports>}-port`;

const PLACE_WORDS: Readonly<Record<Place, string>> = {
  line: 'the line',
  primary: 'the primary centre',
  backup: 'the backup centre',
};
const help = (protocol: Protocol, place: Place) =>
  `${protocol === 'https' ? '' : `${protocol.toUpperCase()} `}port of ${PLACE_WORDS[place]}`;

/** A row for the port of each address, by its flag. */
export function portRows<R>(row: (help: string) => R): Readonly<Record<PortFlag, R>> {
  const texts = Object.entries(named(byAddress(help), 'port of the admin server'));
  return Object.fromEntries(texts.map(([name, text]) => [`${dashed(name)}-port`, row(text)])) as Record<PortFlag, R>;
}

/** The ports to open: those given, by flag, and the others counted from `base`, or any free ones if that is 0. */
export function portsFrom(given: { readonly [F in PortFlag]?: number }, base: number): Ports {
  const at = (offset: number) => (base === 0 ? 0 : base + offset);
  return named(
    byAddress(
      (protocol, place) => given[`${dashed(ADDRESS_NAMES[protocol][place])}-port`] ?? at(OFFSETS[protocol][place]),
    ),
    given['admin-port'] ?? at(ADMIN_OFFSET),
  );
}
