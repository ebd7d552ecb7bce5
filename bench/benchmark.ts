/**
 * What a benchmark is: a floor (the least that any program would do), peers (other programs that do it), us, and the ratio
 * that we hold ourselves to. Every subject is started once and then measured in turn, A B A B, so that whatever else the
 * machine does meanwhile strikes all of them alike.
 */
export interface Benchmark {
  /** What is measured, in a line. */
  readonly what: string;
  /** Figure name -> its unit and what is wanted of it. `measure` of every subject tells them by these names. */
  readonly figures: Readonly<Record<string, Figure>>;
  readonly floor: Subject | null;
  readonly peers: readonly Subject[];
  readonly us: Subject;
}

export interface Figure {
  /** Such as `ms` or `requests/s of CPU`. */
  readonly unit: string;
  readonly targets: readonly Target[];
}

/** What our figure must be, as a multiple of another subject's, or by itself where no subject is named. */
export type Target = { readonly of?: string } & ({ readonly atLeast: number } | { readonly atMost: number });

export interface Subject {
  readonly name: string;
  /** Resolves with words where it cannot be measured here: `not installed`. */
  start(): Promise<Running | string>;
}

export interface Running {
  /** One measurement: the figures that this subject has. */
  measure(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** One subject's measurements of one figure, in order of the rounds. */
export type Values = readonly number[];

export interface Measured {
  readonly name: string;
  readonly role: 'floor' | 'peer' | 'us';
  /** Why it was not measured, if it was not. */
  readonly skipped: string | null;
  readonly figures: Readonly<Record<string, Values>>;
}

/** Measures every subject in each round, one after the other; the first round warms up and does not count. */
export async function measure(
  benchmark: Benchmark,
  rounds: number,
  told: (words: string) => void,
): Promise<readonly Measured[]> {
  const subjects = [
    ...(benchmark.floor ? [{ role: 'floor', subject: benchmark.floor } as const] : []),
    ...benchmark.peers.map((subject) => ({ role: 'peer', subject }) as const),
    { role: 'us', subject: benchmark.us } as const,
  ];
  const open = new AsyncDisposableStack();
  try {
    const started = [];
    for (const { role, subject } of subjects) {
      told(`${subject.name}: starts`);
      const running = await subject.start();
      if (typeof running !== 'string') open.defer(() => running.stop());
      started.push({ role, name: subject.name, running, figures: {} as Record<string, number[]> });
    }
    for (let round = 0; round <= rounds; round++) {
      for (const { name, running, figures } of started) {
        if (typeof running === 'string') continue;
        told(`${name}: ${round === 0 ? 'warms up' : `round ${round} of ${rounds}`}`);
        const values = await running.measure();
        if (round === 0) continue;
        for (const [figure, value] of Object.entries(values)) {
          const all = figures[figure] ?? [];
          figures[figure] = [...all, value];
        }
      }
    }
    return started.map(({ role, name, running, figures }) => ({
      role,
      name,
      skipped: typeof running === 'string' ? running : null,
      figures,
    }));
  } finally {
    await open.disposeAsync();
  }
}
