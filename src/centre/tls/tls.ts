import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { TlsRefusal } from '../../domain/journal/kinds/connections.ts';
import type { Words } from '../../domain/nouns/market.ts';
import type { Hello } from './client-hello.ts';

/** ECDHE with an AEAD cipher, for either kind of certificate; current TLS 1.2 clients support at least one. */
const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

export interface ListenerIdentity {
  /** PEM. */
  readonly key: string;
  /** PEM: the leaf first, then the certificates up to the CA. */
  readonly chain: string;
  /** Wall milliseconds from the first byte to the end of the handshake. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
}

/**
 * The TLS options of a centre's listener: TLS 1.2 and nothing else (circular CD/CDCO/CCASS/018/2021), forward secrecy,
 * no renegotiation, HTTP/1.1. The suites and curves are a mock convention: HKEX publishes only the version.
 */
export function listenerTls(identity: ListenerIdentity): TlsOptions {
  return {
    key: identity.key,
    cert: identity.chain,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: CIPHERS.join(':'),
    honorCipherOrder: true,
    ecdhCurve: 'X25519:P-256:P-384',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: identity.handshakeTimeoutMs ?? 10_000,
  };
}

/** Why a handshake failed, for people: the cause, and what to change. */
export interface TlsFailure {
  readonly code: TlsRefusal;
  readonly cause: Words;
  readonly remedy: Words;
}

interface Explanation {
  readonly cause: Words;
  readonly remedy: Words;
}

const ONLY_12: Words = {
  en: 'Let the client offer TLS 1.2, the only version that the circular allows.',
  zh: '請讓客戶端支援 TLS 1.2，通告只允許此版本。',
};
const USE_HTTPS: Words = {
  en: 'Use an address that begins with https:// and check that there is no proxy in between.',
  zh: '請使用以 https:// 開首的地址，並確定中間沒有代理伺服器。',
};
const TRUST_CA: Words = {
  en: "Give the client the harness's ca.pem as a trusted CA (curl --cacert, NODE_EXTRA_CA_CERTS, a Java trust store).",
  zh: '請把本系統的 ca.pem 加入客戶端的受信任憑證機構（curl --cacert、NODE_EXTRA_CA_CERTS 或 Java trust store）。',
};

/** Stable codes for those of Node and OpenSSL, which change between versions. */
const CODES: Readonly<Record<string, TlsRefusal>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'NO_COMMON_VERSION',
  ERR_SSL_VERSION_TOO_LOW: 'NO_COMMON_VERSION',
  ERR_SSL_NO_SHARED_CIPHER: 'NO_COMMON_CIPHER',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'NO_COMMON_ALPN',
  ERR_SSL_HTTP_REQUEST: 'PLAIN_HTTP',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'PLAIN_HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'NOT_TLS',
  ERR_SSL_UNKNOWN_PROTOCOL: 'NOT_TLS',
  ERR_SSL_BAD_RECORD_TYPE: 'NOT_TLS',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'HANDSHAKE_TIMEOUT',
  ECONNRESET: 'CLOSED_IN_HANDSHAKE',
  EPIPE: 'CLOSED_IN_HANDSHAKE',
  TOO_MANY_CONNECTIONS: 'TOO_MANY_CONNECTIONS',
  TOO_MANY_HANDSHAKES: 'TOO_MANY_HANDSHAKES',
};

