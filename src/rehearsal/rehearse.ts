import { participantFiles } from '../client/participant-files.ts';
import type { Control } from '../control/control.ts';
import { formatHkt } from '../domain/calendar/calendar.ts';
import type { Rehearsal, RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Instant, MarketDate, Words } from '../domain/nouns/market.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { checkRollBack, playReportsDay } from './after-sessions.ts';
import { chosenSessions } from './chosen-sessions.ts';
import { type Counts, countWords } from './counts.ts';
import { isClosed } from './expected.ts';
import { type ClientUser, chooseParticipants, closeClients } from './participants.ts';
import { createResults, type Outcome, type Results, type Step } from './results.ts';
import { say } from './said.ts';
import { checkClosed, playSession } from './session.ts';
import { granted, type MarketTime, marketTime, type Setting } from './setting.ts';
import { type ClientSession, runUserClient, type UserClient } from './user-client.ts';

export interface RehearseOptions {
  /** Control of the harness, in process or remote; `rehearsal` must be the one it has loaded. */
  readonly control: Control;
  /** The line's address. */
  readonly line: string;
  /** The line's address for SFTP: RAP. */
  readonly sftp: string;
  /** The CA, PEM. */
  readonly ca: string;
  /** The host keys that SFTP may show, as lines of a known_hosts file. */
  readonly knownHosts: string;
  readonly rehearsal: Rehearsal;
  readonly holidays: ReadonlySet<MarketDate>;
  /** Makers to log on as; their participants belong to the harness's market. */
  readonly clientUsers: readonly ClientUser[];
  /** Record layouts by ID. */
  readonly layouts: Readonly<Record<string, unknown>>;
  /** Called with each line of output. */
  readonly print: (line: string) => void;
  /** Resolves once what was printed is taken: a client's output is read no faster. */
  readonly printed?: () => Promise<void>;
  /** Of everything that is printed. Default `en`. */
  readonly language?: keyof Words;
  /** IDs of the sessions to play. Default: all, with `with` those that are not optional. */
  readonly sessions?: readonly string[];
  /** Runs in place of the reference participant. */
  readonly with?: UserClient;
  /** Aborts at the next step; `rehearse` then rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface RehearseResult extends Counts {
  readonly rehearsal: string;
  readonly steps: readonly Step[];
  /** With `with`: what was seen of the client in each session. */
  readonly sessions?: readonly ClientSession[];
}

/**
 * Plays a rehearsal's days in compressed time: market time is frozen and moved from one event to the next, and every
 * task is done over the unchanged line address. Refused (BAD_REQUEST) if there is nothing to play.
 */
export async function rehearse(options: RehearseOptions): Promise<RehearseResult | Refusal> {
  const { control, rehearsal, print, language = 'en', signal } = options;
  const chosen = chosenSessions(rehearsal, options);
  if (isRefusal(chosen)) return chosen;
  granted(await control.clock({ freeze: true }));
  const time = marketTime(control);
  const start = await time.now();
  const sessions = chosen.filter((session) => start <= session.from);
  if (sessions.length === 0) return nothingToPlay(rehearsal, start);

  const results = createResults(print, language, () => {
    signal?.throwIfAborted();
    return time.now();
  });
  print(`${rehearsal.title.en} / ${rehearsal.title.zh}   SIMULATED`);
  for (const { id } of chosen.filter((session) => session.from < start))
    print(say('{} is skipped: market time is past it', '略過 {}：市場時間已過', id)[language]);
  if (options.with) {
    const seen = await runUserClient({ ...options, client: options.with, sessions, time, results, language });
    return { ...summarise(rehearsal, results, print, language), sessions: seen };
  }
  const refusal = await playReference(options, sessions, time, results);
  return refusal ?? summarise(rehearsal, results, print, language);
}

