import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const COST = { N: 16_384, r: 8, p: 1 } as const;
const KEY_BYTES = 32;

/**
 * What has fitted once, so that a user who logs on again and again costs the hash once: a digest under a key that this
 * process alone has, of the stored hash and the password. Another hash, as after a change, is another digest; a wrong
 * password is never among them and takes as long as ever.
 */
const fitted = new Set<string>();
const MOST_FITTED = 10_000;
const DIGEST_KEY = randomBytes(32);

/**
 * The comparisons under way, by stored hash. What has fitted before does not overtake them: the right one among many
 * guesses at once would come in before the wrong ones are counted.
 */
const underWay = new Map<string, Promise<unknown>>();

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const hash = await derive(password, salt, COST.N, COST.r, COST.p, KEY_BYTES);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Constant-time comparison with a stored hash; the cost is the one the hash names, or next to nothing once it has fitted. */
export async function passwordFits(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) throw new Error('a stored password hash is not `scrypt$N$r$p$salt$hash`');
  const digest = createHmac('sha256', DIGEST_KEY).update(`${stored}\n${password}`).digest('base64');
  const earlier = underWay.get(stored);
  if (fitted.has(digest)) {
    await earlier;
    return true;
  }
  const expected = Buffer.from(hash, 'base64url');
  const deriving = derive(password, Buffer.from(salt, 'base64url'), Number(N), Number(r), Number(p), expected.length);
  const settled = Promise.allSettled([earlier, deriving]);
  underWay.set(stored, settled);
  try {
    if (!timingSafeEqual(await deriving, expected)) return false;
  } finally {
    if (underWay.get(stored) === settled) underWay.delete(stored);
  }
  // Who was left out pays once more.
  if (fitted.size === MOST_FITTED) fitted.clear();
  fitted.add(digest);
  return true;
}

/** What an unknown user's password is compared with, so that the answer takes the same time as for a known one. */
export const NOBODY = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  randomBytes(16).toString('base64url'),
  randomBytes(KEY_BYTES).toString('base64url'),
].join('$');

/** Assumed rule (HKEX publishes none for CCASS): 8 to 64 characters, a letter and a digit, not the old one. */
export function acceptableNewPassword(next: string, old: string): boolean {
  return next.length >= 8 && next.length <= 64 && /[A-Za-z]/.test(next) && /[0-9]/.test(next) && next !== old;
}

function derive(password: string, salt: Buffer, N: number, r: number, p: number, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
