import type { Socket } from 'node:net';
import type { Arrival } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';

/** The connections of a centre, of one protocol or of all: what a switch and the end of the harness do with them. */
export interface Connected {
  /** How many are open. */
  connections(): number;
  /** Lets open connections go: idle ones close, and those with work under way as their protocol allows. */
  drain(): Promise<void>;
  /** Resets every connection. */
  cut(): void;
  /** Resolves when no work is under way (a request, a transfer), or after `deadlineMs` of wall time. */
  finished(deadlineMs: number): Promise<void>;
  /** Takes no more connections on its port, and lets the work under way finish, for `deadlineMs` of wall time at most. */
  retire(deadlineMs: number): Promise<void>;
  /** Resets what is still connected and frees the port. */
  stop(): Promise<void>;
}

/** One protocol of one centre, listening on a port of its own. */
export interface Listener extends Connected {
  readonly protocol: Protocol;
  /** The port that was bound. */
  readonly port: number;
  /** Takes an unread connection that somebody else accepted, such as the line. */
  accept(arrival: Arrival<Socket>): void;
}

/** Several listeners as one. */
export function allOf(listeners: readonly Listener[]): Connected {
  const each = async (work: (listener: Listener) => Promise<void>) => void (await Promise.all(listeners.map(work)));
  return {
    connections: () => listeners.reduce((sum, listener) => sum + listener.connections(), 0),
    drain: () => each((listener) => listener.drain()),
    cut: () => listeners.forEach((listener) => void listener.cut()),
    finished: (deadlineMs) => each((listener) => listener.finished(deadlineMs)),
    retire: (deadlineMs) => each((listener) => listener.retire(deadlineMs)),
    stop: () => each((listener) => listener.stop()),
  };
}
