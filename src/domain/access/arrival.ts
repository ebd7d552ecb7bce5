import type { Protocol } from './protocol.ts';

/** How a connection arrived: through the line, or at the centre's port. */
export const VIAS = ['line', 'direct'] as const;
export type Via = (typeof VIAS)[number];

/**
 * A connection as a listener gets it. The client's address is here and not on the socket, which may be one end of a relay.
 */
export interface Arrival<Socket> {
  /** No byte has been read from it. */
  readonly socket: Socket;
  readonly protocol: Protocol;
  /** The client's address, as `plainAddress` writes it. */
  readonly address: string;
  /** The client's port. */
  readonly port: number;
  readonly via: Via;
}

/** The arrival of a socket that was just accepted; null if its client has already disconnected. */
export function arrivalOf<
  Socket extends { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined },
>(socket: Socket, protocol: Protocol, via: Via): Arrival<Socket> | null {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  return { socket, protocol, address: plainAddress(remoteAddress), port: remotePort, via };
}

/** Whether an address is of this machine alone: ::1 or 127.0.0.0/8, also as an IPv6 socket shows it. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || LOOPBACK.test(plain);
}

const LOOPBACK = /^127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** A listener for both families shows an IPv4 client as ::ffff:a.b.c.d; this returns a.b.c.d. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, '');
}
