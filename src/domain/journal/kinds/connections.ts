import { count, flag, list, number, object, ofClient, oneOf, optional, text, words } from '../shape.ts';

/** Connections: what the transport agreed on, why a handshake failed, how a socket ended. */

/** Why a TLS handshake failed. The codes are the harness's: Node's and OpenSSL's change with their versions. */
const TLS_REFUSALS = [
  'NO_COMMON_VERSION',
  'NO_COMMON_CIPHER',
  'NO_COMMON_ALPN',
  'PLAIN_HTTP',
  'NOT_TLS',
  'CA_NOT_TRUSTED',
  'CERTIFICATE_NOT_ACCEPTED',
  'CERTIFICATE_EXPIRED',
  'HANDSHAKE_TIMEOUT',
  'CLOSED_IN_HANDSHAKE',
  'HANDSHAKE_FAILED',
  'TOO_MANY_CONNECTIONS',
  'TOO_MANY_HANDSHAKES',
] as const;
export type TlsRefusal = (typeof TLS_REFUSALS)[number];

/** Why an SSH connection failed. */
const SSH_REFUSALS = [
  'NO_COMMON_ALGORITHM',
  'CLOSED_IN_HANDSHAKE',
  'LOGON_TIMEOUT',
  'NOTHING_OFFERED',
  'OVER_MEMORY_BUDGET',
  'TOO_MANY_CONNECTIONS',
  'TOO_MANY_HANDSHAKES',
] as const;
export type SshRefusal = (typeof SSH_REFUSALS)[number];

/** Why a connection failed; some codes are for both TLS and SSH. */
export const CONNECTION_REFUSALS = [...new Set([...TLS_REFUSALS, ...SSH_REFUSALS])];

const HOW_CLOSED = ['closed', 'reset', 'cut', 'drained', 'idle', 'refused', 'turned-away'] as const;

const address = text("Client's IP address");
const port = count("Client's port");
const versions = list(text('Such as TLSv1.2'), "TLS versions offered, in the client's order");
const best = text('Highest TLS version offered');
const serverName = text('Server name that the client requested (SNI)');
const offeredAlpn = list(text('Such as h2'), 'Application protocols offered (ALPN)');
const hello = text('The ClientHello as it arrived, base64: JA3 and JA4 are computed from it');

const ja4 = text('JA4 fingerprint of the ClientHello, in answers to queries with `ja4` alone');

export const secured = object({
  address,
  port,
  version: text('TLS version agreed on, such as TLSv1.2'),
  cipher: text("Cipher suite agreed on, by OpenSSL's name"),
  alpn: optional(text('Application protocol agreed on')),
  resumed: flag('Whether an earlier TLS session was resumed'),
  versions: optional(versions),
  best: optional(best),
  sni: optional(serverName),
  offeredAlpn: optional(offeredAlpn),
  hello: optional(hello),
  ja4: optional(ja4),
});

export const tlsRefused = object({
  address,
  port,
  code: oneOf(TLS_REFUSALS, 'Why'),
  cause: words('What was wrong'),
  remedy: words('What to change'),
  versions: optional(versions),
  best: optional(best),
  sni: optional(serverName),
  offeredAlpn: optional(offeredAlpn),
  hello: optional(hello),
  ja4: optional(ja4),
});

export const sshOpened = object({
  address,
  port,
  software: ofClient("Client's software, as it names itself"),
  agreed: object(
    { kex: text('Key exchange'), hostKey: text('Host key'), cipher: text('Cipher'), mac: text('MAC') },
    'Algorithms agreed on',
  ),
  hostKeyShown: text('Fingerprint of the host key that was shown, `SHA256:` and base64'),
});

export const closed = object({
  how: oneOf(
    HOW_CLOSED,
    '`reset` by the client, `cut` and `drained` by a switch, `refused` in the handshake, `turned-away` by a limit',
  ),
  code: optional(oneOf(CONNECTION_REFUSALS, 'Why it was refused or turned away')),
  cause: optional(words('What was wrong; for TLS it stands in `tls-refused`')),
  remedy: optional(words('What to change')),
  address,
  port,
  openedWallMs: number('When the socket was accepted: Unix time in milliseconds, as `wallMs`'),
  requests: count('Requests that reached the server'),
  bytesIn: count('Bytes received, TLS or SSH included'),
  bytesOut: count('Bytes sent, TLS or SSH included'),
  software: optional(ofClient("SSH: client's software")),
});
