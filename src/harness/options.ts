import type { Control } from '../control/control.ts';
import type { CentreName, Channel, Instant } from '../domain/nouns/market.ts';
import type { Addresses, Ports } from './addresses.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a harness can be told before it starts; everything has a default. */
export interface HarnessOptions {
  /** ID of a rehearsal in fixtures/rehearsals, or a rehearsal file of your own. Default `always-open`. */
  readonly rehearsal?: string;
  /** Folders in place of those in fixtures/. */
  readonly market?: string;
  readonly layouts?: string;
  readonly reports?: string;
  readonly stress?: string;
  /** A risk parameter file (csv) of your own: every business day's RPF01, and what margin is computed with. */
  readonly imrpf?: string;
  /** Instruments of a generated risk parameter file; 3,000 make one as large as the real one. Default: those of the market. */
  readonly imrpfInstruments?: number;
  /** Folder that outlives the harness; without it everything is in memory. */
  readonly data?: string;
  /** Go on where a damaged data folder would lose something that was acknowledged; without it, such a start is refused. */
  readonly acceptLoss?: boolean;
  /** Folder of CA, certificates and keys, made if it is empty; without it they are in memory. */
  readonly certs?: string;
  /** Whether both centres show the same SSH host keys. Default: same. */
  readonly hostKeys?: 'same' | 'distinct';
  /** Further names in the certificates. */
  readonly san?: readonly string[];
  readonly seed?: number;
  /** Replication lag in milliseconds of market time. Default 0. */
  readonly lagMs?: number;
  /** Market time at the start. Default: as the rehearsal says. */
  readonly at?: Instant | 'now';
  readonly clock?: 'running' | 'frozen';
  /** Market milliseconds per millisecond while running. Default 1. */
  readonly rate?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any free ones. */
  readonly ports?: Ports;
  /** Asked of whoever steers the harness from another machine. Default: a new one at each start. */
  readonly token?: string;
  readonly log?: LogLevel;
  /** Told how far the instructions of a large market have come; a start without them tells nothing. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called with the payload size of each SFTP packet sent. The command line has V8 collect what packets leave behind; a
   * harness in your own process leaves V8 alone.
   */
  readonly packetSent?: (bytes: number) => void;
  /** Limits in place of the built-in ones, such as short time-outs for a test. */
  readonly limits?: Limits;
}

/** How far a long work has come. */
export interface Progress {
  readonly what: 'checking instructions' | 'loading instructions';
  /** From 0 to 1. */
  readonly share: number;
}

/** What a centre puts up with. All of them are mock conventions: HKEX publishes none. Times are wall milliseconds. */
export interface Limits {
  /** Of one batch file, decoded. */
  readonly uploadBytes?: number;
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
  /** How often headers and requests under way are looked at. */
  readonly checkMs?: number;
  readonly connectionsPerAddress?: number;
  readonly handshakesPerAddress?: number;
  /** SFTP: from connecting until somebody is logged on. */
  readonly sftpLogonMs?: number;
  /** SFTP: without a request. */
  readonly sftpIdleMs?: number;
}

/** What an SFTP client needs beside an address. */
export interface RapAccess {
  /** The RAP user to try with: a participant ID. */
  readonly user: string;
  /** A private key of his, PEM, made for this process or kept beside the certificates. */
  readonly privateKey: string;
  /** Its public half, as it stands in a .pub file. */
  readonly publicKey: string;
  /** Where it stands as a file, or null if it is in memory only. */
  readonly keyPath: string | null;
  readonly password: string;
  /** The lines of a known_hosts file for all three addresses. Host keys are made when first asked for. */
  knownHosts(): Promise<string>;
  /** Where they stand as a file, or null if they are in memory only. */
  readonly knownHostsPath: string | null;
  /** What ssh2 works with here: its native part, or JavaScript at some half of the speed. Loads ssh2. */
  ciphers(): Promise<'native' | 'JavaScript'>;
  /** What each centre shows, as `SHA256:...`. */
  fingerprints(): Promise<Readonly<Record<CentreName, readonly { algorithm: string; fingerprint: string }[]>>>;
}

/** A harness that runs: both centres, the line and the admin server answer. */
export interface Harness extends AsyncDisposable {
  readonly control: Control;
  readonly addresses: Addresses;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** Where it stands as a file, or null if it is in memory only. */
  readonly caPath: string | null;
  readonly token: string;
  readonly seed: number;
  readonly version: string;
  /** A user to try with. */
  readonly demo: {
    readonly participant: string;
    readonly user: string;
    readonly password: string;
    readonly channel: Channel;
  };
  /** A user of ORP Online to try with; null = the market has none. */
  readonly orp: { readonly participant: string; readonly user: string; readonly password: string } | null;
  /** How to reach RAP over SFTP. */
  readonly rap: RapAccess;
  /** What a restart found in the data folder, in words; empty at a first start. */
  readonly recovered: readonly string[];
  /** Lets what is under way finish, closes every listener and resolves when nothing is left open. */
  stop(): Promise<void>;
}
