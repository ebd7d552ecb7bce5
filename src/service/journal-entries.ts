import type { JournalDetails, JournalWho } from '../domain/journal/journal.ts';
import { MOST_ROWS } from '../domain/journal/kinds/business.ts';
import { clientText } from '../domain/journal/shape.ts';
import type { Content } from '../domain/settlement/content.ts';
import type { Session } from './access/sessions.ts';
import type { Applicant, Caller, Context } from './context.ts';

/** The head of a journal entry about a request. `who` is its session or, of a log-on, its applicant. */
export function requestHead(
  { centre }: Pick<Context, 'centre'>,
  caller: Caller,
  who: Session | Pick<Applicant, 'participant' | 'user'> | null = null,
): JournalWho {
  const { service, protocol = 'https', via = null, connection, request = null } = caller;
  const { participant = null, user = null } = who ?? {};
  const session = who && 'id' in who ? who.id : null;
  return { centre, service, protocol, via, connection, request, session, participant, user };
}

/** The head of an entry about a session that none of its requests caused. */
export function sessionHead({ centre, service, id, participant, user }: Session): JournalWho {
  return { centre, service, session: id, participant, user };
}

/** The outcome of a typed row. */
interface RowOutcome {
  readonly number: string | null;
  readonly reference: string | null;
  readonly reason: string | null;
}

/** How many rows were accepted and refused, and the first of them; `contentOf` gives the content digest of the row at a place. */
export function rowsNoted(outcomes: readonly RowOutcome[], contentOf: (place: number) => Content | undefined) {
  const refused = outcomes.filter(({ reason }) => reason !== null).length;
  const rows = outcomes.slice(0, MOST_ROWS).map(({ number, reference, reason }, place) => {
    const content = contentOf(place);
    return {
      ...(number !== null && { number: clientText(number) }),
      ...(reference !== null && { reference: clientText(reference) }),
      ...(reason !== null && { reason }),
      ...(content && { content: String(content) }),
    };
  });
  const left = outcomes.length - rows.length;
  return { accepted: outcomes.length - refused, refused, rows, ...(left > 0 && { rowsLeftOut: left }) } satisfies Omit<
    JournalDetails['instruction'],
    'act'
  >;
}
