import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { CentreName, Instant, Words } from '../../domain/nouns/market.ts';
import {
  type CentreCertificate,
  type CertificateProblem,
  checkCentre,
  checkChain,
  checkKey,
} from './certificate-check.ts';
import { LEAF_FILES, type PemFiles, publish, readSet, settle } from './certificate-folder.ts';
import { issueCa, issueLeaf } from './issuing.ts';

export type { CentreCertificate, CertificateProblem } from './certificate-check.ts';

export interface CertificateOptions {
  /** The folder of the set, created if missing; `memory` = nothing on disk, one set for the whole process. */
  readonly dir: string;
  /** Host names and addresses that the leaves must contain besides localhost. */
  readonly names: readonly string[];
  /** Wall time: clients check certificates by their own clocks, not by market time. */
  readonly at: Instant;
}

export interface Certificates {
  /** PEM: what a client must trust. */
  readonly ca: string;
  readonly centres: Readonly<Record<CentreName, CentreCertificate>>;
  /** Whether this process generated the set. */
  readonly made: boolean;
  /** What works but should be corrected. */
  readonly warnings: readonly Words[];
}

/** The set cannot be used: has every problem found in it, each with its file and the next step. */
export class CertificateError extends Error {
  readonly problems: readonly CertificateProblem[];

  constructor(dir: string, problems: readonly CertificateProblem[]) {
    const lines = problems.map(({ file, wrong, next }) => `  ${file} ${wrong.en} ${next.en}`);
    super([`The certificates in ${dir} cannot be used:`, ...lines].join('\n'));
    this.name = 'CertificateError';
    this.problems = problems;
  }
}

const shared = new Map<string, Promise<Certificates>>();

/**
 * Loads the certificates of both centres (ca.pem, then a leaf and a key for each), and generates them if there are none.
 * A folder with ca.pem and ca-key.pem but no leaf gets new leaves of that CA, so that clients go on trusting it.
 * Rejects with a CertificateError if the set cannot be used, rather than failing at the first handshake.
 */
export async function loadCertificates(options: CertificateOptions): Promise<Certificates> {
  const invalid = options.names.filter((name) => !isIP(name) && !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name));
  if (invalid.length > 0) throw new CertificateError(options.dir, invalid.map(notAName));
  if (options.dir !== 'memory') return fromFolder(options);
  const key = [...options.names].sort().join(' ');
  const known = shared.get(key) ?? issueSet(options, {}).then((files) => examine(options, files, true, []));
  shared.set(key, known);
  return known;
}

async function fromFolder(options: CertificateOptions): Promise<Certificates> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  await settle(dir);
  const { files: given } = await readSet(dir);
  const isCaComplete = (given['ca.pem'] === undefined) === (given['ca-key.pem'] === undefined);
  const needsSet = isCaComplete && LEAF_FILES.every((name) => given[name] === undefined);
  const issued = needsSet ? await issueSet(options, given) : null;
  if (issued) await publish(dir, issued);
  // An incomplete set may be one that another process is putting in place right now.
  else await settle(dir);
  const { files, exposed } = await readSet(dir);
  return examine(options, files, issued !== null && issued['primary.pem'] === files['primary.pem'], exposed);
}

/** A complete set, under the given CA if there is one. */
async function issueSet(options: CertificateOptions, given: PemFiles): Promise<PemFiles> {
  const ca = givenCa(options, given) ?? (await issueCa(options.at));
  const leaf = (centre: CentreName) => issueLeaf(ca, centre, options.names, options.at);
  const [primary, backup] = await Promise.all([leaf('primary'), leaf('backup')]);
  return {
    'ca.pem': ca.cert,
    'ca-key.pem': ca.key,
    'primary.pem': primary.cert,
    'primary-key.pem': primary.key,
    'backup.pem': backup.cert,
    'backup-key.pem': backup.key,
  };
}

function givenCa(options: CertificateOptions, given: PemFiles) {
  const { 'ca.pem': cert, 'ca-key.pem': key } = given;
  if (cert === undefined || key === undefined) return null;
  const problems = collect();
  const [authority] = checkChain('ca.pem', given, options, problems.report);
  const keyObject = checkKey('ca-key.pem', given, problems.report);
  if (authority && keyObject && (keyObject.asymmetricKeyType !== 'ec' || !authority.checkPrivateKey(keyObject))) {
    const wrong = { en: 'is not the elliptic-curve key of ca.pem.', zh: '並非 ca.pem 的橢圓曲線金鑰。' };
    problems.report('ca-key.pem', wrong, {
      en: 'Put the leaves and their keys there yourself, or remove ca.pem and ca-key.pem too.',
      zh: '請自行放入各中心的憑證及金鑰，或同時移除 ca.pem 及 ca-key.pem。',
    });
  }
  if (problems.list.length > 0) throw new CertificateError(options.dir, problems.list);
  return { cert, key };
}

function examine(
  options: CertificateOptions,
  files: PemFiles,
  made: boolean,
  exposed: readonly string[],
): Certificates {
  const problems = collect();
  const authorities = checkChain('ca.pem', files, options, problems.report);
  const primary = checkCentre('primary', files, authorities, options, problems.report);
  const backup = checkCentre('backup', files, authorities, options, problems.report);
  if (problems.list.length > 0 || !primary || !backup) throw new CertificateError(options.dir, problems.list);
  const warnings = exposed.map(exposedKey);
  if (primary.commonName === backup.commonName) warnings.push(sameName(primary.commonName));
  const ca = authorities.map((certificate) => certificate.toString().trim()).join('\n');
  return { ca: `${ca}\n`, centres: { primary, backup }, made, warnings };
}

function collect() {
  const list: CertificateProblem[] = [];
  const report = (file: string, wrong: Words, next: Words) => {
    list.push({ file, wrong, next });
  };
  return { list, report };
}

function notAName(name: string): CertificateProblem {
  return {
    file: name,
    wrong: { en: 'is neither a host name nor an IP address.', zh: '並非主機名稱或 IP 地址。' },
    next: {
      en: 'Give names such as ccass.example.test to --san.',
      zh: '請以 --san 提供如 ccass.example.test 的名稱。',
    },
  };
}

function exposedKey(file: string): Words {
  return {
    en: `${file} can be read by others on this machine. Run chmod 600 on it.`,
    zh: `本機其他用戶可讀取 ${file}。請對其執行 chmod 600。`,
  };
}

function sameName(commonName: string): Words {
  return {
    en: `Both centres have the common name ${commonName}: no client can tell which one answers. Use two common names.`,
    zh: `兩個中心的名稱同為 ${commonName}，客戶端無法分辨由哪個中心回應。請使用不同的通用名稱。`,
  };
}
