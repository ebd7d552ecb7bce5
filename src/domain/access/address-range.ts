/** A range of network addresses in CIDR notation, such as 127.0.3.0/24, parsed. */
export interface AddressRange {
  readonly address: string;
  /** Leading bits that an address of the range shares with `address`. */
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** The range that a text names, or null if it is not one. A single address is a range of one. */
export function addressRange(text: string): AddressRange | null {
  const [address = '', length, ...more] = text.split('/');
  const family = isIpv4(address) ? 'ipv4' : isIpv6(address) ? 'ipv6' : null;
  if (family === null || more.length > 0) return null;
  const maxBits = family === 'ipv4' ? 32 : 128;
  if (length === undefined) return { address, bits: maxBits, family };
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > maxBits) return null;
  return { address, bits: Number(length), family };
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** Groups of hexadecimal digits only; an IPv4-mapped address with dots is not accepted. */
function isIpv6(text: string): boolean {
  const parts = text.split('::');
  if (parts.length > 2) return false;
  const groups = parts.flatMap((part) => (part === '' ? [] : part.split(':')));
  const areHex = groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
  return areHex && (parts.length === 2 ? groups.length < 8 : groups.length === 8);
}
