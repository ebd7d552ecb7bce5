import type { Connected } from '../centre/listener.ts';
import { type ByProtocol, byProtocol } from '../domain/access/protocol.ts';
import type { CentreName } from '../domain/nouns/market.ts';

export type ByCentre<T> = Readonly<Record<CentreName, T>>;

/** How clients reach a world: its centres' connections, and the URLs in its answers. */
export interface Reach {
  readonly connected: ByCentre<Connected>;
  readonly lines: ByProtocol<string>;
  /** HTTPS of each centre. */
  readonly urls: ByCentre<string>;
}

const NOT_LISTENING: Connected = {
  connections: () => 0,
  drain: () => Promise.resolve(),
  cut: () => undefined,
  finished: () => Promise.resolve(),
  retire: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** A world whose listeners are not open yet. */
export const NO_REACH: Reach = {
  connected: { primary: NOT_LISTENING, backup: NOT_LISTENING },
  lines: byProtocol(() => ''),
  urls: { primary: '', backup: '' },
};
