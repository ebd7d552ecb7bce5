import type { Socket } from 'node:net';
import { isWholeHello } from './tls/client-hello.ts';

/** What a new connection sent first. */
export type FirstBytes =
  /** Not plain HTTP: probably a ClientHello. TLS refuses anything else itself. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'plain-http' }
  | { readonly kind: 'silence' }
  /** The client disconnected before it had sent enough. */
  | { readonly kind: 'gone' };

/** A ClientHello is seldom over 2 KiB; anything longer than this goes to TLS unchecked. */
const HELLO_LIMIT_BYTES = 16 * 1024;
/** Further reads for a ClientHello in pieces, and the longest pause between two, before TLS gets what has arrived. */
const FURTHER_READS = 8;
const PAUSE_MS = 1_000;

/**
 * Waits for a raw socket's first bytes and puts them back unread, so that the socket can be handed on unchanged.
 * Calls `done` once, at the latest eight seconds after `firstByteMs`; the socket then has no time-out and none of
 * these listeners.
 */
export function awaitFirstBytes(raw: Socket, firstByteMs: number, done: (first: FirstBytes) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  let reads = 0;

  function finish(first: FirstBytes) {
    raw.setTimeout(0);
    raw.off('timeout', late).off('end', gone).off('close', gone).off('readable', readable);
    if (first.kind === 'bytes') raw.unshift(first.bytes);
    done(first);
  }
  function late() {
    finish(bytes.length > 0 ? { kind: 'bytes', bytes } : { kind: 'silence' });
  }
  function gone() {
    finish({ kind: 'gone' });
  }
  function readable() {
    const piece: Buffer | null = raw.read();
    if (piece === null) return;
    bytes = reads === 0 ? piece : Buffer.concat([bytes, piece]);
    reads++;
    if (isPlainHttp(bytes)) finish({ kind: 'plain-http' });
    else if (reads > FURTHER_READS || bytes.length >= HELLO_LIMIT_BYTES || isWholeHello(bytes)) {
      finish({ kind: 'bytes', bytes });
    } else raw.setTimeout(PAUSE_MS);
  }

  raw.setTimeout(firstByteMs);
  raw.on('timeout', late).on('end', gone).on('close', gone).on('readable', readable);
}

function isPlainHttp(bytes: Buffer): boolean {
  return /^[A-Z]{3,16} /.test(bytes.toString('latin1', 0, 17));
}
