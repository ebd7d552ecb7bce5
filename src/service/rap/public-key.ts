import { createHash } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';

/** A public key that a RAP user may log on with. */
export interface PublicKey {
  readonly algorithm: string;
  readonly bits: number;
  /** Base64 of the key as SSH sends it (RFC 4253 6.6). */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly comment: string;
}

/** Kinds of key that are accepted, with the sizes of their fixed parts. A mock convention: HKEX publishes none. */
const CURVES: Readonly<Record<string, { readonly bits: number; readonly bytes: number }>> = {
  'ssh-ed25519': { bits: 256, bytes: 32 },
  'ecdsa-sha2-nistp256': { bits: 256, bytes: 65 },
  'ecdsa-sha2-nistp384': { bits: 384, bytes: 97 },
  'ecdsa-sha2-nistp521': { bits: 521, bytes: 133 },
};
const RSA_BITS = { least: 2048, most: 16_384 };

/**
 * Reads a public key as ssh-keygen (a line of a .pub file) or PuTTY (RFC 4716) writes it. BAD_FILE for anything else,
 * for a kind that is not accepted, and for RSA below 2048 bits.
 */
export function readPublicKey(text: string): PublicKey | Refusal {
  if (text.includes('PRIVATE KEY')) {
    return unfit(
      'This is a private key, which only its owner may have. Send the public key, the .pub file',
      '這是私人金鑰，只應由持有人保管。請提供公開金鑰（.pub 檔案）',
    );
  }
  const { base64, comment } = /BEGIN SSH2 PUBLIC KEY/.test(text) ? rfc4716(text) : oneLine(text);
  const blob = Buffer.from(base64, 'base64');
  const size = sizeOf(blob);
  if (isRefusal(size)) return size;
  return { ...size, publicKey: blob.toString('base64'), fingerprint: fingerprintOf(blob), comment };
}

/** `SHA256:` and the digest in base64 without padding, as OpenSSH and WinSCP show it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function oneLine(text: string) {
  const [, base64 = '', comment = ''] = text.trim().split(/\s+/, 2).concat(text.trim().split(/\s+/).slice(2).join(' '));
  return { base64, comment: comment.slice(0, 200) };
}

function rfc4716(text: string) {
  // A header line that ends in a backslash continues in the next.
  const lines = text.replaceAll(/\\\r?\n/g, '').split(/\r?\n/);
  const comment = lines.find((line) => /^comment:/i.test(line))?.replace(/^comment:\s*"?|"?\s*$/gi, '') ?? '';
  const base64 = lines.filter((line) => !line.startsWith('----') && !line.includes(':')).join('');
  return { base64, comment: comment.slice(0, 200) };
}

function sizeOf(blob: Buffer): { algorithm: string; bits: number } | Refusal {
  const [algorithm, ...parts] = partsOf(blob);
  const name = algorithm?.toString('latin1') ?? '';
  const curve = CURVES[name];
  if (curve) {
    const point = parts.at(-1);
    const named = name === 'ssh-ed25519' ? parts.length === 1 : parts[0]?.toString('latin1') === name.slice(11);
    return named && point?.length === curve.bytes ? { algorithm: name, bits: curve.bits } : unreadable();
  }
  if (name === 'ssh-rsa' && parts.length === 2) {
    const bits = bitsOf(parts[1] ?? Buffer.alloc(0));
    if (bits >= RSA_BITS.least && bits <= RSA_BITS.most) return { algorithm: name, bits };
    return unfit(
      `RSA keys have ${RSA_BITS.least} to ${RSA_BITS.most} bits here, this one ${bits}. Make another: ssh-keygen -t ed25519`,
      `RSA 金鑰須為 ${RSA_BITS.least} 至 ${RSA_BITS.most} 位元，此金鑰為 ${bits} 位元。請另行製作：ssh-keygen -t ed25519`,
    );
  }
  return parts.length === 0 ? unreadable() : unknownKind(name);
}

/** The length-prefixed strings of a key; none if the last one is cut short. */
function partsOf(blob: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return [];
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function bitsOf(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}

const unreadable = () =>
  unfit(
    'It is not a public key. Send a line as in a .pub file, such as "ssh-ed25519 AAAA... name"; ssh-keygen -y -f KEY prints it',
    '無法讀取公開金鑰。請提供 .pub 檔案中的一行，例如「ssh-ed25519 AAAA... 名稱」；可用 ssh-keygen -y -f KEY 輸出',
  );

const unknownKind = (name: string) =>
  unfit(
    `Keys of the kind "${name.slice(0, 40)}" are not accepted. Use ${[...Object.keys(CURVES), 'ssh-rsa'].join(', ')}`,
    `不接受「${name.slice(0, 40)}」類別的金鑰。請使用 ${[...Object.keys(CURVES), 'ssh-rsa'].join('、')}`,
  );

function unfit(en: string, zh: string): Refusal {
  return refuse('BAD_FILE', { en: `${en}.`, zh: `${zh}。` });
}
