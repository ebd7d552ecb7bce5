import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import type { Words } from '../../domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { Credential } from '../../service/rap/logon.ts';
import { fingerprintOf } from '../../service/rap/public-key.ts';
import type { RapService } from '../../service/rap/rap.ts';
import { callerOf, type SftpConnection } from './connection.ts';
import type { SshServer } from './ssh-server.ts';

type Method = 'publickey' | 'password' | 'keyboard-interactive';

export interface Authentication {
  decide(context: AuthContext): Promise<void>;
  /** The connection is gone. Whoever showed keys and got nowhere has failed once, however many there were. */
  end(): Promise<void>;
}

/**
 * Who may log on over one connection. The first thing a client says is who he is; what stands against him then (closed,
 * standby, not registered ...) is told by keyboard-interactive, the only way in which SSH tells a text to one user alone,
 * and always in the journal. Otherwise keys and passwords are tried, as many as the rules allow.
 */
export function authenticate(
  connection: SftpConnection,
  rap: RapService,
  ssh: Pick<SshServer, 'readKey'>,
  loggedOn: () => void,
): Authentication {
  const { triesPerConnection, passwordLogon } = rap.rules;
  /** What stands against this user, once it is known. */
  let standing: Refusal | null = null;
  let asked = false;
  let tries = 0;
  let participant = '';
  /** Fingerprints of the keys that got nowhere. */
  const failed = new Set<string>();
  let counted = false;
  const offered: Method[] = ['publickey', ...(passwordLogon ? (['password'] as const) : []), 'keyboard-interactive'];

  async function decide(context: AuthContext): Promise<void> {
    // Nobody's ID is longer; the journal shall not hold whatever a stranger sends.
    participant = context.username.slice(0, 32);
    if (!asked) {
      asked = true;
      const admission = rap.admitApplicant(participant, callerOf(connection));
      if (isRefusal(admission)) standing = admission;
    }
    if (standing) return told(context, standing);
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

  async function byKey(context: PublicKeyAuthContext): Promise<void> {
    const fingerprint = fingerprintOf(context.key.data);
    // An RSA key without a hash named is one that would sign with SHA-1.
    const isSha1 = context.key.algo === 'ssh-rsa' && context.hashAlgo === undefined;
    if (isSha1 || !rap.acceptsKey(participant, fingerprint)) {
      failed.add(isSha1 ? `${fingerprint}, by SHA-1` : fingerprint);
      return tried(context);
    }
    if (!context.signature || !context.blob) return context.accept();
    const key = ssh.readKey(context.key.data);
    if (!key?.verify(context.blob, context.signature, context.hashAlgo)) {
      failed.add(fingerprint);
      return tried(context);
    }
    return logOn(context, { kind: 'key', fingerprint });
  }

  function byKeyboard(context: KeyboardAuthContext): void {
    const why = failed.size > 0 ? `No key that you showed holds for ${participant}: ${[...failed].join('; ')}.` : '';
    if (!passwordLogon)
      return void context.prompt([], 'ccass-harness', `${why} Password log-on is off.`, () => context.reject([]));
    context.prompt([{ prompt: 'Password: ', echo: false }], 'ccass-harness (simulated)', why, ([password = '']) => {
      void logOn(context, { kind: 'password', password });
    });
  }

  async function logOn(context: AuthContext, credential: Credential): Promise<void> {
    const answer = await rap.logon({ participant, credential }, callerOf(connection));
    if (connection.raw.destroyed) {
      if (!isRefusal(answer)) rap.logoff(answer.session, callerOf(connection));
      return;
    }
    if (!isRefusal(answer)) {
      connection.logon = answer;
      loggedOn();
      return context.accept();
    }
    counted = true;
    if (answer.refusal === 'BAD_CREDENTIALS') return tried(context);
    standing = answer;
    // A method that this client may not have come by: it is asked for once more, and told there.
    context.reject(['keyboard-interactive']);
  }

  function tried(context: AuthContext): void {
    const isLast = ++tries >= triesPerConnection;
    context.reject(isLast ? [] : offered);
    if (isLast) connection.ssh?.end();
  }

  function told(context: AuthContext, { title, detail }: Refusal): void {
    if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
    else {
      // Once is enough: OpenSSH would ask, and show it, three times.
      const done = () => {
        context.reject([]);
        connection.ssh?.end();
      };
      context.prompt([], said(title, ' / '), said(detail, '\n'), done);
    }
  }

  /** OpenSSH shows whatever is not ASCII as numbers; WinSCP and PuTTY show Chinese. */
  function said({ en, zh }: Words, between: string): string {
    return connection.software.startsWith('OpenSSH') ? en : `${en}${between}${zh}`;
  }

  return {
    decide,
    async end() {
      if (connection.logon || counted || failed.size === 0) return;
      counted = true;
      await rap.wrongKeys(participant, [...failed], callerOf(connection));
    },
  };
}
