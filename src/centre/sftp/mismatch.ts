import type { SshRefusal } from '../../domain/journal/kinds/connections.ts';
import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';

/** Why an SSH handshake failed, for the journal: as for TLS, the cause and what to do. */
export interface Mismatch {
  readonly code: SshRefusal;
  readonly cause: Words;
  readonly remedy: Words;
}

/** @param what in ssh2's words, such as `key exchange algorithm` */
export function noCommon(what: string): Mismatch {
  return {
    code: 'NO_COMMON_ALGORITHM',
    cause: { en: `Client and server have no ${what} in common.`, zh: `客戶端與伺服器並無共同的演算法（${what}）。` },
    remedy: {
      en: 'Let the client offer one of those in docs/rap.md, Algorithms; a newer version of it usually does.',
      zh: '請讓客戶端提供 docs/rap.md「Algorithms」所列的演算法之一；較新版本的客戶端一般已支援。',
    },
  };
}

/** @param what such as `exec` */
export function noSuchChannel(what: string): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `${what}: RAP serves SFTP and nothing else, with up to 8 channels a connection. Use an SFTP client.`,
    zh: `${what}：RAP 只提供 SFTP，每個連線最多 8 個通道。請使用 SFTP 客戶端。`,
  });
}
