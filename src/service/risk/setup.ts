import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { Instant, MarketDate } from '../../domain/nouns/market.ts';
import type { RiskReportDefinition } from '../../domain/risk/risk-catalogue.ts';
import type { RiskRules } from '../../domain/risk/risk-rules.ts';
import type { RiskDays } from '../../domain/risk/risk-schedule.ts';

/** A seeded stream (testbed/random.ts). */
export interface Chance {
  next(): number;
  integer(from: number, to: number): number;
}

/** What the risk platform of a centre works with besides its books; both centres share it. */
export interface RiskSetup {
  readonly rules: RiskRules;
  readonly days: RiskDays;
  /** The reports in RAP, by ID (fixtures/orp/reports/). */
  readonly catalogue: ReadonlyMap<string, RiskReportDefinition>;
  /** Start of the books: the runs of the business day before it are made good. */
  readonly since: Instant;
  /** The stream of one use, such as risk parameter files: a new one at each call, always the same draws. */
  readonly chance: (use: string) => Chance;
  /** The user-supplied risk parameter file, used instead of generated ones. */
  readonly userImrpf: UserImrpf | null;
  /** Instruments of a generated file, up to which made-up ones are added; null = those of the market. */
  readonly imrpfInstruments: number | null;
  /** Files in memory, by the SHA-256 of their csv. */
  readonly imrpfCache: ImrpfCache;
}

export interface UserImrpf {
  readonly imrpf: Imrpf;
  readonly sha256: string;
  /** The csv as it came, from its beginning. */
  open(): AsyncIterable<Uint8Array>;
  /** Rows after the header row. */
  readonly records: number;
}

/** A risk parameter file, and the business date that it was published for. */
export interface ImrpfInForce {
  readonly imrpf: Imrpf;
  readonly businessDate: MarketDate;
  readonly sha256: string;
}

/** Caches the last few files; one with 3,000 instruments is large. */
export class ImrpfCache {
  readonly #files = new Map<string, Promise<Imrpf>>();
  readonly #most: number;

  constructor(most = 3) {
    this.#most = most;
  }

  /** The file with this digest, read by `read` unless it is cached. */
  get(sha256: string, read: () => Promise<Imrpf>): Promise<Imrpf> {
    const here = this.#files.get(sha256);
    if (here) {
      // To the end: the least recently used file is evicted first.
      this.#files.delete(sha256);
      this.#files.set(sha256, here);
      return here;
    }
    const reading = read();
    this.#files.set(sha256, reading);
    reading.catch(() => this.#files.delete(sha256));
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= this.#most) break;
      this.#files.delete(oldest);
    }
    return reading;
  }
}
