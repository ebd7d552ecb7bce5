import type { Socket } from 'node:net';
import { isWholeHello } from './tls/client-hello.ts';

/** What a new connection showed first. */
export type FirstBytes =
  /** Not plain HTTP: probably a ClientHello, perhaps garbage, which TLS itself refuses best. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'plain-http' }
  | { readonly kind: 'silence' }
  /** The client went before it had said enough. */
  | { readonly kind: 'gone' };

/** A hello is seldom over 2 KiB; what is longer is TLS's to judge. */
const HELLO_LIMIT_BYTES = 16 * 1024;
/** Further reads that a hello in pieces may take, and the pause between two, before TLS gets what there is. */
const FURTHER_READS = 8;
const PAUSE_MS = 1_000;

/**
 * Waits for a raw socket's first bytes and leaves them unread, so that the socket can be handed on as it came.
 * `done` is called once, at the latest after `firstByteMs` and eight seconds; the socket then has no time-out
 * and no listener of ours.
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
