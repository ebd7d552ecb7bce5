import { type Readable, Transform } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** Of a local file header: its size without name and extra field, and the offsets of their two lengths. */
const HEADER_BYTES = 30;
const NAME_LENGTH_AT = 26;
const EXTRA_LENGTH_AT = 28;

/** The content of the only entry of a zip that `zipOfOne` made; what follows the entry is ignored. */
export function unzipped(zip: Readable): Readable {
  let before = Buffer.alloc(0);
  let passing = false;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (passing) return done(null, chunk);
      before = Buffer.concat([before, chunk]);
      if (before.length < HEADER_BYTES) return done();
      const start = HEADER_BYTES + before.readUInt16LE(NAME_LENGTH_AT) + before.readUInt16LE(EXTRA_LENGTH_AT);
      if (before.length < start) return done();
      passing = true;
      return done(null, before.subarray(start));
    },
  });
  const content = createInflateRaw();
  zip.once('error', (error) => body.destroy(error));
  body.once('error', (error) => content.destroy(error));
  return zip.pipe(body).pipe(content);
}
