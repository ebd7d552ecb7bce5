import { PassThrough } from 'node:stream';
import type { JournalEntry } from '../domain/journal/journal.ts';

/** Adds `ja4` to the entries that have a ClientHello. An incomplete one has no fingerprint. */
export async function withJa4(entries: readonly JournalEntry[]): Promise<JournalEntry[]> {
  // Loaded here, since nothing else needs the library.
  const { calculateJa4, readTlsClientHello } = await import('read-tls-client-hello');

  async function fingerprint(hello: string): Promise<string | null> {
    const bytes = new PassThrough();
    bytes.end(Buffer.from(hello, 'base64'));
    try {
      return calculateJa4(await readTlsClientHello(bytes));
    } catch {
      return null;
    }
  }

  return Promise.all(
    entries.map(async (entry): Promise<JournalEntry> => {
      if (entry.kind !== 'secured' && entry.kind !== 'tls-refused') return entry;
      const ja4 = entry.detail.hello === undefined ? null : await fingerprint(entry.detail.hello);
      if (ja4 === null) return entry;
      // Separately, so that the compiler knows which kind has which details.
      return entry.kind === 'secured'
        ? { ...entry, detail: { ...entry.detail, ja4 } }
        : { ...entry, detail: { ...entry.detail, ja4 } };
    }),
  );
}
