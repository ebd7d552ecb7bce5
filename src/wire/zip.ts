import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Instant } from '../domain/nouns/market.ts';

/** Small pieces are joined to this size before compression. */
const PIECE_BYTES = 64 * 1024;

export type Pieces = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/**
 * A zip of one deflated entry, as a stream. The bytes depend only on name, time and content: not on how the
 * content is split, nor on the time zone of the machine. Fails if the content fails, with its error.
 */
export function zipOfOne(name: string, mtime: Instant, content: Pieces): Readable {
  const zip = new ZipFile();
  const source = Readable.from(joined(content), { objectMode: false });
  const output = zip.outputStream as Readable;
  // Two errors would end the process if nobody listens: the zip library passes one of the source on as its own, and the output
  // may fail before its reader begins, who then gets it all the same.
  zip.on('error', (error: Error) => output.destroy(error));
  output.on('error', () => undefined);
  source.once('error', (error) => output.destroy(error));
  output.once('close', () => source.destroy());
  zip.addReadStream(source, name, { mtime: new HongKongDate(mtime), mode: 0o100644, compress: true });
  zip.end();
  return output;
}

/**
 * A zip entry has its time twice: as an instant (the Info-ZIP field), and as local time without a zone, which the zip
 * library takes in the machine's zone. Ours is Hong Kong time on every machine.
 */
class HongKongDate extends Date {
  #wall = new Date(this.getTime() + 8 * 3_600_000);

  override getFullYear = () => this.#wall.getUTCFullYear();
  override getMonth = () => this.#wall.getUTCMonth();
  override getDate = () => this.#wall.getUTCDate();
  override getHours = () => this.#wall.getUTCHours();
  override getMinutes = () => this.#wall.getUTCMinutes();
  override getSeconds = () => this.#wall.getUTCSeconds();
}

async function* joined(content: Pieces): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    const piece8 = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
    pieces.push(piece8);
    bytes += piece8.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}
