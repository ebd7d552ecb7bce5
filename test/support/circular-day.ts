import { readFileSync } from 'node:fs';
import type { LogonBody } from '../../src/api/session.ts';
import { type OrpUser, orpUser } from '../../src/client/orp-user.ts';
import { type ParticipantOptions, participant, type ReferenceParticipant } from '../../src/client/participant.ts';
import type { NewInstruction } from '../../src/client/participant-files.ts';
import { participantFiles } from '../../src/client/participant-files.ts';
import { type RapAnswer, type RapUser, rapUser } from '../../src/client/rap-user.ts';
import { isoHkt, parseInstant } from '../../src/domain/calendar/calendar.ts';
import type { EntryOf, JournalKind } from '../../src/domain/journal/journal.ts';
import type { CentreName } from '../../src/domain/nouns/market.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts';
import { startHarness } from '../../src/harness/harness.ts';
import type { HarnessOptions } from '../../src/harness/options.ts';
import { ofKind } from './of-kind.ts';

export const PASSWORD = 'Rehearsal-2021';
export const WINDOWS_7 = 'Mozilla/5.0 (Windows NT 6.1; Win64; x64) CCASS/3';
export const WINDOWS_10 = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) CCASS/3';

export const layouts = Object.fromEntries(
  ['ZSIUP01', 'ZSICR01', 'ZSBAL01', 'ZSILS01', 'ZSMOV01'].map((id) => [
    id,
    JSON.parse(readFileSync(new URL(`../../fixtures/layouts/${id}.json`, import.meta.url), 'utf8')) as unknown,
  ]),
);

/** A harness with frozen market time, and its participants' clients; all of it ends with the scope. */
export async function rehearsalDay(options: HarnessOptions = {}) {
  const open = new AsyncDisposableStack();
  const harness = open.use(await startHarness({ rehearsal: '2021-07-24', clock: 'frozen', ...options }));
  const { control, ca, addresses } = harness;

  return {
    harness,
    control,
    /** Moves market time to a Hong Kong time such as `2021-07-24T16:30`. */
    async at(text: string): Promise<void> {
      const instant = parseInstant(text);
      if (instant === null) throw new Error(`${text} is not a valid time`);
      granted(await control.clock({ set: isoHkt(instant) }));
    },
    /** A participant's client of the line, or of a centre's own address. */
    tooling(own: Partial<ParticipantOptions> & { readonly centre?: CentreName } = {}): ReferenceParticipant {
      const { centre, ...rest } = own;
      return open.use(participant({ line: centre ? addresses[centre] : addresses.line, ca, layouts, ...rest }));
    },
    /** A RAP user's client of the line, or of a centre's own address: the demo user logs on by key, others by password. */
    async rapUser(id: string, { centre }: { readonly centre?: CentreName } = {}): Promise<RapUser> {
      const { rap } = harness;
      const sftp = { primary: addresses.sftpPrimary, backup: addresses.sftpBackup };
      return open.use(
        rapUser({
          ...{ sftp: centre ? sftp[centre] : addresses.sftp, knownHosts: await rap.knownHosts(), participant: id },
          ...(id === rap.user ? { privateKey: rap.privateKey } : { password: PASSWORD }),
        }),
      );
    },
    /** A client of ORP Online, of the line or of a centre's own address. */
    orpUser({ centre }: { readonly centre?: CentreName } = {}): OrpUser {
      return open.use(orpUser({ line: centre ? addresses[centre] : addresses.line, ca }));
    },
    async journal<K extends JournalKind>(kind: K): Promise<readonly EntryOf<K>[]> {
      return ofKind(granted(await control.journal({ kinds: kind })).entries, kind);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export function granted<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.refusal}: ${answer.detail.en}`);
  return answer;
}

/** The log-on of a participant's maker, by C3T by default. */
export function maker(participant: string, more: Partial<LogonBody> = {}): LogonBody {
  return { participant, user: 'MAKER01', password: PASSWORD, channel: 'C3T', ...more };
}

/** The log-on of a participant's risk user to ORP Online. */
export function riskUser(participant: string) {
  return { participant, user: 'RISK01', password: PASSWORD };
}

/** What RAP answered, which must not have refused. */
export function fromRap<T>(answer: RapAnswer<T>): T {
  if (!answer.ok) throw new Error(answer.says);
  return answer.value;
}

/** Every file that a RAP user can see, by its path, in order. */
export async function filesInRap(rap: RapUser): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of fromRap(await rap.list('/'))) {
    for (const day of fromRap(await rap.list(`/${folder.name}`))) {
      const path = `/${folder.name}/${day.name}`;
      paths.push(...fromRap(await rap.list(path)).map(({ name }) => `${path}/${name}`));
    }
  }
  return paths;
}

/** The value of an answer that must not be a refusal. */
export function answerOf<T>(
  answer:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly code: string; readonly refusal: Refusal },
): T {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.refusal.detail.en}`);
  return answer.value;
}

/** Status and code of an answer in one line: `201`, `423 NOT_OPEN`. */
export function outcome({ status, code }: { readonly status: number; readonly code: string | null }): string {
  return code === null ? String(status) : `${status} ${code}`;
}

/** A ZSIUP01 of B09901 with that many deliveries of HSBC shares to B09902. */
export function batchFile(
  marketDate: string,
  settlementDate: string,
  { sequence = 1, rows = 2, prefix = 'C' } = {},
): Uint8Array {
  const instruction = (n: number): NewInstruction => ({
    reference: `${prefix}${sequence}-${n}`,
    side: 'D',
    stock: '00005',
    isin: 'GB0005405286',
    quantity: 400 * (n + 1),
    counterparty: 'B09902',
    account: '01',
    payment: 'DVP',
    currency: 'HKD',
    amountCents: 1_812_000 * (n + 1),
    settlementDate,
  });
  const instructions = Array.from({ length: rows }, (_, n) => instruction(n));
  return participantFiles(layouts).instructions({ participant: 'B09901', marketDate, sequence, instructions });
}
