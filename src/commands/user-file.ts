import { readFile } from 'node:fs/promises';
import { refuse } from '../domain/refusal.ts';
import { Refused } from './cli-context.ts';

/** Errors that a wrong path causes; any other is a bug or a fault of the machine. */
const PATH_ERRORS = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM'];

/** Reads a file named on the command line. @throws Refused if the path is wrong */
export async function readUserFile(path: string, json = false): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!PATH_ERRORS.includes(code)) throw error;
    const detail = {
      en: `${path} cannot be read (${code}). Give the path of a readable file.`,
      zh: `無法讀取 ${path}（${code}）。請提供可讀取檔案的路徑。`,
    };
    throw new Refused(refuse('BAD_FILE', detail), json);
  }
}
