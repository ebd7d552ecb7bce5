import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse } from '../domain/refusal.ts';

/**
 * Who may steer the harness. From a loopback address, asked for by a loopback name, nothing is needed; anything else
 * brings the token. Looking at the name as well as at the address stops a foreign web page whose name was made to point
 * here (DNS rebinding): its requests come from this machine, but name that page's host.
 * What changes anything is refused to a page of another origin, token or not.
 */
export function createGate(token: string): (request: FastifyRequest) => Refusal | null {
  const expected = digest(token);
  return (request) => {
    const { host = '', origin, authorization = '' } = request.headers;
    if (origin !== undefined && !isReadOnly(request.method) && origin !== `http://${host}`)
      return foreignOrigin(origin);
    if (isLoopbackAddress(request.socket.remoteAddress ?? '') && isLoopbackName(host)) return null;
    const given = /^bearer (.+)$/i.exec(authorization)?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return null;
    return tokenNeeded(given !== undefined);
  };
}

/** Digests have one length, so that comparing tells nothing of the token's. */
const digest = (text: string) => createHash('sha256').update(text).digest();

const isReadOnly = (method: string) => method === 'GET' || method === 'HEAD';

function isLoopbackAddress(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** `host` as in the header: a name or an address, with or without a port. */
function isLoopbackName(host: string): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);
}

function tokenNeeded(wrong: boolean): Refusal {
  return refuse('TOKEN_NEEDED', {
    en: `${wrong ? 'That token is not the one of this harness' : 'A request that does not come from this machine to a loopback name brings the token'}. Send \`Authorization: Bearer TOKEN\`: the banner of \`up\` shows it, and --token or CCASS_HARNESS_TOKEN sets it.`,
    zh: `${wrong ? '令牌並不屬於本系統' : '並非由本機以本機名稱發出的請求須附上令牌'}。請加上標頭 \`Authorization: Bearer TOKEN\`：令牌於啟動時顯示，亦可用 --token 或 CCASS_HARNESS_TOKEN 設定。`,
  });
}

function foreignOrigin(origin: string): Refusal {
  return refuse('FOREIGN_ORIGIN', {
    en: `A web page of ${origin.slice(0, 200)} may not change anything here. Use the page that this address serves, the CLI, or a program that sends no Origin.`,
    zh: `來自 ${origin.slice(0, 200)} 的網頁不可更改本系統。請使用本地址提供的網頁、命令列，或不附 Origin 標頭的程式。`,
  });
}
