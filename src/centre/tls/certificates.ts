import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { CentreName, Instant, Words } from '../../domain/nouns/market.ts';
import {
  type CentreCertificate,
  type CertificateProblem,
  checkCentre,
  checkChain,
  checkKey,
  checkTimes,
} from './certificate-check.ts';
import { LEAF_FILES, type PemFiles, publish, readSet, replace, settle } from './certificate-folder.ts';
import { issueCa, issueLeaf } from './issuing.ts';
import { renewals, type Wanted } from './renewal.ts';
import { caValidity, type LeafClocks, leafValidity } from './validity.ts';

export type { CentreCertificate, CertificateProblem } from './certificate-check.ts';

export interface CertificateOptions {
  /** The folder of the set, created if missing; `memory` = nothing on disk, one set for the whole process. */
  readonly dir: string;
  /** Host names and addresses that the leaves must contain besides localhost. */
  readonly names: readonly string[];
  /** The address that is listened on: generated leaves contain it too. */
  readonly host?: string;
  /** Wall time. */
  readonly at: Instant;
  /** Market time, at which clients' clocks may stand too. Default: wall time. */
  readonly market?: Instant;
  /** Default: both. */
  readonly leaf?: LeafClocks;
}

export interface Certificates {
  /** PEM: what a client must trust. */
  readonly ca: string;
  readonly centres: Readonly<Record<CentreName, CentreCertificate>>;
  /** Whether this process generated the set. */
  readonly made: boolean;
  /** The certificates that this start issued anew over their old keys. */
  readonly renewed: readonly string[];
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

/** A set in memory, and what was found in it. */
interface InMemory {
  readonly files: PemFiles;
  readonly certificates: Certificates;
}
const shared = new Map<string, Promise<InMemory | null>>();

/**
 * Loads the certificates of both centres (ca.pem, then a leaf and a key for each), and generates them if there are none.
 * A folder with ca.pem and ca-key.pem but no leaf gets new leaves of that CA, so that clients go on trusting it. Generated
 * certificates that do not cover both clocks, or lack a name, are issued anew; of a user's own it only warns.
 * Rejects with a CertificateError if the set cannot be used, rather than failing at the first handshake.
 */
export async function loadCertificates(options: CertificateOptions): Promise<Certificates> {
  const invalid = options.names.filter((name) => !isIP(name) && !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name));
  if (invalid.length > 0) throw new CertificateError(options.dir, invalid.map(notAName));
  if (options.dir !== 'memory') return fromFolder(options);
  const key = wantedOf(options).names.toSorted().join(' ');
  const before = shared.get(key) ?? Promise.resolve(null);
  const after = before.then((known) => inMemory(options, known));
  // Starts queue up, so that they share one set; one that failed leaves what was there.
  shared.set(
    key,
    after.catch(() => before),
  );
  return (await after).certificates;
}

async function inMemory(options: CertificateOptions, known: InMemory | null): Promise<InMemory> {
  const given = known?.files ?? (await issueSet(options, {}));
  const renewed = await renewals(given, wantedOf(options));
  if (known && Object.keys(renewed).length === 0) return known;
  const files = { ...given, ...renewed };
  return { files, certificates: examine(options, files, { made: true, renewed: [], exposed: [] }) };
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
  const renewed = await renewals(files, wantedOf(options));
  await replace(dir, renewed);
  // Not read again: another start may have put there what serves its own clocks.
  return examine(
    options,
    { ...files, ...renewed },
    {
      made: issued !== null && issued['primary.pem'] === files['primary.pem'],
      renewed: Object.keys(renewed),
      exposed,
    },
  );
}

function wantedOf(options: CertificateOptions): Wanted {
  const { names, host = '127.0.0.1', at, market = at, leaf = 'both' } = options;
  const listens = host === '::' ? ['::1'] : host === '0.0.0.0' ? [] : [host];
  return { names: [...names, ...listens], at, market: leaf === 'wall' ? at : market, leaf };
}

/** A complete set, under the given CA if there is one. */
async function issueSet(options: CertificateOptions, given: PemFiles): Promise<PemFiles> {
  const wanted = wantedOf(options);
  const ca = givenCa(options, given) ?? (await issueCa(caValidity(wanted)));
  const validity = leafValidity(wanted);
  const leaf = (centre: CentreName) => issueLeaf(ca, { centre, names: wanted.names, validity });
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
  const [authority] = checkChain('ca.pem', given, problems.report);
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
  { made, renewed, exposed }: Pick<Certificates, 'made' | 'renewed'> & { readonly exposed: readonly string[] },
): Certificates {
  const problems = collect();
  const warnings = exposed.map(exposedKey);
  const required = { names: options.names, times: timesOf(options), warn: (words: Words) => void warnings.push(words) };
  const authorities = checkChain('ca.pem', files, problems.report);
  checkTimes('ca.pem', authorities, required);
  const primary = checkCentre('primary', files, authorities, required, problems.report);
  const backup = checkCentre('backup', files, authorities, required, problems.report);
  if (problems.list.length > 0 || !primary || !backup) throw new CertificateError(options.dir, problems.list);
  if (primary.commonName === backup.commonName) warnings.push(sameName(primary.commonName));
  const ca = authorities.map((certificate) => certificate.toString().trim()).join('\n');
  return { ca: `${ca}\n`, centres: { primary, backup }, made, renewed, warnings };
}

function timesOf({ at, market = at, leaf }: CertificateOptions) {
  const wall = { at, what: { en: 'the wall clock', zh: '實際時間' } };
  return leaf === 'wall' || market === at
    ? [wall]
    : [wall, { at: market, what: { en: 'market time', zh: '市場時間' } }];
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
