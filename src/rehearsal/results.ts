import type { Answer } from '../client/answer.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { CentreName, Instant, Words } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';

/** One thing that was tried, and its result. */
export interface Step {
  readonly at: Instant;
  /** `2021-07-24 16:30:00 HKT`. */
  readonly hongKong: string;
  /** The rehearsal session, or null outside of one. */
  readonly session: string | null;
  /** The centre that answered, if any. */
  readonly centre: CentreName | null;
  readonly what: string;
  readonly outcome: 'OK' | 'FAIL';
  /** What happened, in words. */
  readonly came: string;
}

/** The result of a step. */
export interface StepResult {
  readonly ok: boolean;
  readonly came: string;
  readonly centre: CentreName | null;
}

export interface Results {
  /** Begins a part of the rehearsal; prints an empty line, the title and the tasks of the circular. */
  part(title: Words, session: string | null, tasks?: readonly Words[]): void;
  /** Runs a step and prints its result. An error fails the step, not the rehearsal. Returns whether it passed. */
  step(what: string, work: () => Promise<StepResult>): Promise<boolean>;
  steps(): readonly Step[];
}

/** @param now returns market time; called after each step */
export function createResults(
  print: (line: string) => void,
  language: keyof Words,
  now: () => Promise<Instant>,
): Results {
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
    part(title, id, tasks = []) {
      session = id;
      print('');
      print(title[language]);
      for (const task of tasks) print(`  - ${task[language]}`);
    },
    async step(what, work) {
      const found = await work().catch(
        (error: unknown): StepResult => ({ ok: false, came: messageOf(error), centre: null }),
      );
      await add(what, found.ok ? 'OK' : 'FAIL', found.came, found.centre);
      return found.ok;
    },
    steps: () => steps,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Expects an answer with a value. `check` describes the value and what is wrong with it.
 */
export function expectValue<T>(
  answer: Answer<T>,
  check: (value: T) => { readonly says: string; readonly wrong?: readonly (string | false)[] },
): StepResult {
  if (!answer.ok) return unexpectedRefusal(answer);
  const { centre } = answer;
  const { says, wrong = [] } = check(answer.value);
  return stepResult(centre, says, wrong);
}

/** A result that passes if nothing is wrong. */
export function stepResult(centre: CentreName | null, says: string, wrong: readonly (string | false)[]): StepResult {
  const problems = wrong.filter((problem) => problem !== false);
  return { ok: problems.length === 0, came: [says, ...problems].join('; '), centre };
}

type Refused = Extract<Answer<never>, { ok: false }>;

/** Fails the step: a refusal where none was expected. */
export function unexpectedRefusal({ code, refusal, centre }: Refused): StepResult {
  return { ok: false, came: `${code}: ${refusal.detail.en}`, centre };
}

/** Expects a refusal with this code. `check` says what is wrong with the refusal, if anything. */
export function expectRefusal(
  answer: Answer<unknown>,
  code: RefusalCode,
  check: (refusal: Refused['refusal']) => string | null = () => null,
): StepResult {
  const { centre } = answer;
  if (answer.ok) return { ok: false, came: `got a success, expected ${code}`, centre };
  const { refusal } = answer;
  const problem = answer.code === code ? check(refusal) : `expected ${code}`;
  if (problem !== null) return { ok: false, came: `${answer.code}: ${refusal.detail.en}; ${problem}`, centre };
  const reason = refusal.more?.reason === undefined ? '' : ` (${refusal.more.reason})`;
  const next = refusal.retryAt === undefined ? '' : `, opens ${formatHkt(refusal.retryAt)}`;
  return { ok: true, came: `refused ${code}${reason}${next}`, centre };
}
