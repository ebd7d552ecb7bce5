import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CENTRE_NAMES, type CentreName } from '../../domain/nouns/market.ts';
import { carries, commonNameOf } from './certificate-check.ts';
import type { PemFiles } from './certificate-folder.ts';
import { CA_NAME, type KeyAndCertificate, leafName, renewCa, renewLeaf, STANDARD_NAMES } from './issuing.ts';
import { type Clocks, caValidity, covers, DAY_MS, type LeafClocks, leafValidity, validityOf } from './validity.ts';

/** What the certificates of this start are to be. */
export interface Wanted extends Clocks {
  /** Besides the standard ones. */
  readonly names: readonly string[];
  readonly leaf: LeafClocks;
}

/** Names of earlier versions that no client accepts, or where nothing listens. */
const RETIRED = ['*.localhost', '0:0:0:0:0:0:0:1', '::1'];

/**
 * The certificates of a set that have to be issued anew: of those that were generated, a CA or leaf that does not cover both
 * clocks, a leaf that lacks a name or that is longer than was asked for. Keys stay, so each file can be replaced by
 * itself and clients go on trusting the CA. Certificates that a user supplied are never among them.
 */
export async function renewals(files: PemFiles, wanted: Wanted): Promise<PemFiles> {
  const ca = caOf(files);
  if (ca === null) return {};
  const renewed: PemFiles = {};
  if (needsCa(new X509Certificate(ca.cert), wanted)) renewed['ca.pem'] = await renewCa(ca, caValidity(wanted));
  for (const centre of CENTRE_NAMES) {
    const old = generatedLeaf(files, centre, new X509Certificate(ca.cert));
    if (old === null || !needsLeaf(old, wanted)) continue;
    const names = [...wanted.names, ...namesOf(old)];
    const validity = leafValidity(wanted);
    renewed[`${centre}.pem`] = await renewLeaf(ca, { centre, names, validity }, old.toString());
  }
  return renewed;
}

/** The CA, if its key is there to sign with. */
function caOf(files: PemFiles): KeyAndCertificate | null {
  const { 'ca.pem': cert, 'ca-key.pem': key } = files;
  if (cert === undefined || key === undefined) return null;
  const authority = parsed(cert);
  const isKey = authority !== null && belongs(key, authority);
  return isKey ? { key, cert } : null;
}

function needsCa(ca: X509Certificate, wanted: Wanted): boolean {
  if (commonNameOf(ca) !== CA_NAME || ca.subject !== ca.issuer) return false;
  const validity = validityOf(ca);
  return !covers(validity, caValidity(wanted).from) || !covers(validity, leafValidity(wanted).until);
}

/** A centre's leaf that this program issued under that CA; null if a user supplied it, or it is to be refused. */
function generatedLeaf(files: PemFiles, centre: CentreName, ca: X509Certificate): X509Certificate | null {
  const { [`${centre}.pem` as const]: cert, [`${centre}-key.pem` as const]: key } = files;
  const leaf = cert === undefined ? null : parsed(cert);
  if (leaf === null || key === undefined || commonNameOf(leaf) !== leafName(centre)) return null;
  return leaf.verify(ca.publicKey) && belongs(key, leaf) ? leaf : null;
}

function needsLeaf(leaf: X509Certificate, wanted: Wanted): boolean {
  const validity = validityOf(leaf);
  const { from, until } = leafValidity({ at: wanted.at, market: wanted.at });
  const isTooLong = wanted.leaf === 'wall' && validity.until - validity.from > until - from + DAY_MS;
  if (isTooLong || !covers(validity, wanted.at) || !covers(validity, wanted.market)) return true;
  return [...STANDARD_NAMES, ...wanted.names].some((name) => !carries(leaf, name));
}

/** The names of a leaf, so that those of an earlier `--san` stay. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const names = subjectAltName.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return names.filter((name) => !RETIRED.includes(name.toLowerCase()));
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function belongs(key: string, certificate: X509Certificate): boolean {
  try {
    const keyObject = createPrivateKey(key);
    return keyObject.asymmetricKeyType === 'ec' && certificate.checkPrivateKey(keyObject);
  } catch {
    return false;
  }
}
