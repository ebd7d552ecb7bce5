import { put } from '../domain/change.ts';
import type { Broadcast, Words } from '../domain/nouns.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Context } from './context.ts';

/** Sends a broadcast message to all participants. */
export async function sendBroadcast(
  context: Context,
  message: { readonly kind: Broadcast['kind']; readonly subject: Words; readonly text: Words },
): Promise<Broadcast | Refusal> {
  const sent = await context.store.transact((books, at) => {
    const next = books.counter('broadcast');
    const { kind, subject, text } = message;
    const broadcast: Broadcast = { number: `N${String(next).padStart(6, '0')}`, at, kind, subject, text };
    return {
      changes: [put('broadcast', broadcast), put('counter', { name: 'broadcast', next: next + 1 })],
      answer: broadcast,
    };
  });
  if (!isRefusal(sent)) {
    context.journal.note({
      kind: 'broadcast',
      centre: context.centre,
      detail: { number: sent.number, kind: sent.kind, subject: sent.subject.en },
    });
  }
  return sent;
}
