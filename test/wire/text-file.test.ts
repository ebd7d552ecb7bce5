import { expect, test } from 'vitest';
import { textOfFile } from '../../src/wire/text-file.ts';

test('a byte order mark is no part of the text', () => {
  expect(textOfFile(Buffer.from('\uFEFF{"a":"港"}'))).toBe('{"a":"港"}');
  expect(textOfFile(Buffer.from('plain'))).toBe('plain');
  expect(textOfFile(new Uint8Array())).toBe('');
});

test.each([
  ['UTF-16 little-endian', Buffer.from('\uFEFF{}', 'utf16le'), 'the file is in UTF-16: save it as UTF-8'],
  ['UTF-16 big-endian', Buffer.from('\uFEFF{}', 'utf16le').swap16(), 'the file is in UTF-16: save it as UTF-8'],
  ['Big5', Buffer.from([0xb4, 0xe4]), 'the file is not in UTF-8: save it as UTF-8'],
])('%s is refused with what to do', (_, bytes, words) => {
  expect(() => textOfFile(bytes)).toThrow(words);
});
