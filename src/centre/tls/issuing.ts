import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { AuthorityKeyIdentifierExtension, X509Certificate } from '@peculiar/x509';
import type { CentreName } from '../../domain/nouns/market.ts';
import type { Validity } from './validity.ts';

export interface KeyAndCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/**
 * Names in every generated leaf, so that one client configuration works for both centres and the line. No `*.localhost`:
 * clients accept no wildcard directly below a top-level domain.
 */
export const STANDARD_NAMES = [
  'localhost',
  'ccass.localhost',
  '*.ccass.localhost',
  '127.0.0.1',
  'ccass.harness.test',
  'rap.harness.test',
  'orp.harness.test',
];

/** The common name of a generated CA. */
export const CA_NAME = 'ccass-harness CA (simulated, this machine only)';
/** The common name of a generated leaf says which centre answers. */
export const leafName = (centre: CentreName) => `${centre} ccass-harness`;

const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' };

/** Issues a CA that can sign leaves but no further CAs. EC P-256. */
export async function issueCa(validity: Validity): Promise<KeyAndCertificate> {
  const { privateKey, publicKey } = await newKeys();
  return { key: privatePem(privateKey), cert: await caCertificate({ privateKey, publicKey }, validity) };
}

/**
 * Issues a generated CA's certificate anew over the same name and key: it and the old one vouch for the same leaves, so a
 * client that trusts either goes on trusting them.
 */
export async function renewCa({ key, cert }: KeyAndCertificate, validity: Validity): Promise<string> {
  const x509 = await loadX509();
  const { publicKey } = new x509.X509Certificate(cert);
  return caCertificate({ privateKey: await signingKey(key), publicKey: await publicKey.export() }, validity);
}

async function caCertificate(keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<string> {
  const x509 = await loadX509();
  const subjectKey = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(validity),
    name: [{ CN: [CA_NAME] }],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      subjectKey,
      new x509.AuthorityKeyIdentifierExtension(subjectKey.keyId),
    ],
  });
  return certificatePem(cert);
}

/** What a leaf says. */
export interface LeafOptions {
  readonly centre: CentreName;
  /** Besides the standard ones. */
  readonly names: readonly string[];
  readonly validity: Validity;
}

/** Issues a centre's leaf under a CA whose key is EC. */
export async function issueLeaf(ca: KeyAndCertificate, options: LeafOptions): Promise<KeyAndCertificate> {
  const { privateKey, publicKey } = await newKeys();
  return { key: privatePem(privateKey), cert: await leafCertificate(ca, options, publicKey) };
}

/** Issues a leaf's certificate anew over the same key. */
export async function renewLeaf(ca: KeyAndCertificate, options: LeafOptions, old: string): Promise<string> {
  const x509 = await loadX509();
  return leafCertificate(ca, options, await new x509.X509Certificate(old).publicKey.export());
}

async function leafCertificate(ca: KeyAndCertificate, options: LeafOptions, publicKey: webcrypto.CryptoKey) {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(ca.cert);
  const allNames = [...new Set([...STANDARD_NAMES, ...options.names])];
  const cert = await x509.X509CertificateGenerator.create({
    ...common(options.validity),
    subject: [{ CN: [leafName(options.centre)] }],
    issuer: issuer.subjectName,
    publicKey,
    signingKey: await signingKey(ca.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        allNames.map((name) => ({ type: isIP(name) ? 'ip' : 'dns', value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...authorityOf(x509, issuer),
    ],
  });
  return certificatePem(cert);
}

/** Loaded only when a certificate has to be issued, which is once per folder. */
const loadX509 = () => import('@peculiar/x509');
type X509 = Awaited<ReturnType<typeof loadX509>>;

/** The CA's identifier of its key. Strict verifiers, such as Python 3.13's, need it; a user-supplied CA may have none. */
function authorityOf(x509: X509, issuer: X509Certificate): readonly [] | readonly [AuthorityKeyIdentifierExtension] {
  const subject = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return subject ? [new x509.AuthorityKeyIdentifierExtension(subject.keyId)] : [];
}

function common({ from, until }: Validity) {
  return {
    notBefore: new Date(from),
    notAfter: new Date(until),
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

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function certificatePem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
