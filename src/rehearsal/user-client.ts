import { spawn } from 'node:child_process';
import type { Control } from '../control/control.ts';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Words } from '../domain/nouns/market.ts';
import type { Results, StepResult } from './results.ts';
import { joined, type Said, say } from './said.ts';
import { notSeen, seenSince, type Unseen } from './seen.ts';
import type { Seen } from './seen-entries.ts';
import { seenLines, undoneWords } from './seen-words.ts';
import { titleOf } from './session.ts';
import { granted, type MarketTime } from './setting.ts';

/** The user's client: a shell command, run once in each session while market time is frozen. */
export interface UserClient {
  readonly command: string;
  /** Its environment, without what `sessionEnvironment` adds. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The variables of one session: CCASS_HARNESS_SESSION (its ID) and the file of its tasks. */
  readonly sessionEnvironment?: (session: RehearsalSession) => Promise<Readonly<Record<string, string>>>;
  /** How long it may take in each session, in wall time; without it for ever. */
  readonly limit?: ClientLimit;
}

/** A client that does not end is ended: asked to when `expired` aborts, killed when `killed` does. */
export interface ClientLimit {
  /** Such as `10m`. */
  readonly text: string;
  /** Begin to count when they are called. */
  readonly expired: () => AbortSignal;
  readonly killed: () => AbortSignal;
}

/** What was seen of the client in a session. */
export interface ClientSession {
  readonly session: string;
  /** How it ended, such as `exit code 0`. */
  readonly ending: string;
  readonly seen: Seen;
  readonly notSeen: readonly Unseen[];
  /** Why none of the tasks was done; null if something was. */
  readonly undone: Words | null;
}

interface UserClientRun {
  readonly control: Control;
  readonly client: UserClient;
  readonly sessions: readonly RehearsalSession[];
  readonly time: MarketTime;
  readonly results: Results;
  readonly language: keyof Words;
  readonly print: (line: string) => void;
  /** Resolves once what was printed is taken; until then no more of the client's output is read. */
  readonly printed?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Runs the command in each session. Its output is printed as it comes, then what the journal shows of it. An exit code other
 * than 0 fails the session; a client that did not log on, or whose every row was refused, leaves it undone.
 */
export async function runUserClient(running: UserClientRun): Promise<readonly ClientSession[]> {
  const { control, client, sessions, time, results, language, print } = running;
  print(say('your client: {}', '閣下的客戶端：{}', client.command)[language]);
  const all: ClientSession[] = [];
  for (const session of sessions) {
    await time.moveTo(session.from);
    results.part(titleOf(session), session.id, session.tasks);
    await results.step(say('your client', '閣下的客戶端'), async () => {
      const { last } = granted(await control.journal({ limit: 1 }));
      const ending = await run(session, running);
      await time.settle();
      const seen = await seenSince(control, last);
      for (const line of seenLines(session, seen)) print(`  ${line[language]}`);
      const undone = undoneWords(seen);
      all.push({ session: session.id, ending: ending.says.en, seen, notSeen: notSeen(session, seen), undone });
      return resultOf(session, ending, undone);
    });
    await time.moveTo(session.to);
  }
  return all;
}

function resultOf({ centre }: RehearsalSession, { ok, says }: Ending, undone: Words | null): StepResult {
  const came: Said = undone === null ? says : joined([says, undone]);
  return { outcome: !ok ? 'FAIL' : undone === null ? 'OK' : 'UNDONE', came, centre };
}

interface Ending {
  readonly ok: boolean;
  readonly says: Words;
}

/** How the command ended. */
async function run(
  session: RehearsalSession,
  { client, print, printed, signal }: Pick<UserClientRun, 'client' | 'print' | 'printed' | 'signal'>,
): Promise<Ending> {
  const { command, environment, sessionEnvironment, limit } = client;
  const own = (await sessionEnvironment?.(session)) ?? { CCASS_HARNESS_SESSION: session.id };
  return new Promise((resolve) => {
    // In a group of its own, so that what the shell started ends with it.
    const child = spawn(command, {
      shell: true,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...own },
    });
    let [isExpired, hadExited, isOver] = [false, false, false];
    // Later another process may have its ID.
    const end = (by: NodeJS.Signals) => void (isOver || endGroup(child.pid, by));
    const stop = () => {
      end('SIGTERM');
      if (!limit) return;
      whenAborted(limit.killed(), () => {
        end('SIGKILL');
        // What left the group, such as a daemon, may hold them for ever.
        child.stdout.destroy();
        child.stderr.destroy();
      });
    };
    if (signal) whenAborted(signal, stop);
    if (limit)
      whenAborted(limit.expired(), () => {
        isExpired = true;
        hadExited = child.exitCode !== null || child.signalCode !== null;
        stop();
      });
    const ends = [child.stdout, child.stderr].map((stream) => {
      const lines = linesTo((line) => print(`  | ${line}`));
      stream.setEncoding('utf8').on('data', (text: string) => {
        lines.take(text);
        if (!printed) return;
        stream.pause();
        void printed().then(() => stream.resume());
      });
      return lines.end;
    });
    const ended = (ok: boolean, says: Words) => {
      isOver = true;
      signal?.removeEventListener('abort', stop);
      for (const finish of ends) finish();
      resolve({ ok, says });
    };
    child.once('error', ({ message }) => ended(false, { en: message, zh: message }));
    child.once('close', (code, by) => {
      if (isExpired && limit) return ended(false, (hadExited ? heldWords : expiredWords)(limit));
      if (code === null) return ended(false, say('ended by {}', '被 {} 終止', by ?? ''));
      ended(code === 0, say('exit code {}', '結束碼 {}', code));
    });
  });
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

function expiredWords({ text }: ClientLimit): Words {
  return say(
    'it had not ended after {} and was ended; --client-limit gives it more time',
    '{} 後仍未結束，已被終止；可用 --client-limit 延長',
    text,
  );
}

function heldWords({ text }: ClientLimit): Words {
  return say(
    'it ended, but something that it left running still held its output open after {}; have the client end it, or redirect its output',
    '客戶端已結束，但 {} 後其留下的程序仍佔用其輸出；請讓客戶端終止該程序，或重新導向其輸出',
    text,
  );
}

/** Signals the group of a process, or the process alone where the system has no groups. */
function endGroup(pid: number | undefined, by: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, by);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A line of the client's output is cut into pieces of this many characters, so that one without an end takes no memory. */
const LONGEST_LINE = 16_384;

function linesTo(print: (line: string) => void) {
  let rest = '';
  return {
    take(text: string) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
      for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) print(rest.slice(0, LONGEST_LINE));
    },
    end() {
      if (rest !== '') print(rest);
      rest = '';
    },
  };
}
