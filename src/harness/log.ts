import { type DestinationStream, pino } from 'pino';
import { printable } from '../domain/printable.ts';
import type { LogLevel } from './options.ts';

/**
 * The log: a line of JSON per event, by default on standard error. It may contain text from clients, so control characters
 * are escaped as JSON allows.
 */
export function createLog(level: LogLevel = 'warn', destination: DestinationStream = pino.destination(2)) {
  return pino({ level, hooks: { streamWrite: printable } }, destination);
}
