import type { Batch } from '../../domain/nouns/instructions.ts';
import { Content } from '../../domain/settlement/content.ts';
import type { Blobs } from '../../store/blobs/blobs.ts';
import { offsetOfRecord } from '../../wire/record-reader.ts';
import type { BatchKinds } from './batch-kinds.ts';

/** Content digests of batch files, added up while their rows are decided. */
export class FileContents {
  readonly #blobs: Blobs;
  readonly #kinds: BatchKinds;
  /** Of the rows that were decided here so far, by batch reference. */
  readonly #sums = new Map<string, { readonly rows: number; readonly sum: Content }>();

  constructor(blobs: Blobs, kinds: BatchKinds) {
    this.#blobs = blobs;
    this.#kinds = kinds;
  }

  /** Adds the digest of rows `from` to `to`, which is not included. */
  add(reference: string, from: number, to: number, content: Content): void {
    const known = this.#sums.get(reference);
    const before = from === 0 ? new Content() : known?.rows === from ? known.sum : null;
    if (before) this.#sums.set(reference, { rows: to, sum: before.add(content) });
  }

  /** Content digest of the whole file. If another process or centre decided some of its rows, the file is read again. */
  async of({ reference, fileId, sha256, records }: Batch): Promise<Content> {
    const known = this.#sums.get(reference);
    this.#sums.delete(reference);
    if (known?.rows === records) return known.sum;
    const { layout, rowsPerCommit, rowsOf, contentOf } = this.#kinds.of(fileId);
    const sum = new Content();
    for (let from = 0; from < records; from += rowsPerCommit) {
      const first = offsetOfRecord(layout, from);
      const bytes = Buffer.allocUnsafe(offsetOfRecord(layout, Math.min(from + rowsPerCommit, records)) - first);
      await this.#blobs.fill(sha256, first, bytes);
      const rows = rowsOf(bytes);
      for (let place = 0; place < rows.length; place++) sum.add(contentOf(rows.at(place)));
    }
    return sum;
  }
}
