/** Waits for the work under way: requests over HTTPS, transfers over SFTP. */
export interface Finishing {
  /** Call it whenever a piece of the work ends. */
  done(): void;
  /** Resolves when nothing is under way, or after `deadlineMs` of wall time. */
  finished(deadlineMs: number): Promise<void>;
}

/** `underWay` returns the count at the time of each call. */
export function createFinishing(underWay: () => number): Finishing {
  const waiting = new Set<() => void>();
  return {
    done() {
      if (waiting.size > 0 && underWay() === 0) for (const resolve of waiting) resolve();
    },
    async finished(deadlineMs) {
      if (underWay() === 0) return;
      await new Promise<void>((resolve) => {
        const settle = () => {
          waiting.delete(settle);
          resolve();
        };
        waiting.add(settle);
        AbortSignal.timeout(deadlineMs).addEventListener('abort', settle, { once: true });
      });
    },
  };
}
