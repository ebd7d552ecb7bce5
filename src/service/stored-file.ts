import type { Instant } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { BlobDamaged } from '../store/blobs/blobs.ts';
import type { Context } from './context.ts';

/** The bytes of a file that is served. */
export interface StoredFile {
  /** Makes sure, before anything is sent, that the bytes are as they were stored; a refusal if they are at neither centre. */
  check(): Promise<Refusal | null>;
  /** Fills a buffer with the bytes from `first` on. */
  fill(first: number, into: Buffer): Promise<void>;
}

export const isBlobDamaged = (error: unknown): error is BlobDamaged =>
  error instanceof Error && error.name === 'BlobDamaged';

export function storedFile({ store, journal, centre }: Context, sha256: string): StoredFile {
  return {
    async check() {
      try {
        await store.blobs.check(sha256);
        return null;
      } catch (error) {
        if (!isBlobDamaged(error)) throw error;
        journal.note('error', { centre }, { what: 'a stored file', says: error.message });
        return refuse('FILE_DAMAGED', {
          en: `The stored file ${sha256} is damaged or missing at both data centres, and is not served. The journal of the harness names the files; whoever runs it can restore one of them from a copy.`,
          zh: `已儲存的檔案 ${sha256} 在兩個數據中心均已損壞或遺失，不予提供。系統日誌列出有關檔案，可由副本復原其中之一。`,
        });
      }
    },
    fill: (first, into) => store.blobs.fill(sha256, first, into),
  };
}

/**
 * When the bytes of a file have changed that is replaced now: at least a second after they last did. HTTP and SFTP say whole
 * seconds, and clients have to notice it under a clock that stands, too.
 */
export function changedAt(lastChangedAt: Instant, now: Instant): Instant {
  return Math.max(now, lastChangedAt - (lastChangedAt % 1000) + 1000);
}
