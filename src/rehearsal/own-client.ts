import { spawn } from 'node:child_process';
import type { RehearsalSession } from '../domain/calendar/rehearsal.ts';
import type { Score } from './score.ts';
import { titleOf } from './session.ts';
import type { MarketTime } from './stage.ts';

/** The participant's own client: a shell command, run once in each session while market time stands still. */
export interface OwnClient {
  readonly command: string;
  /** All of its environment but CCASS_HARNESS_SESSION, which is the session's ID. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface OwnClientPlay {
  readonly client: OwnClient;
  readonly sessions: readonly RehearsalSession[];
  readonly time: MarketTime;
  readonly score: Score;
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Runs the command in each session; an exit code other than 0 fails it. Its output is printed as it comes. */
export async function playOwnClient({ client, sessions, time, score, print, signal }: OwnClientPlay): Promise<void> {
  print(`your client: ${client.command}`);
  for (const session of sessions) {
    await time.moveTo(session.from);
    score.part(titleOf(session), session.id);
    await score.step('your client', async () => {
      const came = await run(client, session.id, print, signal);
      return { ok: came === 'exit code 0', came, centre: session.centre };
    });
    await time.moveTo(session.to);
  }
}

/** How the command ended, in words. */
function run(client: OwnClient, session: string, print: (line: string) => void, signal?: AbortSignal): Promise<string> {
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

function linesTo(tell: (line: string) => void) {
  let rest = '';
  return {
    take(text: string) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) tell(line);
    },
    end() {
      if (rest !== '') tell(rest);
    },
  };
}
