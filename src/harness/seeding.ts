import { put } from '../domain/change.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { isRefusal } from '../domain/refusal.ts';
import { copyCommits } from '../failover/replication.ts';
import { type InstructionsFile, type OnShare, readInstructions } from '../loading/instructions.ts';
import type { Store } from '../store/store.ts';

/**
 * Puts the market's instructions into the books of both centres, before any listener opens, in commits of bounded size.
 * Copies each to the other centre at once, so that neither has to keep undo rows. After an interrupted start it resumes
 * with the next number, since nobody else can have input anything.
 */
export async function seedInstructions(
  centres: { readonly active: Store; readonly other: Store },
  file: InstructionsFile,
  at: Instant,
  onShare: OnShare,
): Promise<void> {
  const { active, other } = centres;
  const from = active.books.counter('instruction') - 1;
  for await (const rows of readInstructions(file, at, from, onShare)) {
    const answer = await active.transact((books) => ({
      changes: [
        ...rows.map((row) => put('instruction', row)),
        put('counter', { name: 'instruction', next: books.counter('instruction') + rows.length }),
      ],
      answer: true,
    }));
    if (isRefusal(answer)) throw new Error(`the instructions of the market could not be stored: ${answer.detail.en}`);
    for await (const commit of active.since(other.head().index)) await copyCommits(active, other, [commit]);
    active.shared(active.head().index);
  }
}
