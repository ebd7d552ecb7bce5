import type { LeafClocks } from '../centre/tls/validity.ts';
import type { Control } from '../control/control.ts';
import type { CentreName, Channel, Instant } from '../domain/nouns/market.ts';
import type { Addresses, Ports } from './addresses.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options of a harness; every one has a default. */
export interface HarnessOptions {
  /** ID of a rehearsal in fixtures/rehearsals, or the path of a rehearsal file. Default `always-open`. */
  readonly rehearsal?: string;
  /** Folders in place of those in fixtures/. */
  readonly market?: string;
  readonly layouts?: string;
  readonly reports?: string;
  readonly stress?: string;
  /** A user-supplied risk parameter file (csv): every business day's RPF01, from which margin is computed. */
  readonly imrpf?: string;
  /** Instruments in a generated risk parameter file; 3,000 make it as large as a real one. Default: those of the market. */
  readonly imrpfInstruments?: number;
  /** Folder of the data that survive a restart; without it everything is in memory. */
  readonly data?: string;
  /** Start although the damaged data folder loses acknowledged changes; without it, such a start is refused. */
  readonly acceptLoss?: boolean;
  /** Folder of CA, certificates and keys, which are generated if it is empty; without it they are in memory. */
  readonly certs?: string;
  /** Whether both centres have the same SSH host keys. Default: same. */
  readonly hostKeys?: 'same' | 'distinct';
  /** Further names in the certificates. */
  readonly san?: readonly string[];
  /**
   * Whose clock the centres' certificates are for: clients on the wall clock and on market time, or the wall clock alone, which
   * keeps them short enough for Apple's verifiers. Default: both.
   */
  readonly leaf?: LeafClocks;
  readonly seed?: number;
  /** Replication lag in milliseconds of market time. Default 0. */
  readonly lagMs?: number;
  /** Market time at the start. Default: the rehearsal's. */
  readonly at?: Instant | 'now';
  readonly clock?: 'running' | 'frozen';
  /** Market milliseconds per millisecond while running. Default 1. */
  readonly rate?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any free ones. */
  readonly ports?: Ports;
  /** Bearer token that the admin server requires of clients on other machines. Default: a new one at each start. */
  readonly token?: string;
  readonly log?: LogLevel;
  /** Called with the progress of loading the instructions of a large market; never called without them. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called with the payload size of each SFTP packet sent. The command line triggers V8's garbage collection by it; a
   * harness in your own process does not.
   */
  readonly packetSent?: (bytes: number) => void;
  /** Limits in place of the built-in ones, such as short time-outs for a test. */
  readonly limits?: Limits;
}

/** Progress of a long task. */
export interface Progress {
  readonly what: 'checking instructions' | 'loading instructions';
  /** From 0 to 1. */
  readonly share: number;
}

/** Limits of a centre. All of them are mock conventions: HKEX publishes none. Times are wall milliseconds. */
export interface Limits {
  /** Size of one batch file, decoded. */
  readonly uploadBytes?: number;
  /** Size of a csv that is published in RAP in place of a report. */
  readonly rapCsvBytes?: number;
  /** From connecting to the first byte. */
  readonly firstByteMs?: number;
  readonly handshakeMs?: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs?: number;
  /** A whole request, body included. */
  readonly requestMs?: number;
  /** Without a byte either way while a request is under way. */
  readonly stalledMs?: number;
  /** A kept-alive connection between two requests. */
  readonly idleMs?: number;
  /** How often headers and requests under way are checked. */
  readonly checkMs?: number;
  readonly connectionsPerAddress?: number;
  readonly handshakesPerAddress?: number;
  /** Connections from this machine that wait for a handshake of their address to be over, each as long as one may take. */
  readonly waitingHandshakes?: number;
  /** What a drain, or the end of the harness, lets requests and transfers under way take. */
  readonly finishMs?: number;
  /** SFTP: from connecting until a user is logged on. */
  readonly sftpLogonMs?: number;
  /** SFTP: without a request. */
  readonly sftpIdleMs?: number;
  /** SFTP: bytes of memory that one connection may make the server hold. */
  readonly sftpConnectionBytes?: number;
  /** SFTP: the same of all connections of a user. */
  readonly sftpUserBytes?: number;
  /** SFTP: over one of those budgets, until the connection ends. */
  readonly sftpOverBudgetMs?: number;
}

/** What an SFTP client needs besides an address. */
export interface RapAccess {
  /** The demo RAP user: a participant ID. */
  readonly user: string;
  /** The user's private key, PEM, generated for this process or stored beside the certificates. */
  readonly privateKey: string;
  /** Its public half, in the format of a .pub file. */
  readonly publicKey: string;
  /** Its file, or null if it is in memory only. */
  readonly keyPath: string | null;
  readonly password: string;
  /** The lines of a known_hosts file for all three addresses. Host keys are generated at the first call. */
  knownHosts(): Promise<string>;
  /** Their file, or null if they are in memory only. */
  readonly knownHostsPath: string | null;
  /** Whether ssh2 encrypts with its native part or in JavaScript, at about half the speed. Loads ssh2. */
  ciphers(): Promise<'native' | 'JavaScript'>;
  /** Fingerprints of each centre's host keys, as `SHA256:...`. */
  fingerprints(): Promise<Readonly<Record<CentreName, readonly { algorithm: string; fingerprint: string }[]>>>;
}

/** A running harness: both centres, the line and the admin server answer. */
export interface Harness extends AsyncDisposable {
  readonly control: Control;
  readonly addresses: Addresses;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** Its file, or null if it is in memory only. */
  readonly caPath: string | null;
  /** Days that the centres' certificates are valid: 397, more where market time lies elsewhere. */
  readonly leafDays: number;
  readonly token: string;
  readonly seed: number;
  readonly version: string;
  /** A demo user of CCASS. */
  readonly demo: {
    readonly participant: string;
    readonly user: string;
    readonly password: string;
    readonly channel: Channel;
  };
  /** A demo user of ORP Online; null = the market has none. */
  readonly orp: { readonly participant: string; readonly user: string; readonly password: string } | null;
  /** How to reach RAP over SFTP. */
  readonly rap: RapAccess;
  /** What a restart found in the data folder, as sentences; empty at a first start. */
  readonly recovered: readonly string[];
  /** Lets work under way finish, closes every listener and resolves when nothing is left open. */
  stop(): Promise<void>;
}
