/**
 * Instrument codes as the IMRPF has them (guide 2.2: stock codes without leading zeros); positions are looked up by them.
 * The code of an entitlement is a prefix and the code of its stock (guide 3.2.2).
 */

/** Entitlement types of FieldType 7, by the prefix of their instrument code. */
const ENTITLEMENTS: Readonly<Record<string, number>> = { DSP: 1, SRI: 2, DIV: 3 };

/** The code trimmed, in capitals and, if all digits, without leading zeros, also after DSP, SRI and DIV (mock convention). */
export function normalCode(text: string): string {
  const code = text.trim().toUpperCase();
  return code.replace(/^(DSP|SRI|DIV)?0+(\d+)$/, '$1$2');
}

export interface Entitlement {
  /** Code of its stock. */
  readonly stock: string;
  /** 1 distribution in specie, 2 rights, 3 cash dividend. */
  readonly type: number;
}

/** The entitlement that a code in normal form names; null for other codes. To be checked before any lookup in the IMRPF. */
export function entitlementOf(code: string): Entitlement | null {
  const type = ENTITLEMENTS[code.slice(0, 3)];
  return type === undefined || code.length === 3 ? null : { stock: code.slice(3), type };
}

/** Key of `Imrpf.entitlements`. */
export function entitlementKey({ stock, type }: Entitlement): string {
  return `${stock}/${type}`;
}

/** Numbers first, in numerical order, then the others in alphabetical order. */
export function compareCodes(a: string, b: string): number {
  const [aNumber, bNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aNumber !== bNumber) return aNumber ? -1 : 1;
  if (aNumber && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
