import type { Rehearsal, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { UserClient } from './user-client.ts';

/**
 * The sessions to play: those named, in the order of the rehearsal file; otherwise all, of which a client of the user's is spared
 * those that are optional. BAD_REQUEST for a name that the rehearsal does not have.
 */
export function chosenSessions(
  { id, sessions }: Pick<Rehearsal, 'id' | 'sessions'>,
  chosen: { readonly sessions?: readonly string[]; readonly with?: UserClient },
): readonly RehearsalSession[] | Refusal {
  const { sessions: named } = chosen;
  if (!named) return chosen.with ? sessions.filter((session) => !isOptional(session)) : sessions;
  const unknown = named.find((name) => !sessions.some((session) => session.id === name));
  const all = sessions.map((session) => session.id);
  if (unknown === undefined && named.length > 0) return sessions.filter((session) => named.includes(session.id));
  return refuse('BAD_REQUEST', {
    en: `${id} has no session "${unknown ?? ''}". Name some of its own: --sessions ${all.join(',')}`,
    zh: `${id} 並無時段「${unknown ?? ''}」。請選用其中的時段：--sessions ${all.join(',')}`,
  });
}

/** The circular leaves a session for those who took part to them (可選擇參與). */
function isOptional({ requires }: RehearsalSession): boolean {
  return requires === 'took-part';
}
