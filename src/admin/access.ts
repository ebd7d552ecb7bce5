import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../domain/access/arrival.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

/**
 * Who may steer the harness. A request from a loopback address to a loopback name needs nothing; any other needs the
 * token. Checking the Host name as well as the address stops a foreign web page whose name was made to point here (DNS
 * rebinding): its requests come from this machine, but have that page's host. A page of another origin may not change
 * anything, even with the token.
 */
export function createGate(token: string): (request: FastifyRequest) => Refusal | null {
  const expected = digest(token);
  return (request) => {
    const { host = '', origin, authorization = '' } = request.headers;
    if (origin !== undefined && !isReadOnly(request.method) && origin !== `http://${host}`)
      return foreignOrigin(origin);
    if (isLoopback(request.socket.remoteAddress ?? '') && isLoopbackName(host)) return null;
    const given = /^bearer (.+)$/i.exec(authorization)?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return null;
    return tokenNeeded(given !== undefined);
  };
}

/** All digests have the same length, so that a comparison does not reveal that of the token. */
const digest = (text: string) => createHash('sha256').update(text).digest();

const isReadOnly = (method: string) => method === 'GET' || method === 'HEAD';

/** `host` as in the header: a name or an address, with or without a port. */
function isLoopbackName(host: string): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}

function tokenNeeded(wrong: boolean): Refusal {
  return refuse('TOKEN_NEEDED', {
    en: `${wrong ? 'The token is wrong' : 'A request needs the token unless it comes from this machine and is sent to a loopback name'}. Send \`Authorization: Bearer TOKEN\`: the banner of \`up\` shows it, and --token or CCASS_HARNESS_TOKEN sets it.`,
    zh: `${wrong ? '令牌並不屬於本系統' : '並非由本機以本機名稱發出的請求須附上令牌'}。請加上標頭 \`Authorization: Bearer TOKEN\`：令牌於啟動時顯示，亦可用 --token 或 CCASS_HARNESS_TOKEN 設定。`,
  });
}

function foreignOrigin(origin: string): Refusal {
  return refuse('FOREIGN_ORIGIN', {
    en: `A web page from ${origin.slice(0, 200)} may not change anything here. Use the page that this address serves, the CLI, or a program that sends no Origin.`,
    zh: `來自 ${origin.slice(0, 200)} 的網頁不可更改本系統。請使用本地址提供的網頁、命令列，或不附 Origin 標頭的程式。`,
  });
}
