import type { Commit } from '../../src/domain/change.ts';
import type { ChangeLog } from '../../src/store/log/log.ts';
import { createMemoryLog } from '../../src/store/log/memory-log.ts';

/** A change log whose appends a test can hold up, fail and count. */
export interface TrialLog extends ChangeLog {
  readonly appends: (readonly Commit[])[];
  /** Appends wait from now on until `letGo`. */
  hold(): void;
  letGo(): void;
  /** The next append fails with this and appends nothing. */
  fail(error: Error): void;
  /** Resolves when an append is waiting. */
  held(): Promise<void>;
}

export function trialLog(log: ChangeLog = createMemoryLog()): TrialLog {
  const appends: (readonly Commit[])[] = [];
  const failures: Error[] = [];
  let gate = Promise.withResolvers<void>();
  let arrived = Promise.withResolvers<void>();
  gate.resolve();
  return {
    ...log,
    appends,
    hold() {
      gate = Promise.withResolvers();
      arrived = Promise.withResolvers();
    },
    letGo: () => gate.resolve(),
    fail: (error) => void failures.push(error),
    held: () => arrived.promise,
    async append(commits, expected) {
      arrived.resolve();
      await gate.promise;
      const failure = failures.shift();
      if (failure) throw failure;
      await log.append(commits, expected);
      appends.push(commits);
    },
  };
}

export const diskFull = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
