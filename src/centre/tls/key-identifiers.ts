import { createHash, sign, X509Certificate } from 'node:crypto';

const OCTET_STRING = 0x04;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;
/** [3] of a TBSCertificate. */
const EXTENSIONS = 0xa3;
/** [0] of an AuthorityKeyIdentifier. */
const KEY_IDENTIFIER = 0x80;
/** The object identifiers 2.5.29.14 and 2.5.29.35, encoded. */
const SUBJECT_KEY_IDENTIFIER = Buffer.from('0603551d0e', 'hex');
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex');

/**
 * Adds to a certificate the two extensions that selfsigned cannot make: subject and authority key identifier
 * (RFC 5280 4.2.1.1 and 4.2.1.2). Strict verifiers, such as Python 3.13's default context, refuse a chain without them.
 * The certificate is signed anew: it must be one that is signed by ECDSA with SHA-256, as issuing.ts makes them.
 *
 * @param pem       the certificate
 * @param issuer    the certificate of its CA, or null if it is self-signed
 * @param issuerKey the CA's private key, PEM
 */
export function withKeyIdentifiers(pem: string, issuer: X509Certificate | null, issuerKey: string): string {
  const certificate = new X509Certificate(pem);
  const { fields, extensions, algorithm } = dissect(certificate);
  const own = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
  const authority = issuer === null ? own : subjectKeyIdentifier(issuer);
  const added = [element(SEQUENCE, SUBJECT_KEY_IDENTIFIER, element(OCTET_STRING, element(OCTET_STRING, own)))];
  if (authority !== null) {
    const value = element(SEQUENCE, element(KEY_IDENTIFIER, authority));
    added.push(element(SEQUENCE, AUTHORITY_KEY_IDENTIFIER, element(OCTET_STRING, value)));
  }
  const body = element(SEQUENCE, ...fields, element(EXTENSIONS, element(SEQUENCE, ...extensions, ...added)));
  const signature = element(BIT_STRING, Buffer.from([0]), sign('sha256', body, issuerKey));
  return new X509Certificate(element(SEQUENCE, body, algorithm, signature)).toString();
}

/** What a CA says its key is called, which need not be what we would call it; null if it says nothing. */
function subjectKeyIdentifier(certificate: X509Certificate): Buffer | null {
  for (const extension of dissect(certificate).extensions) {
    const parts = elements(content(extension));
    const value = parts.at(-1);
    if (parts[0]?.equals(SUBJECT_KEY_IDENTIFIER) && value) return content(content(value));
  }
  return null;
}

function dissect(certificate: X509Certificate) {
  const [body, algorithm] = elements(content(certificate.raw));
  if (body === undefined || algorithm === undefined) throw new Error('not an X.509 certificate');
  const fields = elements(content(body));
  const last = fields.at(-1);
  const extensions = last?.[0] === EXTENSIONS ? elements(content(content(last))) : [];
  return { fields: last?.[0] === EXTENSIONS ? fields.slice(0, -1) : fields, extensions, algorithm };
}

/** Where the content of a DER element begins and ends. Our input is DER that OpenSSL has read: no bounds to check. */
function extent(der: Buffer): { readonly start: number; readonly end: number } {
  const first = der.readUInt8(1);
  if (first < 0x80) return { start: 2, end: 2 + first };
  const size = first & 0x7f;
  return { start: 2 + size, end: 2 + size + der.readUIntBE(2, size) };
}

function content(der: Buffer): Buffer {
  const { start, end } = extent(der);
  return der.subarray(start, end);
}

/** The DER elements that stand one after the other. */
function elements(der: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let rest = der; rest.length > 0; ) {
    const { end } = extent(rest);
    found.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return found;
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, value]);
}
