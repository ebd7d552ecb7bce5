import { APPLE_DAYS } from '../centre/tls/validity.ts';
import type { HarnessState } from '../control/answers.ts';
import type { Protocol } from '../domain/access/protocol.ts';
import { ADDRESS_NAMES } from '../harness/addresses.ts';
import type { Harness, RapAccess } from '../harness/options.ts';
import type { CliContext } from './cli-context.ts';
import { adminPort, BLOCK, DEFAULT_BASE } from './ports.ts';

type HostKeys = Awaited<ReturnType<RapAccess['fingerprints']>>;

/** What the harness finds out only on request: its host keys, and whether ssh2 uses its native part. */
export interface SshFacts {
  readonly hostKeys: HostKeys;
  readonly ciphers: 'native' | 'JavaScript';
}

/** The output of `up`: what to know in the first five minutes, with commands to paste. */
export function banner(
  harness: Harness,
  { hostKeys, ciphers }: SshFacts,
  state: HarnessState,
  {
    invocation,
    platform,
    freeBase,
  }: Pick<CliContext, 'invocation' | 'platform'> & { readonly freeBase: number | null },
): string {
  const { addresses, demo, orp, rap } = harness;
  const admin = steeredBy(addresses.admin);
  const ca = harness.caPath ?? 'ca.pem';
  const logon = JSON.stringify(demo);
  const rows: readonly (readonly [string, string, string?])[] = [
    ['seed', String(harness.seed), 'the same seed and requests give the same day again'],
    ['market time', `${state.market.hongKong}, ${modeOf(state.market)}`],
    ['rehearsal', state.rehearsal, openingOf(state)],
    ['line', addresses.line, `never changes; leads to the active centre, now the ${state.active}`],
    ['primary', addresses.primary],
    ['backup', addresses.backup],
    ...otherProtocolRows(addresses),
    ['admin', addresses.admin, 'steer it here, by the CLI, or on the API page'],
    [
      'API pages',
      `${addresses.admin}/docs`,
      `and of the centres: ${addresses.line}/ccass/v1/docs, /rap/v1/docs, /orp/v1/docs`,
    ],
    ['CA', harness.caPath ?? '(in memory)', 'trust it; never turn verification off'],
    ...(platform === 'darwin' && harness.leafDays > APPLE_DAYS ? [leafRow(harness.leafDays)] : []),
    ...hostKeyRows(hostKeys),
    ...(ciphers === 'native'
      ? []
      : [
          [
            'ciphers',
            ciphers,
            'of SFTP: slower than the native part of ssh2, which was built for another Node',
          ] as const,
        ]),
    ['known hosts', rap.knownHostsPath ?? '(in memory)', 'for OpenSSH; never turn the check off'],
    ['token', harness.token, 'only for steering from another machine'],
    ['demo user', `${demo.participant} / ${demo.user} / ${demo.password}`],
    ...(orp ? ([['ORP user', `${orp.participant} / ${orp.user} / ${orp.password}`]] as const) : []),
    ['RAP user', `${rap.user}, key ${rap.keyPath ?? '(in memory)'} or password ${rap.password}`],
  ];
  const width = Math.max(...rows.map(([, value]) => (value.length < 44 ? value.length : 0)));
  return [
    `ccass-harness ${harness.version}   SIMULATED - not affiliated with HKEX`,
    '',
    ...rows.map(([name, value, note]) => `  ${name.padEnd(12)}${note ? `${value.padEnd(width)}  ${note}` : value}`),
    ...harness.recovered.map((line) => `  ${'recovered'.padEnd(12)}${line}`),
    '',
    'Log on, then change the centre under the client:',
    `  curl --cacert ${quoted(ca)} -H 'Content-Type: application/json' -d '${logon}' ${addresses.line}/ccass/v1/session`,
    `  ${sftpCommand(harness)}`,
    `  ${invocation} failover --to ${state.active === 'primary' ? 'backup' : 'primary'}${admin}`,
    '',
    ...(freeBase === null ? [] : [`Beside this one: ${invocation} up --port-base ${freeBase}`]),
    'Ctrl-C drains and ends it.',
  ].join('\n');
}

/** The flag that names this harness to a command that steers: none for the default one. */
function steeredBy(url: string): string {
  const { hostname, port } = new URL(url);
  const base = Number(port) - adminPort(0);
  if (hostname !== '127.0.0.1' || base % BLOCK !== 0 || base <= 0) return ` --admin ${url}`;
  return base === DEFAULT_BASE ? '' : ` --port-base ${base}`;
}

function leafRow(days: number): readonly [string, string, string] {
  return [
    'validity',
    `certificates: ${days} days`,
    'Safari, and .NET and Go on macOS, refuse over 825: add --leaf wall',
  ];
}

const OTHER_PROTOCOLS: Readonly<Record<Exclude<Protocol, 'https'>, string>> = { sftp: 'RAP (SFTP)' };

function otherProtocolRows(addresses: Harness['addresses']) {
  return (Object.keys(OTHER_PROTOCOLS) as (keyof typeof OTHER_PROTOCOLS)[]).map((protocol) => {
    const { line, primary, backup } = ADDRESS_NAMES[protocol];
    const note = `the line; primary ${addresses[primary]}, backup ${addresses[backup]}`;
    return [OTHER_PROTOCOLS[protocol], addresses[line], note] as const;
  });
}

/** One row per key; both centres share a row if their keys are the same. */
function hostKeyRows({ primary, backup }: HostKeys): (readonly [string, string, string])[] {
  const same = primary.every(({ fingerprint }, n) => fingerprint === backup[n]?.fingerprint);
  const of = (keys: HostKeys['primary'], whose: string) =>
    keys.map(({ algorithm, fingerprint }) => ['host key', fingerprint, `${algorithm}, ${whose}`] as const);
  return same ? of(primary, 'both centres') : [...of(primary, 'primary'), ...of(backup, 'backup')];
}

function sftpCommand({ rap, addresses }: Harness): string {
  const { hostname, port } = new URL(addresses.sftp);
  const key = rap.keyPath === null ? '' : ` -i ${quoted(rap.keyPath)}`;
  const hosts = rap.knownHostsPath === null ? '' : ` -o UserKnownHostsFile=${quoted(rap.knownHostsPath)}`;
  return `sftp${key}${hosts} -P ${port} ${rap.user}@${hostname.replace(/^\[|\]$/g, '')}`;
}

export function modeOf(market: HarnessState['market']): string {
  return market.mode === 'frozen' ? 'frozen' : market.rate === 1 ? 'running' : `running at ${market.rate} times`;
}

/** `open (session-1)`, or when and where CCASS opens next. */
export function openingOf(state: HarnessState): string {
  if (state.open) return `CCASS is open${state.session ? ` (${state.session})` : ''}`;
  const { next } = state;
  return next
    ? `CCASS opens ${next.hongKong} at the ${next.centre} centre (${next.session})`
    : 'CCASS is closed; nothing is to open';
}

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
