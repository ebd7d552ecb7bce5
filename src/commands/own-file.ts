import { readFile } from 'node:fs/promises';
import { refuse } from '../domain/refusal.ts';
import { Refused } from './world.ts';

/** What a path that a user gave can be wrong with; anything else is a mistake of ours, or of the machine. */
const PATH_FAULTS = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM'];

/** A file that a user named on the command line, whole. @throws Refused for a path where there is none to read */
export async function ownFile(path: string, json = false): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!PATH_FAULTS.includes(code)) throw error;
    const detail = {
      en: `${path} cannot be read (${code}). Give the path of a file that can be.`,
      zh: `無法讀取 ${path}（${code}）。請提供可讀取檔案的路徑。`,
    };
    throw new Refused(refuse('BAD_FILE', detail), json);
  }
}
