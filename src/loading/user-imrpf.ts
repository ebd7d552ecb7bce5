import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Words } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { loadImrpf } from '../service/risk/imrpf-loading.ts';
import type { UserImrpf } from '../service/risk/setup.ts';
import { ImrpfFault } from '../wire/imrpf/imrpf-fault.ts';

const CHUNK_BYTES = 1 << 20;
const LF = 10;

/** The user's risk parameter file cannot be used; the message says the line and what was expected. */
class UserImrpfRefused extends Error {
  override readonly name = 'UserImrpfRefused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail.en);
    this.refusal = refusal;
  }
}

/** Reads the user's risk parameter file, at the start rather than at the first run. @throws UserImrpfRefused */
export async function readUserImrpf(path: string): Promise<UserImrpf> {
  const hash = createHash('sha256');
  let rows = 0;
  let inRecords = false;
  let line = '';
  /** A control file counts the rows after the header row, without blank lines. */
  const endLine = () => {
    if (inRecords && line.trim() !== '') rows += 1;
    else if (/^\uFEFF?"?instrumentid/i.test(line.trim())) inRecords = true;
    line = '';
  };
  async function* bytes() {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (let from = 0; ; ) {
        const end = chunk.indexOf(LF, from);
        // The beginning of a line is enough: a record may be longer than a small file.
        if (line.length < 64) line += chunk.toString('latin1', from, Math.min(from + 64, end < 0 ? chunk.length : end));
        if (end < 0) break;
        endLine();
        from = end + 1;
      }
      yield chunk;
    }
  }
  try {
    const { size } = await stat(path);
    const imrpf = await loadImrpf(bytes(), { sizeBytes: size });
    endLine();
    const sha256 = hash.digest('hex');
    return { imrpf, sha256, records: rows, open: () => unchanged(path, sha256) };
  } catch (error) {
    if (error instanceof ImrpfFault) throw new UserImrpfRefused(named(path, error.refusal.detail));
    if (error instanceof Error && 'code' in error)
      throw new UserImrpfRefused(
        named(path, { en: `cannot be read (${error.code})`, zh: `無法讀取（${error.code}）` }),
      );
    throw error;
  }
}

/** Reads the file again, for RAP. @throws at its end if it changed: margin is computed with what was read at the start. */
async function* unchanged(path: string, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256)
    throw new Error(`${path} has changed since the start. Start again, so that RAP and margin have the same file.`);
}

function named(path: string, says: Words): Refusal {
  return refuse('BAD_FILE', {
    en: `${path}: ${says.en} Check it with: imrpf check ${path}`,
    zh: `${path}：${says.zh} 請檢查該檔案：imrpf check ${path}`,
  });
}
