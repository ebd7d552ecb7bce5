import type { SshRefusal } from '../../domain/journal/kinds/connections.ts';
import type { Words } from '../../domain/nouns/market.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';

/** Why an SSH connection was refused or ended, for the journal: as for TLS, the cause and what to do. */
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

/**
 * The client named a user, asked for the ways to log on, and left. Most often it has a key and may not use it: who signs by
 * SHA-1 alone sees from the server's list that no signature would be accepted, and shows no key.
 */
export const NOTHING_OFFERED: Mismatch = {
  code: 'NOTHING_OFFERED',
  cause: {
    en: 'The client left without offering a key or a password: it has none, or only an RSA key that it signs with by SHA-1 (ssh-rsa), which is not accepted.',
    zh: '客戶端未有提供金鑰或密碼便已離開：可能並無金鑰，或只有以 SHA-1（ssh-rsa）簽署的 RSA 金鑰，而本系統不接受該演算法。',
  },
  remedy: {
    en: 'Give it the key of this user (-i KEY). Let an RSA key sign by rsa-sha2-256 or rsa-sha2-512: no PubkeyAcceptedAlgorithms=ssh-rsa, OpenSSH 7.2 or newer; or use an ECDSA or Ed25519 key.',
    zh: '請提供此用戶的金鑰（-i KEY）。RSA 金鑰須以 rsa-sha2-256 或 rsa-sha2-512 簽署：請勿設定 PubkeyAcceptedAlgorithms=ssh-rsa，並使用 OpenSSH 7.2 或以上版本；或改用 ECDSA 或 Ed25519 金鑰。',
  },
};

export const TOO_MUCH_HELD: Mismatch = {
  code: 'OVER_MEMORY_BUDGET',
  cause: {
    en: 'The client, or its user, made the server hold more than its budget of memory: open files and folders, requests, answers that it does not read.',
    zh: '客戶端或其用戶令伺服器保留的資料超出記憶體上限：已開啟的檔案及文件夾、請求，以及未讀取的回覆。',
  },
  remedy: {
    en: 'Let it read its answers, close what it has opened, and send fewer requests ahead.',
    zh: '請讓客戶端讀取回覆、關閉已開啟的檔案及文件夾，並減少預先發出的請求。',
  },
};

/** @param what such as `exec` */
export function noSuchChannel(what: string): Refusal {
  return refuse('NOT_ENTITLED', {
    en: `${what}: RAP serves SFTP and nothing else, with up to 8 channels a connection. Use an SFTP client.`,
    zh: `${what}：RAP 只提供 SFTP，每個連線最多 8 個通道。請使用 SFTP 客戶端。`,
  });
}
