import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptableNewPassword,
  hashPassword,
  matchPassword,
  passwordMatches,
  UNKNOWN_USER_HASH,
} from '../../../src/service/access/passwords.ts';

test('a hash matches its password and no other, and no two hashes are the same', async () => {
  const [one, two] = await Promise.all([hashPassword('Rehearsal-2021'), hashPassword('Rehearsal-2021')]);
  expect(one).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  const tries = ['Rehearsal-2021', 'rehearsal-2021', 'Rehearsal-2021 ', ''].map((password) =>
    passwordMatches(password, one),
  );
  expect(await Promise.all(tries)).toEqual([true, false, false, false]);
});

test('a password that matched is fast the next time; a wrong one never is, nor one after a change', async () => {
  const [one, changed] = await Promise.all([hashPassword('Rehearsal-2021'), hashPassword('Rehearsal-2022')]);
  /** What comes before the event loop turns; a hash takes a thread of its own. */
  const atOnce = (password: string, stored: string) =>
    Promise.race([passwordMatches(password, stored), new Promise((resolve) => setImmediate(resolve, 'later'))]);
  expect(await passwordMatches('Rehearsal-2021', one)).toBe(true);
  expect(await passwordMatches('Rehearsal-2022', one)).toBe(false);
  expect(await atOnce('Rehearsal-2021', one)).toBe(true);
  for (const [password, stored] of [
    ['Rehearsal-2022', one],
    ['Rehearsal-2021', changed],
    ['Rehearsal-2021', UNKNOWN_USER_HASH],
  ] as const) {
    expect(await atOnce(password, stored)).not.toBe(true);
    expect(await passwordMatches(password, stored)).toBe(false);
  }
});

test('where it may not be remembered, a password that matched costs a hash, and the next one too', async () => {
  const stored = await hashPassword('Rehearsal-2021');
  expect(await matchPassword('Rehearsal-2021', stored, false)).toBe('right');
  expect(await matchPassword('Rehearsal-2021', stored)).toBe('right');
  expect(await matchPassword('Rehearsal-2021', stored)).toBe('remembered');
  const atOnce = await Promise.race([
    matchPassword('Rehearsal-2021', stored, false),
    new Promise((resolve) => setImmediate(resolve, 'later')),
  ]);
  expect(atOnce).toBe('later');
  expect(await matchPassword('Rehearsal-2021', stored, false)).toBe('right');
  expect(await matchPassword('Rehearsal-2022', stored, false)).toBe('no');
});

test('no password matches an unknown user; a malformed hash is a bug', async () => {
  expect(await passwordMatches('', UNKNOWN_USER_HASH)).toBe(false);
  expect(UNKNOWN_USER_HASH.split('$').slice(0, 4)).toEqual((await hashPassword('x')).split('$').slice(0, 4));
  await expect(passwordMatches('x', 'Rehearsal-2021')).rejects.toThrow(/scrypt/);
});

test('a new password: 8 to 64 characters, a letter, a digit, not the old one', () => {
  expect(
    ['Abcdefg1', `${'x'.repeat(63)}1`, '密碼密碼密碼a1'].map((next) => acceptableNewPassword(next, 'old')),
  ).toEqual([true, true, true]);
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (any) => {
      if (!acceptableNewPassword(any, 'Rehearsal-2021')) return;
      expect(any.length >= 8 && any.length <= 64 && /\d/.test(any) && /[a-z]/i.test(any)).toBe(true);
    }),
  );
  expect(acceptableNewPassword('Rehearsal-2021', 'Rehearsal-2021')).toBe(false);
});
