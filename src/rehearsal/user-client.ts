import { spawn } from 'node:child_process';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Results } from './results.ts';
import { titleOf } from './session.ts';
import type { MarketTime } from './setting.ts';

/** The user's client: a shell command, run once in each session while market time is frozen. */
export interface UserClient {
  readonly command: string;
  /** Its environment, without CCASS_HARNESS_SESSION (the session's ID). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface UserClientRun {
  readonly client: UserClient;
  readonly sessions: readonly RehearsalSession[];
  readonly time: MarketTime;
  readonly results: Results;
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Runs the command in each session; an exit code other than 0 fails it. Its output is printed as it comes. */
export async function runUserClient({ client, sessions, time, results, print, signal }: UserClientRun): Promise<void> {
  print(`your client: ${client.command}`);
  for (const session of sessions) {
    await time.moveTo(session.from);
    results.part(titleOf(session), session.id, session.tasks);
    await results.step('your client', async () => {
      const ending = await run(client, session.id, print, signal);
      return { outcome: ending === 'exit code 0' ? 'OK' : 'FAIL', came: ending, centre: session.centre };
    });
    await time.moveTo(session.to);
  }
}

/** How the command ended, in words. */
function run(
  client: UserClient,
  session: string,
  print: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(client.command, {
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...client.environment, CCASS_HARNESS_SESSION: session },
      ...(signal ? { signal } : {}),
    });
    const ends = [child.stdout, child.stderr].map((stream) => {
      const lines = linesTo((line) => print(`  | ${line}`));
      stream.setEncoding('utf8').on('data', lines.take);
      return lines.end;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, by) => {
      for (const end of ends) end();
      resolve(code === null ? `ended by ${by}` : `exit code ${code}`);
    });
  });
}

function linesTo(print: (line: string) => void) {
  let rest = '';
  return {
    take(text: string) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
    },
    end() {
      if (rest !== '') print(rest);
    },
  };
}
