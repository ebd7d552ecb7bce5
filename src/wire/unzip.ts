/** The one entry of a zip, still compressed. */
export interface ZippedEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly compressed: Uint8Array;
  /** Of the inflated content. */
  readonly sizeBytes: number;
}

/** Little-endian signatures and field places of APPNOTE.TXT: end of central directory, central header, local header. */
const END = { signature: 0x06054b50, bytes: 22, entries: 10, directoryAt: 16 } as const;
const CENTRAL = {
  signature: 0x02014b50,
  method: 10,
  compressed: 20,
  size: 24,
  name: 28,
  localAt: 42,
  bytes: 46,
} as const;
const LOCAL = { signature: 0x04034b50, name: 26, extra: 28, bytes: 30 } as const;
const METHODS: Readonly<Record<number, ZippedEntry['method']>> = { 0: 'stored', 8: 'deflated' };
/** A comment may follow the end record. */
const MOST_COMMENT = 65_535;

/**
 * Finds the one entry of a zip by its central directory, as unzip does; returns in words what is wrong. Zip64 and
 * encryption are not supported: no RAP package has them.
 */
export function zippedEntry(zip: Uint8Array): ZippedEntry | string {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = endOf(view);
  if (end === null) return 'it is not a zip file, or it is cut off: its directory is missing';
  const entries = view.getUint16(end + END.entries, true);
  if (entries !== 1) return `it has ${entries} entries; one was expected`;
  const central = view.getUint32(end + END.directoryAt, true);
  if (central + CENTRAL.bytes > end || view.getUint32(central, true) !== CENTRAL.signature)
    return 'its directory is broken';
  const method = METHODS[view.getUint16(central + CENTRAL.method, true)];
  if (!method) return 'its compression is neither "stored" nor "deflated"';
  const nameBytes = view.getUint16(central + CENTRAL.name, true);
  const local = view.getUint32(central + CENTRAL.localAt, true);
  if (local + LOCAL.bytes > central || view.getUint32(local, true) !== LOCAL.signature) return 'its entry is broken';
  const start =
    local + LOCAL.bytes + view.getUint16(local + LOCAL.name, true) + view.getUint16(local + LOCAL.extra, true);
  const compressedBytes = view.getUint32(central + CENTRAL.compressed, true);
  if (start + compressedBytes > central) return 'its entry is cut off';
  return {
    name: new TextDecoder().decode(zip.subarray(central + CENTRAL.bytes, central + CENTRAL.bytes + nameBytes)),
    method,
    compressed: zip.subarray(start, start + compressedBytes),
    sizeBytes: view.getUint32(central + CENTRAL.size, true),
  };
}

function endOf(view: DataView): number | null {
  const last = view.byteLength - END.bytes;
  for (let at = last; at >= Math.max(0, last - MOST_COMMENT); at--) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  return null;
}
