/**
 * Whether an Accept-Encoding header (RFC 9110, 12.5.3) asks for gzip rather than for the bytes as they are: gzip, or `*`
 * that stands for it, has a weight above nought and not below that of identity. Without the header nothing is encoded,
 * though everything would be acceptable; what accepts neither form gets the bytes as they are.
 */
export function prefersGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of (header ?? '').split(',')) {
    const [, coding, weight = '1'] = CODING.exec(part) ?? [];
    if (coding !== undefined) weights.set(coding.toLowerCase(), Number(weight));
  }
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}

/** A token, `*` included, and its weight of at most three decimals; anything else is no coding and is left out. */
const CODING = /^\s*([!#$%&'*+\-.^_`|~0-9a-z]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*$/i;
