import { type DestinationStream, pino } from 'pino';
import { printable } from '../domain/printable.ts';
import type { LogLevel } from './options.ts';

/**
 * The log: a line of JSON an event, by default on standard error. Texts of clients can be in it, so what would steer a terminal is
 * escaped; JSON reads it back as it was.
 */
export function createLog(level: LogLevel = 'warn', destination: DestinationStream = pino.destination(2)) {
  return pino({ level, hooks: { streamWrite: printable } }, destination);
}
