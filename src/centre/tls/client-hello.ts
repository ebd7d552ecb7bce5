/** What a ClientHello offers, parsed from the first bytes of a connection (RFC 5246 7.4.1.2, RFC 8446 4.1.2). */
export interface Hello {
  /** The requested server name, or null. */
  readonly sni: string | null;
  /**
   * Protocol names as Node writes them (`TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`), in the client's order. From
   * supported_versions; a client without that extension names only its highest version, so there is one.
   */
  readonly versions: readonly string[];
  /** Application protocols offered, such as `h2`; empty if the client offers none. */
  readonly alpn: readonly string[];
  /** Cipher suites by their IANA numbers, GREASE left out. */
  readonly cipherSuites: readonly number[];
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

const VERSION_NAMES: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
};

/** Reads forward through bytes; a read past the end is null. */
interface Cursor {
  /** An unsigned integer of `size` bytes. */
  number(size: number): number | null;
  skip(size: number): void;
  /** A vector that starts with its length in `lengthSize` bytes. */
  vector(lengthSize: number): Cursor | null;
  text(): string;
  left(): number;
}

function cursor(bytes: Buffer): Cursor {
  let at = 0;
  const number = (size: number) => {
    if (at + size > bytes.length) return null;
    at += size;
    return bytes.readUIntBE(at - size, size);
  };
  return {
    number,
    skip(size) {
      at = Math.min(at + size, bytes.length);
    },
    vector(lengthSize) {
      const length = number(lengthSize);
      if (length === null || at + length > bytes.length) return null;
      at += length;
      return cursor(bytes.subarray(at - length, at));
    },
    text: () => bytes.toString('latin1', at),
    left: () => bytes.length - at,
  };
}

/**
 * The ClientHello in the records, however it is split over them. `whole` is false while more bytes could complete it;
 * bytes that cannot become a ClientHello are whole at once, without a body.
 */
function message(bytes: Buffer): { readonly whole: boolean; readonly body: Buffer | null } {
  const parts: Buffer[] = [];
  let other = false;
  for (let at = 0; at < bytes.length && !other; ) {
    const length = at + 5 <= bytes.length ? bytes.readUInt16BE(at + 3) : null;
    other = bytes[at] !== HANDSHAKE_RECORD || (bytes[at + 1] ?? 3) !== 3 || length === 0;
    if (other || length === null) break;
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  const all = Buffer.concat(parts);
  if (all.length > 0 && all[0] !== CLIENT_HELLO) return { whole: true, body: null };
  const end = all.length < 4 ? Number.POSITIVE_INFINITY : 4 + all.readUIntBE(1, 3);
  return all.length < end ? { whole: other, body: null } : { whole: true, body: all.subarray(4, end) };
}

/** False while more bytes could complete the ClientHello. */
export function isWholeHello(bytes: Buffer): boolean {
  return message(bytes).whole;
}

/** Parses a ClientHello from the first bytes of a connection; null if they are not a complete one. Never throws. */
export function readHello(bytes: Buffer): Hello | null {
  const { body } = message(bytes);
  if (body === null) return null;
  const hello = cursor(body);
  const legacyVersion = hello.number(2);
  hello.skip(32); // random
  hello.vector(1); // session ID
  const suites = hello.vector(2);
  const compressions = hello.vector(1);
  if (legacyVersion === null || suites === null || compressions === null) return null;

  let sni: string | null = null;
  let versions: string[] | null = null;
  let alpn: string[] = [];
  const extensions = hello.vector(2);
  while (extensions !== null && extensions.left() > 0) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type === null || data === null) break;
    if (type === SERVER_NAME) sni = serverName(data);
    else if (type === ALPN) alpn = protocols(data.vector(2));
    else if (type === SUPPORTED_VERSIONS) versions = numbers(data.vector(1)).map(versionName);
  }
  return { sni, versions: versions ?? [versionName(legacyVersion)], alpn, cipherSuites: numbers(suites) };
}

function serverName(data: Cursor): string | null {
  const list = data.vector(2);
  if (list?.number(1) !== 0) return null;
  return printable(list.vector(2));
}

function protocols(list: Cursor | null): string[] {
  const names: string[] = [];
  for (let next = list?.vector(1); next; next = list?.vector(1)) {
    const name = printable(next);
    if (name !== null) names.push(name);
  }
  return names;
}

/** The 16-bit numbers of a list without GREASE (RFC 8701), which clients add to keep servers tolerant. */
function numbers(list: Cursor | null): number[] {
  const found: number[] = [];
  for (let next = list?.number(2); typeof next === 'number'; next = list?.number(2)) {
    if ((next & 0x0f0f) !== 0x0a0a || next >> 8 !== (next & 0xff)) found.push(next);
  }
  return found;
}

/** The text, or null if it has characters that a name cannot have, since journals and screens will show it. */
function printable(bytes: Cursor | null): string | null {
  const text = bytes?.text() ?? '';
  return /^[\x21-\x7e]+$/.test(text) ? text : null;
}

function versionName(version: number): string {
  return VERSION_NAMES[version] ?? `0x${version.toString(16).padStart(4, '0')}`;
}
