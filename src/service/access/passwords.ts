import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const COST = { N: 16_384, r: 8, p: 1 } as const;
const KEY_BYTES = 32;

/**
 * Passwords that matched before, so that repeated log-ons pay for scrypt only once: each is a digest of stored hash and
 * password under a key of this process. A changed password has another hash, and so another digest. A wrong password is
 * never among them and always costs a hash.
 */
const matched = new Set<string>();
const MOST_MATCHED = 10_000;
const DIGEST_KEY = randomBytes(32);

/**
 * Comparisons under way, by stored hash. A password that matched before waits for them; otherwise the right one of many
 * parallel guesses would be let in before the wrong ones are counted.
 */
const underWay = new Map<string, Promise<unknown>>();

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const hash = await derive(password, salt, COST.N, COST.r, COST.p, KEY_BYTES);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** How a password compared: `remembered` = right, and known from an earlier log-on, so that no hash was made. */
export type Match = 'no' | 'right' | 'remembered';

/** Constant-time comparison with a stored hash. Costs what the hash names, or next to nothing once it has matched. */
export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  return (await matchPassword(password, stored)) !== 'no';
}

/**
 * The same, with how it was found out.
 * @param mayRemember false: costs a hash whatever the password, and is not remembered, for an answer that must not depend on it
 */
export async function matchPassword(password: string, stored: string, mayRemember = true): Promise<Match> {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) throw new Error('a stored password hash is not `scrypt$N$r$p$salt$hash`');
  const digest = createHmac('sha256', DIGEST_KEY).update(`${stored}\n${password}`).digest('base64');
  const earlier = underWay.get(stored);
  if (mayRemember && matched.has(digest)) {
    await earlier;
    return 'remembered';
  }
  const expected = Buffer.from(hash, 'base64url');
  const deriving = derive(password, Buffer.from(salt, 'base64url'), Number(N), Number(r), Number(p), expected.length);
  const settled = Promise.allSettled([earlier, deriving]);
  underWay.set(stored, settled);
  try {
    if (!timingSafeEqual(await deriving, expected)) return 'no';
  } finally {
    if (underWay.get(stored) === settled) underWay.delete(stored);
  }
  if (!mayRemember) return 'right';
  // Those that are dropped pay for one more hash.
  if (matched.size === MOST_MATCHED) matched.clear();
  matched.add(digest);
  return 'right';
}

/** Stands in for the hash of an unknown user, so that response time does not reveal whether the user exists. */
export const UNKNOWN_USER_HASH = [
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
