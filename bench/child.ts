import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A process of its own that answers questions (answering.ts). */
export interface Child {
  /** What it said as it was ready. */
  readonly ready: unknown;
  /** Rejects with what it complained of. */
  ask<T>(what: string, about?: unknown): Promise<T>;
  /** User and system time of all its threads so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** After a garbage collection, whose time is the next interval's: ask for it outside of what is measured. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

const HERE = new URL('..', import.meta.url);
let checkout = HERE;

/** The repository whose `bench/servers` and sources are measured: this one, or another checkout while `work` starts a subject. */
export const measuredCheckout = (): URL => checkout;

/** Runs `work` with another checkout as the one that is measured. One at a time. */
export async function inCheckout<T>(folder: string, work: () => Promise<T>): Promise<T> {
  checkout = pathToFileURL(`${resolve(folder)}/`);
  try {
    return await work();
  } finally {
    checkout = HERE;
  }
}

/** Starts `bench/<file>` with an argument that is plain data; resolves when it is ready. */
export async function startChild(file: string, argument: unknown, flags: readonly string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(new URL(`bench/${file}`, checkout)), [JSON.stringify(argument)], {
    execArgv: ['--expose-gc', ...flags],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;
  let over: Error | null = null;
  const first = Promise.withResolvers<unknown>();
  waiting.set(0, first);
  child.on('message', (message) => {
    const { to, answer, error } = message as { to: number; answer: unknown; error?: string };
    const waits = waiting.get(to);
    waiting.delete(to);
    if (error === undefined) waits?.resolve(answer);
    else waits?.reject(new Error(`${file}: ${error}`));
  });
  const exit = once(child, 'exit').then(([code, signal]) => {
    over = new Error(`${file} ended with ${code ?? signal}`);
    for (const { reject } of waiting.values()) reject(over);
  });
  async function ask<T>(what: string, about?: unknown): Promise<T> {
    if (over) throw over;
    const waits = Promise.withResolvers<unknown>();
    waiting.set(++asked, waits);
    child.send({ to: asked, what, about: about ?? null });
    return (await waits.promise) as T;
  }
  return {
    ready: await first.promise,
    ask,
    cpuMs: () => ask<number>('cpuMs'),
    residentBytes: () => ask<number>('residentBytes'),
    async stop() {
      child.disconnect();
      await exit;
    },
  };
}
