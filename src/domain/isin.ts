/**
 * International securities identification number, ISO 6166: two letters, nine letters or digits, a check digit
 * (modulus 10, double-add-double over the digits, with A = 10 to Z = 35).
 */

const BODY = /^[A-Z]{2}[A-Z0-9]{9}$/;
const ISIN = /^[A-Z]{2}[A-Z0-9]{9}[0-9]$/;

/** The check digit of the first eleven characters. @throws RangeError if they cannot be those of an ISIN. */
export function isinCheckDigit(body: string): number {
  if (!BODY.test(body)) throw new RangeError(`not the first eleven characters of an ISIN: ${body}`);
  const digits = [...body].map((character) => Number.parseInt(character, 36)).join('');
  let sum = 0;
  // The digit next to the check digit is doubled, then every second one.
  for (let i = digits.length - 1, double = true; i >= 0; i--, double = !double) {
    const value = Number(digits[i]) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10;
}

/** Whether a text has the form of an ISIN and the right check digit. */
export function isIsin(text: string): boolean {
  return ISIN.test(text) && isinCheckDigit(text.slice(0, 11)) === Number(text[11]);
}
