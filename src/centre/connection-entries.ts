import type { Protocol } from '../domain/access/protocol.ts';
import type { JournalDetails, JournalWho } from '../domain/journal/journal.ts';
import type { CentreName } from '../domain/nouns/market.ts';
import type { Connection } from './gatekeeper.ts';

/** The head of a journal entry about a connection. */
export function connectionHead(centre: CentreName, protocol: Protocol, { id, via }: Connection): JournalWho {
  return { centre, protocol, via, connection: id };
}

type Closed = JournalDetails['closed'];

/** The journal's details of a closed connection. */
export function closedDetail(
  { address, port, openedWallMs, raw }: Connection,
  ended: Pick<Closed, 'how' | 'requests' | 'code' | 'cause' | 'remedy' | 'software'>,
): Closed {
  return { ...ended, address, port, openedWallMs, bytesIn: raw.bytesRead, bytesOut: raw.bytesWritten };
}
