import { constants, PerformanceObserver } from 'node:perf_hooks';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { packetSent } from '../../src/commands/packet-garbage.ts';

const MIB = 1024 * 1024;

interface Collection {
  readonly detail: { readonly kind: number; readonly flags: number };
}

test('what is young is collected every four megabytes sent, and V8 is left as it was', async () => {
  const exposed = runInNewContext('typeof gc');
  const { promise, resolve } = Promise.withResolvers<number>();
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as Collection[]) {
      if (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) resolve(detail.kind);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  packetSent(4 * MIB);
  expect(await promise).toBe(constants.NODE_PERFORMANCE_GC_MINOR);
  observer.disconnect();
  expect(runInNewContext('typeof gc')).toBe(exposed);
});
