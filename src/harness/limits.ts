import type { Limits } from './options.ts';

/** `ms` is wall milliseconds. */
export type LimitUnit = 'ms' | 'bytes' | 'count';

interface LimitRow {
  readonly unit: LimitUnit;
  readonly default: number;
  readonly most: number;
  readonly words: string;
}

const MIB = 1024 * 1024;
/** The longest time of a Node timer, some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

const ms = (defaultMs: number, words: string): LimitRow => ({
  unit: 'ms',
  default: defaultMs,
  most: LONGEST_MS,
  words,
});
const bytes = (defaultBytes: number, words: string): LimitRow => ({
  ...{ unit: 'bytes', default: defaultBytes, most: 1024 * MIB, words },
});
const count = (defaultCount: number, words: string): LimitRow => ({
  ...{ unit: 'count', default: defaultCount, most: 65_535, words },
});

/** Every limit that HarnessOptions has: a new one does not compile before it has a row here. */
export const LIMITS: { readonly [N in keyof Required<Limits>]: LimitRow } = {
  uploadBytes: bytes(256 * MIB, 'one batch file, decoded'),
  rapCsvBytes: bytes(256 * MIB, 'one csv that is published in RAP in place of a report'),
  firstByteMs: ms(10_000, 'from connecting to the first byte'),
  handshakeMs: ms(10_000, 'a TLS handshake'),
  headersMs: ms(10_000, 'from the first byte of a request to the end of its headers'),
  requestMs: ms(300_000, 'a whole request, body included'),
  stalledMs: ms(30_000, 'without a byte either way while a request is under way'),
  idleMs: ms(65_000, 'a kept-alive connection between two requests'),
  checkMs: ms(1_000, 'how often headers and requests under way are checked'),
  connectionsPerAddress: count(512, 'open connections of one address'),
  handshakesPerAddress: count(128, 'handshakes under way of one address'),
  waitingHandshakes: count(1_000, 'connections from this machine beyond that, which wait unread for their turn'),
  finishMs: ms(5_000, 'what a drain, or the end, lets requests and transfers under way take'),
  sftpLogonMs: ms(60_000, 'SFTP: from connecting until a user is logged on'),
  sftpIdleMs: ms(900_000, 'SFTP: without a request'),
  sftpConnectionBytes: bytes(32 * MIB, 'SFTP: memory that one connection may make the server hold'),
  sftpUserBytes: bytes(128 * MIB, 'SFTP: the same of all connections of a user'),
  sftpOverBudgetMs: ms(30_000, 'SFTP: how long a connection may be over one of those two'),
};

export const LIMIT_NAMES = Object.keys(LIMITS) as (keyof Limits)[];

/** All limits: those given, and the others at their default. */
export function allLimits(given: Limits = {}): Required<Limits> {
  const defaults = Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].default]));
  return { ...(defaults as unknown as Required<Limits>), ...given };
}
