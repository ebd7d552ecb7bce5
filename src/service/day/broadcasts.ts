import { type Change, put } from '../../domain/change.ts';
import type { Broadcast, Instant } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { SERIES, seriesKey } from '../../domain/series.ts';
import type { Books } from '../../store/books/books.ts';
import type { Context } from '../context.ts';

/** A broadcast that is not sent yet: it gets its number and time when it is. */
export type Message = Omit<Broadcast, 'number' | 'at'>;

/** Sends a broadcast message to all participants. */
export async function sendBroadcast(context: Context, message: Message): Promise<Broadcast | Refusal> {
  const sent = await context.store.transact((books, at) => {
    const { changes, broadcast } = broadcastChanges(books, at, message);
    return { changes, answer: broadcast };
  });
  if (!isRefusal(sent)) noteBroadcast(context, sent);
  return sent;
}

/** The changes that send a message, for a commit with other changes. To be called inside `transact`. */
export function broadcastChanges(
  books: Books,
  at: Instant,
  message: Message,
): { changes: Change[]; broadcast: Broadcast } {
  const next = books.counter('broadcast');
  const { kind, subject, text } = message;
  const broadcast: Broadcast = { number: seriesKey(SERIES.broadcast, next), at, kind, subject, text };
  return {
    changes: [put('broadcast', broadcast), put('counter', { name: 'broadcast', next: next + 1 })],
    broadcast,
  };
}

export function noteBroadcast({ journal, centre }: Context, { number, kind, subject, text }: Broadcast): void {
  journal.note('broadcast', { centre, service: 'ccass' }, { number, type: kind, subject, text });
}

/** HKEX publishes that a broadcast announces the end of the final run (SI Maintenance); the words are ours. */
export const FINAL_RUN: Message = {
  kind: 'final-run',
  subject: { en: 'Final batch settlement run complete', zh: '最後一次多批交收處理程序已完成' },
  text: {
    en: 'SIMULATED. The final batch settlement run of today is complete; the second session of SI input is open as timetabled.',
    zh: '模擬：今日最後一次多批交收處理程序已完成；第二節交收指示輸入時段按時間表開放。',
  },
};
