import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { AuthorityKeyIdentifierExtension, X509Certificate } from '@peculiar/x509';
import type { CentreName, Instant } from '../../domain/nouns/market.ts';

export interface KeyAndCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/** Names in every generated leaf, so that one client configuration works for both centres and the line. */
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
const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' };

/** Issues a CA that can sign leaves but no further CAs. EC P-256. */
export async function issueCa(at: Instant): Promise<KeyAndCertificate> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const subjectKey = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(at, CA_DAYS),
    name: [{ CN: ['ccass-harness CA (simulated, this machine only)'] }],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      subjectKey,
      new x509.AuthorityKeyIdentifierExtension(subjectKey.keyId),
    ],
  });
  return pems(keys.privateKey, cert);
}

/** Issues a centre's leaf under a CA whose key is EC. The common name says which centre answers. */
export async function issueLeaf(
  ca: KeyAndCertificate,
  centre: CentreName,
  names: readonly string[],
  at: Instant,
): Promise<KeyAndCertificate> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(ca.cert);
  const allNames = [...new Set([...STANDARD_NAMES, ...names])];
  const cert = await x509.X509CertificateGenerator.create({
    ...common(at, LEAF_DAYS),
    subject: [{ CN: [`${centre} ccass-harness`] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await signingKey(ca.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        allNames.map((name) => ({ type: isIP(name) ? 'ip' : 'dns', value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...authorityOf(x509, issuer),
    ],
  });
  return pems(keys.privateKey, cert);
}

/** Loaded only when a certificate has to be issued, which is once per folder. */
const loadX509 = () => import('@peculiar/x509');
type X509 = Awaited<ReturnType<typeof loadX509>>;

/** The CA's identifier of its key. Strict verifiers, such as Python 3.13's, need it; a user-supplied CA may have none. */
function authorityOf(x509: X509, issuer: X509Certificate): readonly [] | readonly [AuthorityKeyIdentifierExtension] {
  const subject = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return subject ? [new x509.AuthorityKeyIdentifierExtension(subject.keyId)] : [];
}

/** Valid from an hour before, for clients whose clock is slow. */
function common(at: Instant, days: number) {
  return {
    notBefore: new Date(at - 3_600_000),
    notAfter: new Date(at + days * DAY_MS),
    serialNumber: serialNumber(),
    signingAlgorithm: ECDSA_SHA256,
  };
}

/** 16 random bytes, positive and without a leading zero (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify']);
}

/** A user-supplied CA may be on another curve than a generated one. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem);
  const namedCurve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve }, false, ['sign']);
}

function pems(key: webcrypto.CryptoKey, certificate: X509Certificate): KeyAndCertificate {
  const pem = KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key: pem, cert: `${certificate.toString('pem')}\n` };
}
