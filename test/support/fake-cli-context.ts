import type { CliContext } from '../../src/commands/cli-context.ts';
import type { Control } from '../../src/control/control.ts';
import type { Harness, HarnessOptions } from '../../src/harness/options.ts';
import type { RehearseOptions } from '../../src/rehearsal/rehearse.ts';
import { fakeControl } from './fake-control.ts';

export interface FakeCliContext extends CliContext {
  readonly out: string[];
  readonly errors: string[];
  readonly started: HarnessOptions[];
  readonly rehearsed: RehearseOptions[];
  readonly stopped: number;
  readonly left: number[];
  /** What `onSignal` handlers get. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when a command listens for signals. */
  readonly listening: Promise<void>;
}

/** A CLI context without processes and harnesses, which records what commands do. */
export function fakeCliContext(over: Partial<CliContext> = {}, control: Control = fakeControl()): FakeCliContext {
  const handlers = new Set<(signal: NodeJS.Signals) => void>();
  const { promise: listening, resolve: heard } = Promise.withResolvers<void>();
  let stopped = 0;
  const context = {
    out: [] as string[],
    errors: [] as string[],
    started: [] as HarnessOptions[],
    rehearsed: [] as RehearseOptions[],
    left: [] as number[],
    listening,
    get stopped() {
      return stopped;
    },
    signal: (signal: NodeJS.Signals) => {
      for (const handler of handlers) handler(signal);
    },
    environment: {},
    invocation: 'harness',
    version: '1.2.3',
    platform: 'linux' as const,
    terminal: false,
    print: (line: string) => void context.out.push(line),
    printError: (line: string) => void context.errors.push(line),
    printed: async () => {},
    onSignal(handler: (signal: NodeJS.Signals) => void) {
      handlers.add(handler);
      heard();
      return () => void handlers.delete(handler);
    },
    exit: (code: number) => void context.left.push(code),
    startHarness: async (options: HarnessOptions): Promise<Harness> => {
      context.started.push(options);
      const stop = async () => void stopped++;
      return {
        control,
        addresses: {
          line: 'https://127.0.0.1:7043',
          primary: 'https://127.0.0.1:7044',
          backup: 'https://127.0.0.1:7045',
          admin: 'http://127.0.0.1:7080',
          sftp: 'sftp://127.0.0.1:7022',
          sftpPrimary: 'sftp://127.0.0.1:7023',
          sftpBackup: 'sftp://127.0.0.1:7024',
        },
        ca: '-----BEGIN CERTIFICATE-----\n',
        caPath: options.certs === undefined ? null : `${options.certs}/ca.pem`,
        leafDays: options.leaf === 'wall' ? 397 : 2_380,
        token: 'token-of-the-harness',
        seed: 42,
        version: '1.2.3',
        demo: { participant: 'B09901', user: 'MAKER01', password: 'a password', channel: 'C3T' },
        orp: { participant: 'B09901', user: 'RISK01', password: 'a password' },
        rap: {
          user: 'B09901',
          privateKey: '-----BEGIN EC PRIVATE KEY-----\n',
          publicKey: 'ecdsa-sha2-nistp256 AAAA demo',
          keyPath: options.certs === undefined ? null : `${options.certs}/rap-B09901`,
          password: 'a password',
          knownHosts: async () => '[127.0.0.1]:7022 ssh-rsa AAAA\n',
          knownHostsPath: options.certs === undefined ? null : `${options.certs}/known_hosts`,
          ciphers: async () => 'native',
          fingerprints: async () => ({ primary: [HOST_KEY], backup: [HOST_KEY] }),
        },
        recovered: [],
        stop,
        [Symbol.asyncDispose]: stop,
      };
    },
    rehearse: async (options: RehearseOptions) => {
      context.rehearsed.push(options);
      options.print('session 1');
      return { rehearsal: options.rehearsal.id, done: 3, failed: 0, empty: 0, undone: 0, steps: [] };
    },
    ...over,
  };
  return context;
}

const HOST_KEY = { algorithm: 'ssh-rsa', fingerprint: 'SHA256:of-the-host-key' };