async function playReference(
  options: RehearseOptions,
  sessions: readonly RehearsalSession[],
  time: MarketTime,
  results: Results,
): Promise<Refusal | null> {
  const { control, rehearsal, holidays, clientUsers, layouts } = options;
  const { registered, policy } = granted(await control.registration({}));
  const participants = chooseParticipants(clientUsers, registered, options);
  if (!participants) return nobodyToPlay(rehearsal);
  for (const { participant, rapKeyToRegister: publicKey } of [
    ...participants.attending,
    participants.unregistered,
  ].filter((one) => one !== null))
    if (publicKey !== undefined) granted(await control.addRapKey({ participant, publicKey }));
  const setting: Setting = {
    ...{ rehearsal, holidays, control, time, results, participants, policy },
    before: granted(await control.state({})),
    instructionFile: (file) => participantFiles(layouts).instructions(file),
    books: null,
    typed: null,
    batch: null,
    rolledBack: false,
  };
  try {
    let moment: Instant | null = setting.before.market.at;
    for (const session of sessions) {
      const justBefore = session.from - 1000;
      const moments = [...new Set([moment ?? justBefore, justBefore])].filter(
        (at) => at < session.from && isClosed(setting, at),
      );
      if (moments.length > 0)
        results.part({ en: `Before ${session.name.en}`, zh: `「${session.name.zh}」開始之前` }, null);
      for (const at of moments) {
        await time.moveTo(at);
        await checkRollBack(setting);
        await checkClosed(setting);
      }
      await playSession(setting, session);
      await checkRollBack(setting);
      moment = null;
    }
    const ended = await time.now();
    if (rehearsal.rollBack) await time.moveTo(rehearsal.rollBack.at);
    await checkRollBack(setting);
    const days = rehearsal.reports.filter((day) => day.available > ended).toSorted((a, b) => a.available - b.available);
    for (const day of days) await playReportsDay(setting, day);
    return null;
  } finally {
    closeClients(participants);
  }
}

function summarise(
  { id, sessions }: Rehearsal,
  results: Results,
  print: (line: string) => void,
  language: keyof Words,
): RehearseResult {
  const steps = results.steps();
  const counts = (some: readonly Step[]): Counts => {
    const count = (outcome: Outcome) => some.filter((step) => step.outcome === outcome).length;
    return { done: count('OK'), failed: count('FAIL'), empty: count('EMPTY'), undone: count('UNDONE') };
  };
  print('');
  for (const session of sessions) {
    const own = steps.filter((step) => step.session === session.id);
    if (own.length > 0) print(say('{}: {}', '{}：{}', session.name, countWords(counts(own)))[language]);
  }
  for (const step of steps.filter(({ outcome }) => outcome === 'FAIL' || outcome === 'UNDONE')) {
    const { what, came } = language === 'zh' ? step.zh : step;
    print(`${step.outcome}  ${step.hongKong}  ${say('{}: {}', '{}：{}', what, came)[language]}`);
  }
  return { rehearsal: id, ...counts(steps), steps };
}

function nothingToPlay({ id, sessions }: Rehearsal, now: Instant): Refusal {
  if (sessions.length === 0) {
    return refuse('BAD_REQUEST', {
      en: `${id} has no sessions to play. Rehearse one that has sessions, such as: rehearse 2021-07-24; or try your client against it: exec -- COMMAND`,
      zh: `${id} 並無演習時段。請改用設有時段的演習，例如：rehearse 2021-07-24；或直接以客戶端測試：exec -- 命令`,
    });
  }
  return refuse('BAD_REQUEST', {
    en: `Market time is ${formatHkt(now)}, past the start of every session of ${id}. Start earlier: leave --at and --data out.`,
    zh: `市場時間為 ${formatHkt(now)}，已超過 ${id} 所有時段的開始時間。請略去 --at 及 --data，以較早的時間開始。`,
  });
}

function nobodyToPlay({ id }: Rehearsal): Refusal {
  return refuse('BAD_REQUEST', {
    en: `No participant registered for ${id} has a maker. Register one that has in the rehearsal file, or add a maker to the market.`,
    zh: `已登記參加 ${id} 的參與者均無可用的用戶。請於演習檔案登記參與者，或在市場資料中加入其輸入用戶。`,
  });
}
