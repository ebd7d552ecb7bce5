import type { Running, Subject } from './benchmark.ts';
import { type Child, startChild } from './child.ts';
import type { Load, Loaded } from './load.ts';

/** What a server of servers/ says as it is ready. */
export interface Serving {
  readonly url: string;
  readonly ca: string;
}

/**
 * A server in its own process under load from another one. Its figure is what it did per second of its own processor
 * time, the load generator's left out: on a machine that others use too, wall time says little.
 */
export function underLoad(
  name: string,
  file: string,
  argument: unknown,
  kind: 'requests' | 'handshakes',
  load: (server: Child, ready: Serving) => Promise<Load>,
): Subject {
  return {
    name,
    async start(): Promise<Running> {
      const server = await startChild(file, argument);
      const generator = await startChild('load.ts', null);
      const asked = await load(server, server.ready as Serving);
      return {
        async measure() {
          const before = await server.cpuMs();
          const { sortedMs } = await generator.ask<Loaded>(kind, asked);
          const after = await server.cpuMs();
          return {
            rate: asked.count / ((after - before) / 1000),
            ...(sortedMs.length > 0 ? { p99Ms: sortedMs[Math.floor(sortedMs.length * 0.99)] ?? 0 } : {}),
          };
        },
        async stop() {
          await generator.stop();
          await server.stop();
        },
      };
    },
  };
}

/** Work in a process of its own whose `measure` answers with the figures of one round. */
export function work(name: string, file: string, argument: unknown, flags: readonly string[] = []): Subject {
  return {
    name,
    async start(): Promise<Running> {
      const child = await startChild(file, argument, flags);
      return { measure: () => child.ask<Record<string, number>>('measure'), stop: () => child.stop() };
    },
  };
}
