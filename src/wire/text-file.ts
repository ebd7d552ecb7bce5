/** A text file of a user is in another encoding than UTF-8; the message says which and what to do. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

/**
 * The text of a file that a user hands in: UTF-8, whose byte order mark (Windows' editors and spreadsheets write one) is no
 * part of it. @throws NotUtf8
 */
export function textOfFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new NotUtf8('the file is in UTF-16: save it as UTF-8');
  try {
    // The decoder leaves the mark out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new NotUtf8('the file is not in UTF-8: save it as UTF-8');
  }
}
