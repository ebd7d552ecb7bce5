import type { Answer } from '../client/answer.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { CentreName, Instant, Words } from '../domain/nouns/market.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import { joined, type Said, say, wordsOf } from './said.ts';

/**
 * `EMPTY`: the answer came and is in order, but holds nothing to look at, as the market has it; it counts as neither done nor
 * failed. `UNDONE`: the user's client ended in order and did none of the session's tasks.
 */
export type Outcome = 'OK' | 'EMPTY' | 'UNDONE' | 'FAIL';

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
  readonly outcome: Outcome;
  /** What happened, in words. */
  readonly came: string;
  /** `what` and `came` in Traditional Chinese. */
  readonly zh: { readonly what: string; readonly came: string };
}

/** The result of a step. */
export interface StepResult {
  readonly outcome: Outcome;
  readonly came: Said;
  readonly centre: CentreName | null;
}

export interface Results {
  /** Begins a part of the rehearsal; prints an empty line, the title and the tasks of the circular. */
  part(title: Words, session: string | null, tasks?: readonly Words[]): void;
  /** Runs a step and prints its result. An error fails the step, not the rehearsal. Returns whether it passed. */
  step(what: Said, work: () => Promise<StepResult>): Promise<boolean>;
  steps(): readonly Step[];
}

/**
 * Prints in the language; the steps hold both.
 * @param now returns market time; called after each step
 */
export function createResults(
  print: (line: string) => void,
  language: keyof Words,
  now: () => Promise<Instant>,
): Results {
  const steps: Step[] = [];
  let session: string | null = null;

  async function add(what: Words, { outcome, came, centre }: StepResult) {
    const at = await now();
    const hongKong = formatHkt(at, 'seconds');
    const words = wordsOf(came);
    steps.push({
      ...{ at, hongKong, session, centre, what: what.en, outcome, came: words.en },
      zh: { what: what.zh, came: words.zh },
    });
    const time = hongKong.slice('2021-'.length);
    const says = words[language] === '' ? '' : `${COLON[language]}${words[language]}`;
    print(`  ${time}  ${(centre ?? '-').padEnd(7)}  ${outcome.padEnd(5)}  ${what[language]}${says}`);
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
        (error: unknown): StepResult => ({ outcome: 'FAIL', came: messageOf(error), centre: null }),
      );
      await add(wordsOf(what), found);
      return found.outcome === 'OK';
    },
    steps: () => steps,
  };
}

const COLON: Words = { en: ': ', zh: '：' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an answer says, and what is wrong with it. */
export interface Checked {
  readonly says: Said;
  readonly wrong?: readonly (Said | false)[];
  /** Why it holds nothing, where the market explains that; an emptiness that nothing explains belongs in `wrong`. */
  readonly empty?: Said | false;
}

/** Expects an answer with a value. `check` describes the value and what is wrong with it. */
export function expectValue<T>(answer: Answer<T>, check: (value: T) => Checked): StepResult {
  return answer.ok ? checked(answer.centre, check(answer.value)) : unexpectedRefusal(answer);
}

export function checked(centre: CentreName | null, { says, wrong = [], empty = false }: Checked): StepResult {
  const problems = wrong.filter((problem) => problem !== false);
  if (problems.length > 0) return { outcome: 'FAIL', came: joined([says, ...problems]), centre };
  return empty === false
    ? { outcome: 'OK', came: says, centre }
    : { outcome: 'EMPTY', came: joined([says, empty]), centre };
}

export function failed(came: Said, centre: CentreName | null = null): StepResult {
  return { outcome: 'FAIL', came, centre };
}

type Refused = Extract<Answer<never>, { ok: false }>;

/** Fails the step: a refusal where none was expected. */
export function unexpectedRefusal({ code, refusal, centre }: Refused): StepResult {
  return failed(say('{}: {}', '{}：{}', code, refusal.detail), centre);
}

/** Expects a refusal with this code. `check` says what is wrong with the refusal, if anything. */
export function expectRefusal(
  answer: Answer<unknown>,
  code: RefusalCode,
  check: (refusal: Refused['refusal']) => Said | null = () => null,
): StepResult {
  const { centre } = answer;
  if (answer.ok) return failed(say('got a success, expected {}', '竟然成功，應為 {}', code), centre);
  const { refusal } = answer;
  const problem = answer.code === code ? check(refusal) : say('expected {}', '應為 {}', code);
  if (problem !== null) return failed(joined([say('{}: {}', '{}：{}', answer.code, refusal.detail), problem]), centre);
  const reason = refusal.more?.reason === undefined ? '' : ` (${refusal.more.reason})`;
  return { outcome: 'OK', came: refusedWords(`${code}${reason}`, refusal.retryAt), centre };
}

/** `refused NOT_OPEN, opens 2021-07-24 16:30 HKT`. */
export function refusedWords(code: string, opens: Instant | undefined): Words {
  const next = opens === undefined ? '' : say(', opens {}', '，於 {} 開放', formatHkt(opens));
  return say('refused {}{}', '拒絕 {}{}', code, next);
}
