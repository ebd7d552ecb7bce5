import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import type { Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { Credential, NamedUser } from '../../service/rap/logon.ts';
import { fingerprintOf } from '../../service/rap/public-key.ts';
import type { RapService } from '../../service/rap/rap.ts';
import { callerOf, type SftpConnection } from './connection.ts';
import { NOTHING_OFFERED } from './mismatch.ts';
import type { SshServer } from './ssh-server.ts';
import { acceptKey } from './ssh2-corrections.ts';

type Method = 'publickey' | 'password' | 'keyboard-interactive';

export interface Authentication {
  decide(context: AuthContext): Promise<void>;
  /** Call it when the connection is closed. Keys that all failed count as one wrong try, however many there were. */
  end(): Promise<void>;
}

/**
 * Authenticates the user of one connection. The client names the user first, and the journal then has why that user may not
 * log on. What applies to everyone (closed, standby) is shown at once by keyboard-interactive, since SSH has no other way to
 * show a text to one client. What concerns this user alone is shown after a valid key or password: until then every name
 * gets the same answers in the same time. Keys and passwords are tried, as many as the rules allow.
 */
export function authenticate(
  connection: SftpConnection,
  rap: RapService,
  ssh: Pick<SshServer, 'readKey'>,
  loggedOn: () => void,
): Authentication {
  const { triesPerConnection, passwordLogon } = rap.rules;
  /** Why this client gets no further, once it may be shown. */
  let refusal: Refusal | null = null;
  let named: NamedUser | null = null;
  let tries = 0;
  let participant = '';
  /** Fingerprints of the keys that were rejected. */
  const failedKeys = new Set<string>();
  /** Whether the client has shown a key or given a password. */
  let hasTried = false;
  let isFailureNoted = false;
  const offered: Method[] = ['publickey', ...(passwordLogon ? (['password'] as const) : []), 'keyboard-interactive'];

  async function decide(context: AuthContext): Promise<void> {
    // No ID is longer; a stranger's text must not fill the journal.
    const user = context.username.slice(0, 32);
    // A client may name another user with each request.
    if (!named || participant !== user) {
      participant = user;
      named = rap.nameUser(participant, callerOf(connection));
      refusal = named.toEveryone;
    }
    if (refusal) return showRefusal(context, refusal);
    switch (context.method) {
      case 'publickey':
        return byKey(context);
      case 'password':
        return passwordLogon
          ? logOn(context, { kind: 'password', password: context.password })
          : context.reject(offered);
      case 'keyboard-interactive':
        return byKeyboard(context);
      default:
        return context.reject(offered);
    }
  }

  function reason(): NamedUser['reason'] {
    return named?.reason ?? null;
  }

  async function byKey(context: PublicKeyAuthContext): Promise<void> {
    hasTried = true;
    const fingerprint = fingerprintOf(context.key.data);
    const key = ssh.readKey(context.key.data);
    // An RSA key without a hash would sign with SHA-1, whatever algorithm the client names.
    const isSha1 = key?.type === 'ssh-rsa' && context.hashAlgo === undefined;
    if (isSha1 || !rap.acceptsKey(participant, fingerprint)) {
      failedKeys.add(isSha1 ? `${fingerprint}, by SHA-1` : fingerprint);
      return rejectTry(context);
    }
    if (!context.signature || !context.blob) return acceptKey(context);
    if (!key?.verify(context.blob, context.signature, context.hashAlgo)) {
      failedKeys.add(fingerprint);
      return rejectTry(context);
    }
    return logOn(context, { kind: 'key', fingerprint });
  }

  function byKeyboard(context: KeyboardAuthContext): void {
    const tried = [...failedKeys].join('; ');
    const why = failedKeys.size > 0 ? `None of the keys offered is valid for ${participant}: ${tried}.` : '';
    if (!passwordLogon)
      return void context.prompt([], 'ccass-harness', `${why} Password log-on is off.`, () => context.reject([]));
    context.prompt([{ prompt: 'Password: ', echo: false }], 'ccass-harness (simulated)', why, ([password = '']) => {
      void logOn(context, { kind: 'password', password });
    });
  }

  async function logOn(context: AuthContext, credential: Credential): Promise<void> {
    hasTried = true;
    const answer = await rap.logon({ participant, credential, reason: reason() }, callerOf(connection));
    if (connection.raw.destroyed) {
      if (!isRefusal(answer)) rap.logoff(answer.session, callerOf(connection));
      return;
    }
    if (!isRefusal(answer)) {
      connection.logon = answer;
      loggedOn();
      return context.accept();
    }
    isFailureNoted = true;
    // A locked user's right password must look like a wrong one; a key that signed cannot be guessed.
    const isLocked = answer.refusal === 'USER_LOCKED' && credential.kind === 'password';
    if (answer.refusal === 'BAD_CREDENTIALS' || isLocked) return rejectTry(context);
    refusal = answer;
    // The client may have used another method: let it try keyboard-interactive, which shows the refusal.
    context.reject(['keyboard-interactive']);
  }

  function rejectTry(context: AuthContext): void {
    const isLast = ++tries >= triesPerConnection;
    context.reject(isLast ? [] : offered);
    if (isLast) connection.ssh?.end();
  }

  function showRefusal(context: AuthContext, { title, detail }: Refusal): void {
    if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
    else {
      // Disconnect after one time: OpenSSH would prompt, and show it, three times.
      const done = () => {
        context.reject([]);
        connection.ssh?.end();
      };
      context.prompt([], textFor(title, ' / '), textFor(detail, '\n'), done);
    }
  }

  /** English alone for OpenSSH, which shows non-ASCII characters as numbers; WinSCP and PuTTY show Chinese. */
  function textFor({ en, zh }: Words, between: string): string {
    return connection.software.startsWith('OpenSSH') ? en : `${en}${between}${zh}`;
  }

  return {
    decide,
    async end() {
      const isUnexplained = connection.end === null && refusal === null && connection.refusal.code === undefined;
      if (named && !hasTried && isUnexplained) connection.refusal = NOTHING_OFFERED;
      if (connection.logon || isFailureNoted || failedKeys.size === 0) return;
      isFailureNoted = true;
      await rap.wrongKeys(participant, [...failedKeys], reason(), callerOf(connection));
    },
  };
}
