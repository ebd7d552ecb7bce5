import type { Control } from '../control/control.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { JournalKind } from '../domain/journal/journal.ts';
import type { ServiceName } from '../domain/nouns/market.ts';
import { offers } from './expected.ts';
import { createSeen, type Seen } from './seen-entries.ts';
import { granted } from './setting.ts';

const PAGE = 10_000;
const KINDS: readonly JournalKind[] = [
  ...(['logon', 'refusal', 'tls-refused', 'closed', 'batch'] as const),
  ...(['instruction', 'transfer', 'answer', 'download'] as const),
];

/** Reads what clients did since entry `after` of the journal. */
export async function seenSince(control: Control, after: number): Promise<Seen> {
  const seen = createSeen();
  for (let from = after; ; ) {
    const { entries } = granted(await control.journal({ kinds: KINDS.join(','), after: from, limit: PAGE }));
    for (const entry of entries) seen.add(entry);
    const last = entries.at(-1);
    if (!last || entries.length < PAGE) return seen.read();
    from = last.seq;
  }
}

/** A kind of task that a session of a rehearsal has. `optional`: the circular leaves it to the participant. */
export interface Unseen {
  readonly task: 'log-on' | 'enquiries' | 'input' | 'upload' | 'download';
  readonly service: ServiceName;
  readonly optional: boolean;
}

/** What the session offers and the client did not do, or was refused altogether. */
export function notSeen(session: RehearsalSession, seen: Seen): readonly Unseen[] {
  const { logons, typed, rows, batches, enquiries, downloads } = seen;
  const unseen: Unseen[] = [];
  for (const service of ['ccass', 'rap', 'orp'] as const) {
    const add = (task: Unseen['task'], isSeen: boolean, optional = false) => {
      if (!isSeen) unseen.push({ task, service, optional });
    };
    if (!session.services[service]) continue;
    add(
      'log-on',
      logons.some((one) => one.service === service),
    );
    if (service !== 'rap' && offers(session, 'enquire', service)) add('enquiries', enquiries[service] > 0);
    if (service === 'ccass' && offers(session, 'input'))
      add(
        'input',
        typed.some(({ accepted }) => accepted > 0),
      );
    if (service === 'ccass' && offers(session, 'upload'))
      add('upload', batches.some(({ accepted }) => accepted > 0) || (batches.length > 0 && rows.accepted > 0), true);
    if (service !== 'orp' && offers(session, 'download', service)) add('download', downloads[service].whole > 0);
  }
  return unseen;
}

/** Why the session's tasks were not done, whatever the client's exit code says; null if something was. */
export function whyUndone({ logons, rows, discarded }: Seen): 'no log-on' | 'all refused' | null {
  if (logons.length === 0) return 'no log-on';
  return rows.accepted === 0 && (rows.refused > 0 || discarded > 0) ? 'all refused' : null;
}
