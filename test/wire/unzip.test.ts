import { buffer } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { zippedEntry } from '../../src/wire/unzip.ts';
import { zipOfOne } from '../../src/wire/zip.ts';

const TEXT = 'A,B\r\n1,2\r\n'.repeat(50);
const zipped = () => buffer(zipOfOne('RMAMR01.csv', 0, [TEXT]));

function entry(zip: Uint8Array) {
  const found = zippedEntry(zip);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('the one entry of a zip', () => {
  it('is found by the directory, deflated or stored, also below a comment', async () => {
    const one = entry(await zipped());
    expect([one.name, one.method, one.sizeBytes]).toEqual(['RMAMR01.csv', 'deflated', TEXT.length]);
    expect(inflateRawSync(one.compressed).toString()).toBe(TEXT);

    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(TEXT), '一.csv', { compress: false });
    zip.end({ comment: 'said beside it' } as never);
    const two = entry(await buffer(zip.outputStream as never));
    expect([two.name, two.method, Buffer.from(two.compressed).toString()]).toEqual(['一.csv', 'stored', TEXT]);
  });

  it('is found in bytes that stand within others', async () => {
    const zip = await zipped();
    const within = new Uint8Array(zip.length + 10);
    within.set(zip, 7);
    expect(entry(within.subarray(7, 7 + zip.length)).name).toBe('RMAMR01.csv');
  });

  it.each<[string, (zip: Buffer) => Uint8Array, string]>([
    ['cut off at its end', (zip) => zip.subarray(0, zip.length - 30), 'it is not a zip file, or it is cut off'],
    ['cut off at its beginning', (zip) => zip.subarray(20), 'is broken'],
    ['nothing', () => new Uint8Array(), 'it is not a zip file'],
    ['something else', () => Buffer.from('%PDF-1.4'.repeat(20)), 'it is not a zip file'],
    ['without an entry', (zip) => set(zip, zip.length - 12, 0), 'it has 0 entries'],
    ['packed otherwise', (zip) => set(zip, zip.indexOf('PK\x01\x02') + 10, 12), 'neither "stored" nor "deflated"'],
    ['with an entry longer than the file', (zip) => set(zip, zip.indexOf('PK\x01\x02') + 22, 9), 'cut off'],
  ])('%s: the text says why', async (_what, spoil, says) => {
    expect(zippedEntry(spoil(await zipped()))).toContain(says);
  });
});

function set(zip: Buffer, at: number, value: number): Buffer {
  zip.writeUInt16LE(value, at);
  return zip;
}
