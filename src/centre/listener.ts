import type { Socket } from 'node:net';
import type { Arrival } from '../domain/access/arrival.ts';
import type { Protocol } from '../domain/access/protocol.ts';

/** The connections of a centre, of one protocol or of all, as a switch and a shutdown handle them. */
export interface Connected {
  /** How many are open. */
  connections(): number;
  /** Closes open connections: idle ones at once, those with work under way as their protocol allows. */
  drain(): Promise<void>;
  /** Resets every connection. */
  cut(): void;
  /** Resolves when no work is under way (a request, a transfer), or after `deadlineMs` of wall time. */
  finished(deadlineMs: number): Promise<void>;
  /** Stops accepting, and lets the work under way finish, for `deadlineMs` of wall time at most. */
  retire(deadlineMs: number): Promise<void>;
  /** Resets the remaining connections and frees the port. */
  stop(): Promise<void>;
}

/** One protocol of one centre, listening on its own port. */
export interface Listener extends Connected {
  readonly protocol: Protocol;
  /** The port that was bound. */
  readonly port: number;
  /** Takes an unread connection that was accepted elsewhere, such as by the line. */
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
