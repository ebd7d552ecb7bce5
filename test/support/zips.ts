import { buffer } from 'node:stream/consumers';
import { type Entry, fromBufferPromise } from 'yauzl';

export interface ZipEntry {
  readonly name: string;
  readonly compressionMethod: number;
  readonly content: Buffer;
  /** The instant that the entry carries, in milliseconds. */
  readonly modified: number;
  /** The clock on the wall that it carries beside it, which has no zone. */
  readonly wallClock: string;
}

/** Every entry of a zip, read by yauzl. */
export async function entriesOf(zip: Buffer): Promise<ZipEntry[]> {
  const file = await fromBufferPromise(zip);
  const entries: ZipEntry[] = [];
  for await (const entry of file.eachEntry() as AsyncIterable<Entry>) {
    const wall = entry.getLastModDate({ forceDosFormat: true, timezone: 'UTC' }).toISOString();
    entries.push({
      name: entry.fileName,
      compressionMethod: entry.compressionMethod,
      content: await buffer(await file.openReadStreamPromise(entry)),
      modified: entry.getLastModDate().getTime(),
      wallClock: `${wall.slice(0, 10)} ${wall.slice(11, 19)}`,
    });
  }
  return entries;
}

/** Does not compress: some megabytes of digits from a small generator. */
export function large(megabytes: number): Buffer {
  const bytes = Buffer.alloc(megabytes * 1024 * 1024);
  let state = 42;
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}
