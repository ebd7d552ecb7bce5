import type { Answer } from '../client/answer.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { CentreName, Instant } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';

/** One thing that was tried, and what came of it. */
export interface Step {
  readonly at: Instant;
  /** `2021-07-24 16:30:00 HKT`. */
  readonly hongKong: string;
  /** The rehearsal session, or null outside of one. */
  readonly session: string | null;
  /** Who answered; null where nobody did. */
  readonly centre: CentreName | null;
  readonly what: string;
  readonly outcome: 'OK' | 'FAIL';
  /** What came, in words. */
  readonly came: string;
}

/** What a step found: in order or not, in words. */
export interface Found {
  readonly ok: boolean;
  readonly came: string;
  readonly centre: CentreName | null;
}

export interface Score {
  /** Begins a part of the rehearsal; an empty line and the title are printed. */
  part(title: string, session: string | null): void;
  /** Does one thing and prints what came; what is thrown fails the step and nothing else. True = in order. */
  step(what: string, work: () => Promise<Found>): Promise<boolean>;
  steps(): readonly Step[];
}

/** @param now market time, asked after each step */
export function createScore(print: (line: string) => void, now: () => Promise<Instant>): Score {
  const steps: Step[] = [];
  let session: string | null = null;

  async function add(what: string, outcome: Step['outcome'], came: string, centre: CentreName | null) {
    const at = await now();
    const hongKong = formatHkt(at, 'seconds');
    steps.push({ at, hongKong, session, centre, what, outcome, came });
    const time = hongKong.slice('2021-'.length);
    print(`  ${time}  ${(centre ?? '-').padEnd(7)}  ${outcome.padEnd(4)}  ${what}${came === '' ? '' : `: ${came}`}`);
  }

  return {
    part(title, id) {
      session = id;
      print('');
      print(title);
    },
    async step(what, work) {
      const found = await work().catch((error: unknown): Found => ({ ok: false, came: wordsOf(error), centre: null }));
      await add(what, found.ok ? 'OK' : 'FAIL', found.came, found.centre);
      return found.ok;
    },
    steps: () => steps,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The request must have been answered with a value. `look` says what came and what is wrong with it.
 */
export function good<T>(
  answer: Answer<T>,
  look: (value: T) => { readonly says: string; readonly wrong?: readonly (string | false)[] },
): Found {
  if (!answer.ok) return refusedInstead(answer);
  const { centre } = answer;
  const { says, wrong = [] } = look(answer.value);
  return found(centre, says, wrong);
}

/** What came, in order where nothing is wrong with it. */
export function found(centre: CentreName | null, says: string, wrong: readonly (string | false)[]): Found {
  const faults = wrong.filter((fault) => fault !== false);
  return { ok: faults.length === 0, came: [says, ...faults].join('; '), centre };
}

type Refused = Extract<Answer<never>, { ok: false }>;

/** A refusal where none was expected. */
export function refusedInstead({ code, refusal, centre }: Refused): Found {
  return { ok: false, came: `${code}: ${refusal.detail.en}`, centre };
}

/** The request must have been refused with this code. `look` says what is wrong with the refusal, if anything. */
export function refusedWith(
  answer: Answer<unknown>,
  code: RefusalCode,
  look: (refusal: Refused['refusal']) => string | null = () => null,
): Found {
  const { centre } = answer;
  if (answer.ok) return { ok: false, came: `it went through, and ${code} was expected`, centre };
  const { refusal } = answer;
  const fault = answer.code === code ? look(refusal) : `${code} was expected`;
  if (fault !== null) return { ok: false, came: `${answer.code}: ${refusal.detail.en}; ${fault}`, centre };
  const reason = refusal.more?.reason === undefined ? '' : ` (${refusal.more.reason})`;
  const next = refusal.retryAt === undefined ? '' : `, opens ${formatHkt(refusal.retryAt)}`;
  return { ok: true, came: `refused ${code}${reason}${next}`, centre };
}
