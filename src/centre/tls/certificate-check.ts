import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { CentreName, Instant, Words } from '../../domain/nouns/market.ts';
import type { CertificateFile, PemFiles } from './certificate-folder.ts';
import { covers, validityOf } from './validity.ts';

export interface CentreCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM: the leaf alone. */
  readonly cert: string;
  /** PEM: the leaf, the other certificates of its file, and the CA. */
  readonly chain: string;
  readonly commonName: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

export interface CertificateProblem {
  readonly file: string;
  readonly wrong: Words;
  readonly next: Words;
}

/** What a set must have, and when it should be valid. */
export interface Requirements {
  readonly names: readonly string[];
  /** Times that clients' clocks may show, each with what it is. */
  readonly times: readonly { readonly at: Instant; readonly what: Words }[];
  /** Takes what works for some clients and not for all. */
  readonly warn: (words: Words) => void;
}

type Report = (file: string, wrong: Words, next: Words) => void;

const MAKE_ANEW: Words = {
  en: 'Put the right file there, or remove all six files so that the next start generates a new set.',
  zh: '請放入正確的檔案，或移除全部六個檔案，下次啟動時會重新製作。',
};
const RENEW: Words = {
  en: 'Replace it, or remove primary*.pem and backup*.pem: with ca-key.pem there, the next start signs new ones.',
  zh: '請更換，或移除 primary*.pem 及 backup*.pem：若有 ca-key.pem，下次啟動時會簽發新憑證。',
};

/** The certificates of a PEM file in order; reports if one cannot be read (and returns none). */
export function checkChain(file: CertificateFile, files: PemFiles, report: Report): X509Certificate[] {
  const pem = files[file];
  if (pem === undefined) {
    report(file, { en: 'is missing.', zh: '並不存在。' }, MAKE_ANEW);
    return [];
  }
  const chain: X509Certificate[] = [];
  try {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    for (const block of blocks) chain.push(new X509Certificate(block));
  } catch {
    chain.length = 0;
  }
  if (chain.length === 0)
    report(file, { en: 'contains no readable PEM certificate.', zh: '並無可讀取的 PEM 憑證。' }, MAKE_ANEW);
  return chain;
}

