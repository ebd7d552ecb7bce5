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

/** What the risk platform works with besides the books; both centres share it. */
export interface RiskSetup {
  readonly rules: RiskRules;
  readonly days: RiskDays;
  /** The reports in RAP, by ID (fixtures/orp/reports/). */
  readonly catalogue: ReadonlyMap<string, RiskReportDefinition>;
  /** Start of the books: missed runs are done back to the business day before it. */
  readonly since: Instant;
  /** The random stream for one use, such as risk parameter files. Each call returns a new one with the same draws. */
  readonly chance: (use: string) => Chance;
  /** The user's risk parameter file, used instead of generated ones. */
  readonly userImrpf: UserImrpf | null;
  /** Generated files get made-up instruments up to this number; null = only the market's. */
  readonly imrpfInstruments: number | null;
  /** Risk parameter files in memory. */
  readonly imrpfCache: ImrpfCache;
}

export interface UserImrpf {
  readonly imrpf: Imrpf;
  readonly sha256: string;
  /** The csv, byte for byte, from its beginning. */
  open(): AsyncIterable<Uint8Array>;
  /** Rows after the header row. */
  readonly records: number;
}

/** A risk parameter file, with the business date that it was published for. */
export interface ImrpfInForce {
  readonly imrpf: Imrpf;
  readonly businessDate: MarketDate;
  readonly sha256: string;
}

/** Caches the few files that were used last, by SHA-256 of the csv: with 3,000 instruments one is large. */
export class ImrpfCache {
  readonly #files = new Map<string, Promise<Imrpf>>();
  readonly #most: number;

  constructor(most = 3) {
    this.#most = most;
  }

  /** The file with this digest; calls `read` if it is not in the cache. */
  get(sha256: string, read: () => Promise<Imrpf>): Promise<Imrpf> {
    const cached = this.#files.get(sha256);
    if (cached) {
      // Moves to the end: the file that has been unused longest is dropped first.
      this.#files.delete(sha256);
      this.#files.set(sha256, cached);
      return cached;
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
