import { formatHkt } from '../domain/calendar/calendar.ts';
import { nearest } from '../domain/nearest.ts';
import type { Instant } from '../domain/nouns/market.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Books } from '../store/books/books.ts';

export function notATime(text: string): Refusal {
  return refuse('BAD_REQUEST', {
    en: `"${text}" is not a valid time. Write Hong Kong time such as 2021-07-24T16:30, or ISO 8601 with a zone.`,
    zh: `「${text}」並非時間。請使用香港時間，例如 2021-07-24T16:30，或附時區的 ISO 8601。`,
  });
}

export function tooFarAhead(text: string, farthest: Instant): Refusal {
  return refuse('BAD_REQUEST', {
    en: `${text} is too far ahead: every day up to it would be played. Name a time up to ${formatHkt(farthest)}, or restart the harness with --at.`,
    zh: `${text} 太遠：其間每一天均須模擬。請指定不遲於 ${formatHkt(farthest)} 的時間，或以 --at 重新啟動。`,
  });
}

export function noFurtherEvent(): Refusal {
  return refuse('NOT_FOUND', {
    en: 'The timetable has no further event of that kind. Set a time instead, or load a rehearsal: --rehearsal 2021-07-24',
    zh: '時間表上再無此類事件。請直接設定時間，或載入演習：--rehearsal 2021-07-24',
  });
}

/** Refuses a participant that the market does not have: an empty list would look like an answer. */
export function unknownIn(books: Books, participant: string | undefined): Refusal | null {
  if (participant === undefined || books.get('participant', participant)) return null;
  const known = [...books.all('participant')].map((row) => row.id);
  const near = nearest(participant, known).join(', ') || known.slice(0, 5).join(', ');
  return refuse('NOT_FOUND', {
    en: `The market has no participant ${participant}. Nearest: ${near}`,
    zh: `市場並無參與者 ${participant}。最接近者：${near}`,
  });
}

/** The same of one who gets files: COMMON stands for everybody. */
export function unknownReceiver(books: Books, participant: string | undefined): Refusal | null {
  return participant === 'COMMON' ? null : unknownIn(books, participant);
}