/** Warns of each certificate of a file that some client's clock finds expired, or not valid yet. */
export function checkTimes(file: CertificateFile, chain: readonly X509Certificate[], { times, warn }: Requirements) {
  const next = file === 'ca.pem' ? MAKE_ANEW : RENEW;
  for (const certificate of chain) {
    const validity = validityOf(certificate);
    const missed = times.filter(({ at }) => !covers(validity, at));
    if (missed.length === 0) continue;
    const [from, until] = [validity.from, validity.until].map(iso);
    const list = (language: 'en' | 'zh', and: string) =>
      missed.map(({ at, what }) => `${what[language]} (${iso(at)})`).join(and);
    warn({
      en: `${file} is valid from ${from} to ${until} only: clients whose clock stands at ${list('en', ' or at ')} refuse it. ${next.en}`,
      zh: `${file} 的有效期僅由 ${from} 至 ${until}：時鐘為${list('zh', '或')}的客戶端不會接受。${next.zh}`,
    });
  }
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

/** A private key; reports and returns null if it cannot be read. */
export function checkKey(file: CertificateFile, files: PemFiles, report: Report): KeyObject | null {
  const pem = files[file];
  if (pem === undefined) {
    report(file, { en: 'is missing.', zh: '並不存在。' }, MAKE_ANEW);
    return null;
  }
  try {
    return createPrivateKey(pem);
  } catch {
    const wrong = { en: 'is not a readable PEM key without a passphrase.', zh: '並非可讀取而不設密碼的 PEM 金鑰。' };
    report(file, wrong, {
      en: 'Decrypt it (openssl pkey -in KEY -out FILE), or put another set there.',
      zh: '請先解密（openssl pkey -in KEY -out FILE），或放入另一套憑證。',
    });
    return null;
  }
}

/** One centre's leaf and key, checked against the CA and the requirements; null if a problem was reported. */
export function checkCentre(
  centre: CentreName,
  files: PemFiles,
  authorities: readonly X509Certificate[],
  required: Requirements,
  reportTo: Report,
): CentreCertificate | null {
  let isValid = true;
  const report: Report = (...problem) => {
    isValid = false;
    reportTo(...problem);
  };
  const file = `${centre}.pem` as const;
  const keyFile = `${centre}-key.pem` as const;
  const chain = checkChain(file, files, report);
  checkTimes(file, chain, required);
  const [leaf, ...intermediates] = chain;
  const keyObject = checkKey(keyFile, files, report);
  if (leaf === undefined || keyObject === null) return null;

  const key = files[keyFile] ?? '';
  const sent = [leaf, ...intermediates, ...authorities].map((certificate) => certificate.toString().trim()).join('\n');
  if (!leaf.checkPrivateKey(keyObject)) {
    report(keyFile, { en: `is not the key of ${file}.`, zh: `並非 ${file} 的金鑰。` }, MAKE_ANEW);
  } else {
    const refused = refusedByTls(key, sent);
    if (refused)
      report(file, { en: `is rejected by OpenSSL (${refused}).`, zh: `不獲 TLS 接受（${refused}）。` }, RENEW);
  }
  if (authorities.length > 0 && !leadsToCa(leaf, intermediates, authorities)) {
    const wrong = { en: 'is not signed by the CA in ca.pem.', zh: '並非由 ca.pem 的憑證機構簽發。' };
    report(file, wrong, {
      en: 'Put the CA that signed it into ca.pem, and any intermediate certificates after the leaf.',
      zh: '請把其憑證機構放入 ca.pem，並把中繼憑證放在該憑證之後。',
    });
  }
  const missing = ['localhost', ...required.names].filter((name) => !carries(leaf, name));
  if (missing.length > 0) {
    const list = missing.join(', ');
    report(file, { en: `does not contain the name ${list}.`, zh: `並不包括名稱 ${list}。` }, RENEW);
  }
  if (!isValid) return null;
  const { from: notBefore, until: notAfter } = validityOf(leaf);
  return { key, cert: leaf.toString(), chain: `${sent}\n`, commonName: commonNameOf(leaf), notBefore, notAfter };
}

/** Whether signatures lead from the leaf, through the intermediates of its file, to one of the CA's certificates. */
function leadsToCa(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
) {
  let last = leaf;
  const unused = new Set(intermediates);
  for (;;) {
    const signed = (issuer: X509Certificate) => last.checkIssued(issuer) && last.verify(issuer.publicKey);
    if (authorities.some((ca) => ca.fingerprint256 === last.fingerprint256 || signed(ca))) return true;
    const issuer = [...unused].find(signed);
    if (issuer === undefined) return false;
    unused.delete(issuer);
    last = issuer;
  }
}

/** The common name as it was written: Node puts a backslash before commas and the like. */
export function commonNameOf({ subject }: X509Certificate): string {
  return (/^CN=(.*)$/m.exec(subject)?.[1] ?? '').replace(/\\(.)/g, '$1');
}

/** Whether a certificate has a name: itself, or for a host name a wildcard that clients accept for it. */
export function carries(leaf: X509Certificate, name: string): boolean {
  if (isIP(name)) return leaf.checkIP(name) !== undefined;
  if (!name.startsWith('*.')) return leaf.checkHost(name, { subject: 'never' }) !== undefined;
  return (leaf.subjectAltName ?? '').toLowerCase().split(', ').includes(`dns:${name.toLowerCase()}`);
}

/** OpenSSL's error, such as a key that is too small; null if it accepts the pair. */
function refusedByTls(key: string, cert: string): string | null {
  try {
    createSecureContext({ key, cert });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