const EXPLANATIONS: Readonly<Record<TlsRefusal, (hello: Hello | null, error: string) => Explanation>> = {
  NO_COMMON_VERSION: unsupportedVersion,
  PLAIN_HTTP: () => ({
    cause: { en: 'Got plain HTTP, expected TLS.', zh: '在 TLS 連接埠收到未加密的 HTTP 請求。' },
    remedy: USE_HTTPS,
  }),
  NOT_TLS: () => ({
    cause: { en: 'The first bytes are not TLS.', zh: '最初收到的資料並非 TLS。' },
    remedy: {
      en: 'Check that the client speaks HTTPS, and not SSH, SFTP or another protocol, to this port.',
      zh: '請確定客戶端在此連接埠使用 HTTPS，而非 SSH、SFTP 或其他協議。',
    },
  }),
  HANDSHAKE_TIMEOUT: timedOut,
  NO_COMMON_CIPHER: () => ({
    cause: {
      en: 'The client offers no cipher suite, or no curve, that this centre accepts.',
      zh: '客戶端所提供的加密套件或橢圓曲線均不獲此中心接受。',
    },
    remedy: {
      en: 'Enable a suite with ECDHE and AES-GCM or ChaCha20-Poly1305, and curve X25519, P-256 or P-384.',
      zh: '請啟用 ECDHE 配 AES-GCM 或 ChaCha20-Poly1305 的加密套件，以及 X25519、P-256 或 P-384 曲線。',
    },
  }),
  NO_COMMON_ALPN: (hello) => ({
    cause: {
      en: `The client offers ${hello?.alpn.join(', ') || 'other protocols'} in ALPN, but not http/1.1.`,
      zh: `客戶端的 ALPN 只提供 ${hello?.alpn.join('、') || '其他協議'}，並無 http/1.1。`,
    },
    remedy: {
      en: 'Let the client offer http/1.1 too, or send no ALPN at all.',
      zh: '請讓客戶端同時提供 http/1.1，或不使用 ALPN。',
    },
  }),
  CA_NOT_TRUSTED: () => ({
    cause: {
      en: "The client does not trust the CA that signed this centre's certificate.",
      zh: '客戶端不信任簽發此中心憑證的憑證機構。',
    },
    remedy: TRUST_CA,
  }),
  CERTIFICATE_NOT_ACCEPTED: () => ({
    cause: {
      en: "The client does not accept this centre's certificate: the CA is not trusted, or the host name is not in it.",
      zh: '客戶端不接受此中心的憑證：憑證機構不受信任，或憑證不包括該主機名稱。',
    },
    remedy: TRUST_CA,
  }),
  CERTIFICATE_EXPIRED: () => ({
    cause: { en: "By the client's clock, the certificate has expired.", zh: '按客戶端的時鐘，憑證已過期。' },
    remedy: {
      en: "Check the client machine's clock, then the certificate's validity (openssl x509 -dates).",
      zh: '請檢查客戶端電腦的時鐘，再檢查憑證的有效期（openssl x509 -dates）。',
    },
  }),
  CLOSED_IN_HANDSHAKE: (hello) => ({
    cause:
      hello === null
        ? {
            en: 'The client closed the connection before sending a complete ClientHello.',
            zh: '客戶端未送出完整 ClientHello 便關閉連線。',
          }
        : { en: 'The client closed the connection during the handshake.', zh: '客戶端在握手期間關閉連線。' },
    remedy: {
      en: "See the client's log; most often it does not trust the certificate or timed out.",
      zh: '請查看客戶端的記錄；最常見的原因是不信任憑證或等候逾時。',
    },
  }),
  TOO_MANY_CONNECTIONS: () => ({
    cause: { en: 'This address has too many connections open.', zh: '此地址開啟的連線過多。' },
    remedy: {
      en: 'Close or re-use connections (keep-alive), or raise the limit of connections per address.',
      zh: '請關閉或重用連線（keep-alive），或調高每個地址的連線上限。',
    },
  }),
  TOO_MANY_HANDSHAKES: () => ({
    cause: { en: 'This address has too many handshakes under way.', zh: '此地址正在進行的握手過多。' },
    remedy: {
      en: 'Open connections more slowly, or raise the limit of handshakes per address.',
      zh: '請減慢開啟連線的速度，或調高每個地址的握手上限。',
    },
  }),
  HANDSHAKE_FAILED: (_hello, error) => ({
    cause: { en: `The TLS handshake failed (${error}).`, zh: `TLS 握手失敗（${error}）。` },
    remedy: {
      en: 'Try the same address with openssl s_client -tls1_2 and compare; the code is OpenSSL’s or Node’s.',
      zh: '請以 openssl s_client -tls1_2 連接同一地址作比較；該代碼來自 OpenSSL 或 Node。',
    },
  }),
};

/**
 * Explains why a handshake failed.
 * @param error the error's `code`, or TOO_MANY_CONNECTIONS or TOO_MANY_HANDSHAKES
 * @param hello what the client offered, or null without a complete ClientHello
 */
export function explainTlsFailure(error: string, hello: Hello | null): TlsFailure {
  const code = CODES[error] ?? alertCode(error) ?? 'HANDSHAKE_FAILED';
  return { code, ...EXPLANATIONS[code](hello, error) };
}

/** Clients reject a certificate with different alerts; OpenSSL prefixes each with a version. */
function alertCode(error: string): TlsRefusal | null {
  switch (/ALERT_(UNKNOWN_CA|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|CERTIFICATE_EXPIRED)$/.exec(error)?.[1]) {
    case 'UNKNOWN_CA':
      return 'CA_NOT_TRUSTED';
    case 'CERTIFICATE_UNKNOWN':
    case 'BAD_CERTIFICATE':
      return 'CERTIFICATE_NOT_ACCEPTED';
    case 'CERTIFICATE_EXPIRED':
      return 'CERTIFICATE_EXPIRED';
    default:
      return null;
  }
}

function unsupportedVersion(hello: Hello | null): Explanation {
  const offered = hello?.versions.join(', ') ?? '';
  if (hello?.versions.every((version) => version === 'TLSv1.3')) {
    return {
      cause: { en: 'The client offers TLS 1.3 only.', zh: '客戶端只提供 TLS 1.3。' },
      remedy: ONLY_12,
    };
  }
  return {
    cause: {
      en: hello ? `The client offers an old TLS version only (${offered}).` : 'The client does not offer TLS 1.2.',
      zh: hello ? `客戶端只提供舊版 TLS（${offered}）。` : '客戶端並無提供 TLS 1.2。',
    },
    remedy: ONLY_12,
  };
}

function timedOut(hello: Hello | null): Explanation {
  if (hello) {
    return {
      cause: {
        en: 'The client started a handshake and did not finish it in time.',
        zh: '客戶端開始握手後未有在時限內完成。',
      },
      remedy: {
        en: "Check the client's network and log: it received the certificate and then sent nothing.",
        zh: '請檢查客戶端的網絡及記錄：它收到憑證後再無回應。',
      },
    };
  }
  return {
    cause: {
      en: 'The client sent nothing, or only part of a ClientHello, in time.',
      zh: '客戶端未有在時限內送出資料或完整的 ClientHello。',
    },
    remedy: {
      en: 'A TLS client speaks first: check that this is one, and not a probe or a client that waits for a banner.',
      zh: 'TLS 客戶端須先發送資料：請確定它並非連接埠探測程式，或等候伺服器先發訊息的客戶端。',
    },
  };
}
