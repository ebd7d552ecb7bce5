import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { refuse } from '../domain/refusal.ts';
import { NotUtf8, textOfFile } from '../wire/text-file.ts';
import { Refused } from './cli-context.ts';

/** Errors that a wrong path causes; any other is a bug or a fault of the machine. */
const PATH_ERRORS = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM'];

/** Reads a file named on the command line. @throws Refused if the path is wrong, or the file is empty */
export async function readUserFile(path: string, json = false): Promise<Buffer> {
  const content = await readFile(path).catch((error: unknown) => {
    throw refusedPath(path, json, error);
  });
  if (content.length === 0) throw emptyFile(path, json);
  return content;
}

/** The same as text, without a byte order mark. @throws Refused, also if it is not in UTF-8 */
export async function readUserText(path: string, json = false): Promise<string> {
  const bytes = await readUserFile(path, json);
  try {
    return textOfFile(bytes);
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    const detail = {
      en: `${path} cannot be read: ${error.message}.`,
      zh: `無法讀取 ${path}：檔案並非 UTF-8 編碼，請以 UTF-8 儲存。`,
    };
    throw new Refused(refuse('BAD_FILE', detail), json);
  }
}

/** The same as a stream, for a file of any size. @throws Refused, before anything is read */
export async function streamUserFile(path: string, json = false): Promise<AsyncIterable<Uint8Array>> {
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  await once(stream, 'readable').catch((error: unknown) => {
    throw refusedPath(path, json, error);
  });
  if (stream.readableLength === 0) throw emptyFile(path, json);
  return stream;
}

/** The refusal of a wrong path; any other error stays as it is. */
function refusedPath(path: string, json: boolean, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!PATH_ERRORS.includes(code)) return error;
  const why = WHY[code] ?? { en: 'this user may not read it', zh: '此用戶無權讀取' };
  const detail = {
    en: `${path} cannot be read: ${why.en} (${code}). Give the path of a readable file.`,
    zh: `無法讀取 ${path}：${why.zh}（${code}）。請提供可讀取檔案的路徑。`,
  };
  return new Refused(refuse('BAD_FILE', detail), json);
}

const WHY: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  ENOENT: { en: 'there is no such file', zh: '檔案不存在' },
  EISDIR: { en: 'it is a folder', zh: '這是資料夾' },
  ENOTDIR: { en: 'a part of the path is a file', zh: '路徑的一部分是檔案' },
};

function emptyFile(path: string, json: boolean): Refused {
  const detail = {
    en: `${path} is empty. Give a file with content: is what writes it done?`,
    zh: `${path} 並無內容。請提供有內容的檔案，並確定檔案已寫好。`,
  };
  return new Refused(refuse('BAD_FILE', detail), json);
}
