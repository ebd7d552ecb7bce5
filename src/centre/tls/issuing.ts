import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { CentreName, Instant } from '../../domain/nouns/market.ts';
import { withKeyIdentifiers } from './key-identifiers.ts';

export interface KeyAndCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/** Names in every leaf of ours, so that one client configuration suits both centres and the line. */
export const STANDARD_NAMES = [
  'localhost',
  '*.localhost',
  '127.0.0.1',
  '::1',
  'ccass.harness.test',
  'rap.harness.test',
  'orp.harness.test',
];

const DAY_MS = 86_400_000;
/** Apple's clients refuse a leaf of more than 825 days, browsers one of more than 398. */
const LEAF_DAYS = 397;
const CA_DAYS = 3_650;

/** Makes a CA that can sign leaves and nothing below them. EC P-256. */
export async function issueCa(at: Instant): Promise<KeyAndCertificate> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'ccass-harness CA (simulated, this machine only)' }], {
    ...validity(at, CA_DAYS),
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key: made.private, cert: withKeyIdentifiers(made.cert, null, made.private) };
}

/** Makes a centre's leaf under a CA whose key is EC. The common name says which centre answers. */
export async function issueLeaf(
  ca: KeyAndCertificate,
  centre: CentreName,
  names: readonly string[],
  at: Instant,
): Promise<KeyAndCertificate> {
  const { generate } = await import('selfsigned');
  const altNames = [...new Set([...STANDARD_NAMES, ...names])].map((name) =>
    isIP(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const),
  );
  const made = await generate([{ name: 'commonName', value: `${centre} ccass-harness` }], {
    ...validity(at, LEAF_DAYS),
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { key: made.private, cert: withKeyIdentifiers(made.cert, new X509Certificate(ca.cert), ca.key) };
}

/** From an hour before, for clients whose clock is behind ours. */
function validity(at: Instant, days: number) {
  return { notBeforeDate: new Date(at - 3_600_000), notAfterDate: new Date(at + days * DAY_MS) };
}
