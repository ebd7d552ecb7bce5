import type { Instant } from '../../domain/nouns/market.ts';
import type { RapFile } from '../../domain/nouns/reports.ts';
import { readImrpf } from '../../wire/imrpf/imrpf.ts';
import type { Context } from '../context.ts';
import { loadImrpf } from './imrpf-loading.ts';
import type { ImrpfInForce } from './setup.ts';
import { unzipped } from './unzipped.ts';

/** Size of a zip that counts as large. */
const LARGE_BYTES = 2 * 1024 * 1024;

/**
 * The risk parameter file in force at an instant: the newest that is published in RAP by then. So the runs of 11:00, 14:00,
 * 16:45 and also 20:30 use the previous business day's, since that day's file is published at 21:00. Null if there is none.
 */
export async function imrpfInForce(
  { store, risk }: Pick<Context, 'store' | 'risk'>,
  at: Instant,
): Promise<ImrpfInForce | null> {
  const row = dataFilesOf(store.books.rapFilesOf('COMMON')).findLast(({ publishedAt }) => publishedAt <= at);
  if (!row) return null;
  // After a restart, a large file is read in a worker thread.
  const read = row.sizeBytes > LARGE_BYTES ? loadImrpf : readImrpf;
  const imrpf = await risk.imrpfCache.get(row.sha256, () => read(unzipped(store.blobs.open(row.sha256))));
  return { imrpf, businessDate: row.businessDate, sha256: row.sha256 };
}

/** RPF01 data files in order of publication. */
function dataFilesOf(rows: readonly RapFile[]): RapFile[] {
  return rows
    .filter(({ reportId, part }) => reportId === 'RPF01' && part === 'data')
    .sort((a, b) => a.publishedAt - b.publishedAt || (a.businessDate < b.businessDate ? -1 : 1));
}
