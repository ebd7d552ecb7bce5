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

/** That a broadcast message tells the end of the final run is published (SI Maintenance); its words are ours. */
export const FINAL_RUN = {
  kind: 'final-run',
  subject: { en: 'Final batch settlement run complete', zh: '最後一次批次交收已完成' },
  text: {
    en: 'SIMULATED. The final batch settlement run of today is complete; SI input is open again until 19:00.',
    zh: '模擬：今日最後一次批次交收已完成；交收指示輸入重新開放至下午 7 時。',
  },
} as const;
