import { argv } from 'node:process';

/** What this child process was started with. */
export function argument<T>(): T {
  return JSON.parse(argv[2] ?? 'null') as T;
}

/**
 * Lets this process answer the questions of the one that forked it, until that one lets go. `ready` is told first.
 */
export function answering(
  ready: unknown,
  answers: Readonly<Record<string, (about: never) => unknown>>,
  stop: () => Promise<void> = async () => undefined,
): void {
  const all: Readonly<Record<string, (about: never) => unknown>> = { cpuMs, residentBytes, ...answers };
  process.on('message', async (message) => {
    const { to, what, about } = message as { to: number; what: string; about: never };
    try {
      const answer = all[what];
      if (!answer) throw new Error(`no answer to ${what}`);
      process.send?.({ to, answer: await answer(about) });
    } catch (error) {
      process.send?.({ to, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await stop();
    process.exit(0);
  });
  process.send?.({ to: 0, answer: ready });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
